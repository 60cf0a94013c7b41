"""What hints and references bring: PSNR over the number of true colors that a model is told.

    python benchmarks/hints.py --data DIR_OR_SHARDS [--model NAME_OR_FILE] [--every 1]
        [--set validation] [--out benchmarks/results/hints.json]

As in Zhang et al. 2017, "Real-Time User-Guided Image Colorization", section 4: points at random
places, each with the mean true color of its square. Every picture is seen as a square of ``--side``
pixels and colored as ``photochrom colorize --hint`` does. The same points in the same order are
told at every number, so that each row adds to the one above. ``reference`` rows steer by the colors
of the picture itself in no places, and by those of the picture before: the best and an unfit one.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from typing import Any

import numpy as np
from known_truth import arguments, facts, gain, score, views
from saving import save

from photochrom import Colorizer
from photochrom.color.names import rgb_to_hex
from photochrom.inference.hints import RADIUS, Hint
from photochrom.inference.steering import INFLUENCE, Steering, steering_by

POINTS = (0, 1, 2, 5, 10, 20, 50)
SAFE, USUAL = "safe (vividness 0)", "usual"


def true_hints(true: np.ndarray, count: int, seed: int) -> list[Hint]:
    """Hints at random places, each with the mean color of the truth around it."""
    side = true.shape[1]
    reach = max(1, round(RADIUS * side))
    places = np.random.default_rng(seed).permutation(side * side)[:count]
    hints = []
    for row, column in (divmod(int(place), side) for place in places):
        around = true[:, max(0, row - reach) : row + reach + 1][
            ..., max(0, column - reach) : column + reach + 1
        ]
        hints.append(Hint(column, row, rgb_to_hex(around.mean((1, 2)) / 255)))
    return hints


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Run every number of points on every picture."""
    colorizers = {
        USUAL: Colorizer(args.model, threads=args.threads),
        SAFE: Colorizer(args.model, threads=args.threads, vividness=0),
    }
    scores: dict[tuple[str, int], list[float]] = defaultdict(list)
    errors: dict[tuple[str, int], list[float]] = defaultdict(list)
    references: dict[str, list[float]] = defaultdict(list)
    steered = Colorizer(args.model, threads=args.threads)
    before: Steering | None = None

    for index, true, photo in views(args):
        hints = true_hints(true, max(POINTS), index)
        for name, colorizer in colorizers.items():
            for count in POINTS:
                value, error = score(colorizer, photo, true, hints[:count])
                scores[name, count].append(value)
                errors[name, count].append(error)
        if not args.no_references and true.std(0).max() > 1:
            own = steering_by(reference=true.transpose(1, 2, 0))
            for name, steering in (("its own colors", own), ("those of another", before)):
                if steering is not None:
                    steered.steering = steering
                    value, _ = score(steered, photo, true, [])
                    references[name].append(value - scores[USUAL, 0][-1])
            before = own
    rows = [
        {"dial": name, "points": count, "psnr": float(np.mean(scores[name, count])),
         "ab_error": float(np.mean(errors[name, count])),
         **gain(np.subtract(scores[name, count], scores[name, 0]))}
        for name in colorizers for count in POINTS
    ]  # fmt: skip
    return {
        **facts("hints", args, steered, len(scores[USUAL, 0])),
        "rows": rows,
        "influence": INFLUENCE,
        "references": [
            {"reference": name, **gain(np.asarray(found))} for name, found in references.items()
        ],
    }


def main() -> None:
    """Parse, measure, print, save."""
    parser = arguments(__doc__.splitlines()[0], side=256)
    parser.add_argument("--no-references", action="store_true")
    args = parser.parse_args()
    result = measure(args)
    print(f"{result['pictures']} pictures at {args.side} px")
    print(f"{'dial':<20}{'points':>8}{'PSNR':>8}{'gain':>8}{'+-':>7}{'ab error':>10}")
    for row in result["rows"]:
        print(f"{row['dial']:<20}{row['points']:8}{row['psnr']:8.2f}{row['gain']:8.2f}"
              f"{row['gain_interval']:7.2f}{row['ab_error']:10.2f}")  # fmt: skip
    for row in result["references"]:
        print(f"reference: {row['reference']:<17}{row['gain']:16.2f}{row['gain_interval']:7.2f}")
    save(result, args.out)


if __name__ == "__main__":
    main()
