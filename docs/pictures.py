"""Makes the pictures of the documentation with the installed photochrom.

    python docs/pictures.py [--model NAME_OR_FILE] [--vividness 0..1]

The photographs are scikit-image's and one of matplotlib's. Those in color are made gray here, so
that their true colors are known, or made look old; of the others nobody knows them.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

from control_pictures import CURVE, HEIGHT, control_rows, draw_curve
from old_prints import old_prints
from photochrom import Colorizer

FOLDER = Path(__file__).resolve().parent / "pictures"
HINT_RESULTS = FOLDER.parents[1] / "benchmarks" / "results" / "hints.json"
IN_COLOR = ("astronaut", "coffee", "chelsea", "rocket")
WELL = ("camera", "grass", "astronaut", "rocket")
WRONG = ("coffee", "brick", "retina", "immunohistochemistry")
GAP = 6
WHITE = (255, 255, 255)

Column = tuple[Image.Image, Image.Image, Image.Image | None]


def colorized(name: str, colorizer: Colorizer) -> Column:
    """A photograph before, after, and as it really was, if that is known."""
    pixels = np.asarray(getattr(data, name)())
    original = Image.fromarray(pixels if pixels.ndim == 2 else pixels[..., :3])
    gray = original.convert("L")
    return gray.convert("RGB"), colorizer(gray), original if pixels.ndim == 3 else None


def restored(photo: Image.Image, colorizer: Colorizer) -> Column:
    """An old print before and after."""
    return photo.convert("RGB"), colorizer(photo), None


def scaled(image: Image.Image, height: int) -> Image.Image:
    """The image at a height, its shape kept."""
    width = round(image.width * height / image.height)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def beside(images: Sequence[Image.Image]) -> Image.Image:
    """Images in a row, their tops aligned."""
    width = sum(image.width for image in images) + GAP * (len(images) - 1)
    sheet = Image.new("RGB", (width, max(image.height for image in images)), WHITE)
    left = 0
    for image in images:
        sheet.paste(image, (left, 0))
        left += image.width + GAP
    return sheet


def below(images: Sequence[Image.Image]) -> Image.Image:
    """Images in a column, their left edges aligned."""
    height = sum(image.height for image in images) + GAP * (len(images) - 1)
    sheet = Image.new("RGB", (max(image.width for image in images), height), WHITE)
    top = 0
    for image in images:
        sheet.paste(image, (0, top))
        top += image.height + GAP
    return sheet


def strip(columns: Sequence[Column], *, rows: int = 2, height: int = 280) -> Image.Image:
    """The gray photographs, below them the colorized ones, in a third row the true colors."""
    shown = [[column[row] or Image.new("RGB", column[0].size, WHITE) for column in columns]
             for row in range(rows)]  # fmt: skip
    return below([beside([scaled(image, height) for image in images]) for images in shown])


def main() -> None:
    """Write all pictures; those of hints only with a model that takes some."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="photochrom")
    parser.add_argument("--vividness", type=float)
    parser.add_argument("--out", type=Path, default=FOLDER)
    args = parser.parse_args()
    colorizer = Colorizer(args.model, vividness=args.vividness)
    named = dict.fromkeys((*IN_COLOR, *WELL, *WRONG))
    made = {name: colorized(name, colorizer) for name in named}
    args.out.mkdir(parents=True, exist_ok=True)
    pictures = {
        "before-after": strip(
            [made["camera"], *(restored(one, colorizer) for one in old_prints())]
        ),
        "comparison": strip([made[name] for name in IN_COLOR], rows=3),
        "well": strip([made[name] for name in WELL], height=240),
        "wrong": strip([made[name] for name in WRONG], rows=3, height=240),
    }
    if "hints" in colorizer.session.card.inputs:
        rows = control_rows(args.model)
        pictures |= {n: beside([scaled(one, HEIGHT) for one in row]) for n, row in rows.items()}
    for name, picture in pictures.items():
        path = args.out / f"{name}.jpg"
        picture.save(path, quality=88, optimize=True)
        print(f"{path}: {picture.width} x {picture.height}, {path.stat().st_size // 1000} kB")
    if HINT_RESULTS.is_file():
        draw_curve(HINT_RESULTS, args.out / CURVE)


if __name__ == "__main__":
    main()
