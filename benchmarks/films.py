"""What old film costs the embedded model, taken apart.

    python benchmarks/films.py --data DIR_OR_SHARDS [--model photochrom] [--limit 367]
        [--set validation] [--out benchmarks/results/films.json]

The gray of a photograph stays as it is, so that a color finds as much room in sRGB as that gray
leaves it: a red that the film saw as black can only come out black. Beside the model on each film's
gray stand its colors of the eye's gray put onto the film's, which is what it would lose if it knew
as much, and the true colors put there, which is what can be had at all.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from known_truth import images
from saving import save

from photochrom import __version__
from photochrom.color.gamut import fit_lab_to_gamut
from photochrom.color.spaces import lab_to_rgb
from photochrom.evaluation.auc import AbErrors
from photochrom.evaluation.pair import lab_of
from photochrom.evaluation.runner import Trial
from photochrom.judging.models import judged_models

FILMS = {"the eye": "", "orthochromatic": "orthochromatic", "blue-sensitive": "blue-sensitive"}
WAYS = ("gray", "model", "colors of the eye's gray", "true colors")


def on_gray(gray: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """Ab ``(2, H, W)`` of the picture with ``gray`` ``(H, W)`` uint8 and as much of ``ab`` as fits.

    Rounded to 8 bits, as a file holds it.
    """
    lightness = lab_of(np.repeat(gray[None], 3, 0))[:1]
    lab = fit_lab_to_gamut(np.concatenate([lightness, ab]).astype(np.float32))
    rgb = np.rint(255 * np.clip(lab_to_rgb(lab), 0, 1)).astype(np.uint8)
    return lab_of(rgb)[1:]


def measure(trial: Trial) -> dict[str, dict[str, AbErrors]]:
    """Errors by film and by way of coloring."""
    found = {film: {way: AbErrors() for way in WAYS} for film in FILMS}
    (method,) = trial.methods
    colorize = method.open()
    for image in images(trial):
        rgb, eye = trial.view.of(image)
        true, guessed = lab_of(rgb)[1:], lab_of(colorize(eye).rgb)[1:]
        for film, stock in FILMS.items():
            gray = replace(trial.view, film=stock).of(image)[1] if stock else eye
            ways = (
                np.zeros_like(true),
                lab_of(colorize(gray).rgb)[1:] if stock else guessed,
                on_gray(gray, guessed) if stock else guessed,
                on_gray(gray, true),
            )
            for way, ab in zip(WAYS, ways, strict=True):
                found[film][way].add(ab, true)
    return found


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", required=True)
    parser.add_argument("--model", default="photochrom")
    parser.add_argument("--set", default="validation")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    methods = judged_models((args.model,), size=None, calibration=False)
    trial = Trial(tuple(args.data), methods, (), limit=args.limit)
    rows: list[dict[str, Any]] = []
    for film, ways in measure(trial).items():
        for way, errors in ways.items():
            rows.append(
                {"film": film, "way": way, "auc": errors.auc(), "rauc": errors.rebalanced_auc()}
            )
            print(f"{film:<16}{way:<26}{rows[-1]['auc']:8.2f}{rows[-1]['rauc']:8.2f}")
    result = {
        "benchmark": "films",
        "version": __version__,
        "model": methods[0].facts.get("version"),
    }
    count = len(trial.pictures()[1])
    save(result | {"set": args.set, "pictures": count, "rows": rows}, args.out)


if __name__ == "__main__":
    main()
