"""Where is the model sure of its colors? Writes a gray map: white is sure, black is a guess.

python examples/confidence_map.py grandma.jpg map.png
"""

import sys

import numpy as np
from PIL import Image

import photochrom
from photochrom.inference.view import crop_output, network_input, reduced_luma, view_size
from photochrom.photo.decode import read

photo = read(sys.argv[1])
session = photochrom.load_model()
size = view_size(photo.height, photo.width, session.card.working_size)
lightness = network_input(reduced_luma(photo.luma, size), session.card.multiple_of)
chroma = session.run(lightness)
confidence = crop_output(chroma.confidence[0], size, lightness.shape[2:])[0]
levels = Image.fromarray((confidence * 255).astype(np.uint8))
levels.resize((photo.width, photo.height), Image.Resampling.BICUBIC).save(sys.argv[2])
