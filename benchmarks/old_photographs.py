"""What a model makes of old photographs, whose colors nobody knows, and of our own seen as by film.

    python benchmarks/old_photographs.py [--photographs FOLDER] [--other NAME=FOLDER ...]
        [--model photochrom ...] [--out benchmarks/results/old-photographs.json]

Nobody can say which colors are right, but how many there are can be counted: the shares of gray
and of eight hues, colorfulness, and how blotched what is plain comes out. ``--other`` is a folder
of what another program made of the same photographs, by the same names. Beside them stand
scikit-image's free photographs on the gray of old film, whose true colors are known.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from saving import save
from skimage import data

from photochrom import Colorizer, __version__
from photochrom.evaluation.cards import build_metric
from photochrom.evaluation.hues import NAMES, count_hues, sector_shares
from photochrom.evaluation.pair import Pair
from photochrom.evaluation.view import View

IN_COLOR = ("astronaut", "chelsea", "coffee", "rocket")
FILMS = ("panchromatic", "orthochromatic", "blue-sensitive")
LONGEST = 640
"""Pixels of the longer side at which all are looked at."""

Ways = dict[str, Callable[[Image.Image, str], Image.Image]]


def figures(found: Image.Image, gray: Image.Image) -> dict[str, Any]:
    """Colorfulness, blotches, and shares of hues in percent."""
    seen = gray.copy()
    seen.thumbnail((LONGEST, LONGEST))
    rgb, plain = (
        np.asarray(image.convert("RGB").resize(seen.size, Image.Resampling.BOX)).transpose(2, 0, 1)
        for image in (found, gray)
    )
    pair, blotches = Pair(rgb, plain), build_metric("blotches")
    shares = sector_shares(count_hues(pair.predicted_lab, pair.predicted_chroma))
    value = blotches.figure(blotches.measure(pair), 1)
    return {
        "colorfulness": round(pair.predicted_colorfulness, 2),
        "blotches": None if np.isnan(value) else round(value, 2),
        "shares": {name: round(100 * share, 1) for name, share in zip(NAMES, shares, strict=True)},
    }


def old(folder: Path, ways: Ways) -> Iterator[dict[str, Any]]:
    """Rows of the photographs in a folder."""
    for path in sorted(folder.iterdir()):
        with Image.open(path) as image:
            gray = image.convert("L")
        for name, color in ways.items():
            yield {"picture": path.stem, "method": name, **figures(color(gray, path.stem), gray)}


def own(ways: Ways) -> Iterator[dict[str, Any]]:
    """Rows of our own pictures on the gray of each film, and of the truth."""
    for picture in IN_COLOR:
        true = Image.fromarray(getattr(data, picture)())
        for film in FILMS:
            seen, gray = (Image.fromarray(a) for a in squares(true, film))
            for name, color in {**ways, "truth": lambda *_, seen=seen: seen}.items():
                found = figures(color(gray, picture), gray)
                yield {"picture": picture, "film": film, "method": name, **found}


def squares(image: Image.Image, film: str) -> tuple[np.ndarray, np.ndarray]:
    """The middle of a picture in color ``(H, W, 3)`` and on a film ``(H, W)``."""
    rgb, gray = View(min(LONGEST, *image.size), film=film).of(image)
    return rgb.transpose(1, 2, 0), gray


def made_by(folder: Path) -> Callable[[Image.Image, str], Image.Image]:
    """What another program made, by the photograph's name."""

    def found(_gray: Image.Image, name: str) -> Image.Image:
        (path,) = folder.glob(f"{name}.*")
        with Image.open(path) as image:
            return image.convert("RGB")

    return found


def main(words: Sequence[str] | None = None) -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photographs", type=Path)
    parser.add_argument("--other", nargs="*", default=[])
    parser.add_argument("--model", nargs="+", default=["photochrom"])
    parser.add_argument("--out", type=Path)
    args = parser.parse_args(words)
    colorizers = {Path(model).stem: Colorizer(model) for model in args.model}
    models: Ways = {
        name: lambda gray, _name, colorize=colorizer: colorize(gray)
        for name, colorizer in colorizers.items()
    }
    others = (text.partition("=") for text in args.other)
    ways = models | {name: made_by(Path(folder)) for name, _, folder in others}
    result = {
        "benchmark": "old-photographs",
        "version": __version__,
        "models": {name: one.session.card.version for name, one in colorizers.items()},
        "old": list(old(args.photographs, ways)) if args.photographs else [],
        "own": list(own(models)),
    }
    for row in (*result["old"], *result["own"]):
        shares = " ".join(f"{name} {share:.0f}" for name, share in row["shares"].items())
        place = f"{row['picture']:<24}{row.get('film', ''):<16}{row['method']:<14}"
        blotches = "–" if row["blotches"] is None else f"{row['blotches']:.2f}"
        print(f"{place}{row['colorfulness']:6.1f} {blotches:>5}  {shares}")
    save(result, args.out)


if __name__ == "__main__":
    main()
