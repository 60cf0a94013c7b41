"""One sheet of many photographs without showing any: the true palette of each above what it became.

    python benchmarks/palettes.py --data DIR_OR_SHARDS [--model photochrom] [--count 60]
        [--out docs/results/palettes.png]

Photographs that may be judged on but not passed on can still be looked at in this way. Each is
parted into its true colors; below each color lies what the model gave to the same pixels in the
mean, as wide as their share of the picture. The photographs that came nearest the truth come first,
column by column.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from known_truth import images
from PIL import Image, ImageDraw

from photochrom.color.spaces import LUMA
from photochrom.evaluation.auc import AbErrors
from photochrom.evaluation.pair import lab_of
from photochrom.evaluation.runner import Trial
from photochrom.judging.models import judged_models

COLORS = 8
COLUMNS = 4
WIDTH, BAR, GAP = 236, 15, 12

Bars = list[tuple[float, np.ndarray, np.ndarray]]
"""Share of the picture, true color and guessed color, from dark to light."""


def bars(true: np.ndarray, guessed: np.ndarray) -> Bars:
    """The palette of sRGB ``(3, H, W)`` uint8 and what became of it in another."""
    image = Image.fromarray(np.ascontiguousarray(true.transpose(1, 2, 0)))
    part = np.asarray(image.quantize(COLORS, method=Image.Quantize.MEDIANCUT, kmeans=8)).ravel()
    pixels = [rgb.reshape(3, -1).astype(np.float64) for rgb in (true, guessed)]
    found = []
    for color in np.unique(part):
        inside = part == color
        one, other = (rgb[:, inside].mean(1) for rgb in pixels)
        found.append((float(inside.mean()), one, other))
    return sorted(found, key=lambda bar: float(bar[1] @ LUMA))


def drawn(palettes: list[Bars]) -> Image.Image:
    """The sheet."""
    rows = -(-len(palettes) // COLUMNS)
    size = (COLUMNS * (WIDTH + GAP) + GAP, rows * (2 * BAR + GAP) + GAP)
    sheet = Image.new("RGB", size, (255, 255, 255))
    draw = ImageDraw.Draw(sheet)
    for place, palette in enumerate(palettes):
        left = GAP + place // rows * (WIDTH + GAP)
        top = GAP + place % rows * (2 * BAR + GAP)
        ends = left + np.rint(WIDTH * np.cumsum([0, *(share for share, *_ in palette)]))
        for start, end, (_, *colors) in zip(ends, ends[1:], palette, strict=False):
            for row, color in enumerate(colors):
                box = (start, top + row * BAR, end - 1, top + row * BAR + BAR - 1)
                if end > start:
                    draw.rectangle(box, fill=tuple(int(v) for v in np.rint(color)))
    return sheet


def main() -> None:
    """Color, part, draw, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", required=True)
    parser.add_argument("--model", default="photochrom")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--out", type=Path, default=Path("docs/results/palettes.png"))
    args = parser.parse_args()
    methods = judged_models((args.model,), size=None, calibration=False)
    trial = Trial(tuple(args.data), methods, (), limit=args.count)
    colorize = methods[0].open()
    found = []
    for image in images(trial):
        true, gray = trial.view.of(image)
        guessed = colorize(gray).rgb
        errors = AbErrors()
        errors.add(lab_of(guessed)[1:], lab_of(true)[1:])
        found.append((errors.auc(), bars(true, guessed)))
    found.sort(key=lambda one: -one[0])
    drawn([palette for _, palette in found]).save(args.out, optimize=True)
    print(f"{args.out}: AuC from {found[0][0]:.1f} to {found[-1][0]:.1f}")


if __name__ == "__main__":
    main()
