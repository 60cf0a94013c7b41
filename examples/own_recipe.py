"""Trains a small network of one's own on a folder of pictures, exports it, and uses it.

python examples/own_recipe.py PICTURES WORK_FOLDER grandma.jpg
"""

import sys
from pathlib import Path

from photochrom import Colorizer
from photochrom.recipes import find_recipe
from photochrom.training.loop import train
from photochrom.training.progress import ProgressLine
from photochrom.training.recipe_file import read_recipe
from photochrom.weights.export import export

pictures, work, photo = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
overrides = [
    "name=small",
    "encoder.pretrained=none",
    "network.options.widths=[32, 32, 32, 32]",
    "data.size=32",
    "data.workers=0",
    "training.images=64",
    "training.batch_size=8",
]
recipe = read_recipe(find_recipe("photochrom"), overrides)
result = train(recipe, [pictures], work / "run", progress=ProgressLine(), device="cpu")
model = export(result.checkpoint, work / "small.onnx")
print(model.path, Colorizer(model.path)(photo))
