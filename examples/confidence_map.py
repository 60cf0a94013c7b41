"""Where is the model sure of its colors? Writes a gray map: white is sure, black is a guess.

python examples/confidence_map.py grandma.jpg map.png
"""

import sys

import numpy as np
from PIL import Image

import photochrom
from photochrom.inference.confidence import confidence_of
from photochrom.photo.decode import read

photo = read(sys.argv[1])
confidence = confidence_of(photochrom.Colorizer(), photo)
levels = Image.fromarray((confidence * 255).astype(np.uint8))
levels.resize((photo.width, photo.height), Image.Resampling.BICUBIC).save(sys.argv[2])
