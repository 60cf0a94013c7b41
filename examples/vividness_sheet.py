"""One photograph at several places of the vividness dial, side by side.

python examples/vividness_sheet.py grandma.jpg sheet.jpg
"""

import sys

from PIL import Image

from photochrom import Colorizer

gray = Image.open(sys.argv[1]).convert("L")
gray.thumbnail((400, 400))
steps = [Colorizer(vividness=step / 4)(gray) for step in range(5)]
sheet = Image.new("RGB", (gray.width * 5, gray.height))
for index, step in enumerate(steps):
    sheet.paste(step, (index * gray.width, 0))
sheet.save(sys.argv[2])
