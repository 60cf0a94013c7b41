"""Makes the pictures of the documentation with the installed photochrom.

    python docs/pictures.py [--model NAME_OR_FILE] [--vividness 0..1]

The photographs are scikit-image's, made gray here, so that the true colors are known.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

from control_pictures import CURVE, HEIGHT, control_rows, draw_curve
from photochrom import Colorizer

FOLDER = Path(__file__).resolve().parent / "pictures"
HINT_RESULTS = FOLDER.parents[1] / "benchmarks" / "results" / "hints.json"
NAMES = ("astronaut", "coffee", "chelsea", "rocket")
GAP = 6
WHITE = (255, 255, 255)

Triple = tuple[Image.Image, Image.Image, Image.Image]


def colorized(name: str, colorizer: Colorizer) -> Triple:
    """A photograph before, after, and as it really was."""
    original = Image.fromarray(np.asarray(getattr(data, name)())[..., :3])
    gray = original.convert("L")
    return gray.convert("RGB"), colorizer(gray), original


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


def strip(triples: Sequence[Triple], *, height: int = 280) -> Image.Image:
    """As wide as a page: the gray photographs, and below them the colorized ones."""
    return below([beside([scaled(triple[row], height) for triple in triples]) for row in (0, 1)])


def comparison(triples: Sequence[Triple], *, height: int = 320) -> Image.Image:
    """A row for each photograph: before, after, and small the true colors."""
    return below(
        [
            beside([scaled(before, height), scaled(after, height), scaled(truth, height // 2)])
            for before, after, truth in triples
        ]
    )


def main() -> None:
    """Write all pictures; those of hints only with a model that takes some."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="photochrom")
    parser.add_argument("--vividness", type=float)
    parser.add_argument("--out", type=Path, default=FOLDER)
    args = parser.parse_args()
    colorizer = Colorizer(args.model, vividness=args.vividness)
    triples = [colorized(name, colorizer) for name in NAMES]
    args.out.mkdir(parents=True, exist_ok=True)
    pictures = {"before-after": strip(triples), "comparison": comparison(triples)}
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
