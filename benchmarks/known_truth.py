"""Photographs whose colors are known, shown gray to a model: what several benchmarks share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from photochrom import Colorizer, __version__
from photochrom.color.spaces import rgb_to_lab
from photochrom.data.sources import open_pictures
from photochrom.data.transforms import decode
from photochrom.evaluation.psnr import psnr
from photochrom.evaluation.runner import Trial
from photochrom.evaluation.view import View
from photochrom.inference.hints import Hint
from photochrom.photo.decode import read
from photochrom.photo.photo import Photo

Views = Iterator[tuple[int, np.ndarray, Photo]]


def arguments(description: str, *, side: int) -> argparse.ArgumentParser:
    """What hints and alternatives take; ``side`` is the usual size of the squares in pixels."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", nargs="+", required=True)
    parser.add_argument("--model", default="photochrom")
    parser.add_argument("--every", type=int, default=1, help="take every so many pictures")
    parser.add_argument("--side", type=int, default=side)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--set", default="validation photographs")
    parser.add_argument("--out", type=Path)
    return parser


def facts(name: str, args: argparse.Namespace, colorizer: Colorizer, pictures: int) -> Any:
    """What every record of ``benchmarks/NAME.py`` begins with."""
    card = colorizer.session.card
    return {
        "benchmark": name,
        "command": f"python benchmarks/{name}.py --data SET --side {args.side}",
        "set": args.set,
        "pictures": pictures,
        "side": args.side,
        "version": __version__,
        "models": {card.name: card.version},
    }


def views(args: argparse.Namespace) -> Views:
    """Position, true RGB ``(3, side, side)`` uint8 and gray photo of every so many pictures."""
    pictures, view = open_pictures(args.data), View(args.side)
    for index in range(0, len(pictures), args.every):
        true, gray = view.of(decode(pictures.read(index), pictures.name(index)))
        yield index, true, read(gray)
        if sys.stderr.isatty():
            print(f"\r{index + 1}/{len(pictures)}", end="", file=sys.stderr)


def images(trial: Trial) -> Iterator[Image.Image]:
    """The pictures of a trial as RGB images, one after another."""
    pictures, chosen = trial.pictures()
    for index in chosen:
        yield decode(pictures.read(index), pictures.name(index))


def score(
    colorizer: Colorizer, photo: Photo, true: np.ndarray, hints: Sequence[Hint] = ()
) -> tuple[float, float]:
    """PSNR and the mean distance in ab of what the colorizer makes of a photo."""
    shown = colorizer.tint(photo, hints=hints).rgb(0, photo.height).transpose(2, 0, 1)
    away = rgb_to_lab(shown / 255)[1:] - rgb_to_lab(true / 255)[1:]
    return psnr(shown, true), float(np.hypot(*away).mean())


def gain(differences: np.ndarray) -> dict[str, float]:
    """The mean of what each picture gained, and the half width of its 95 % interval."""
    spread = float(np.std(differences)) / max(1, len(differences) - 1) ** 0.5
    return {"gain": float(np.mean(differences)), "gain_interval": 1.96 * spread}
