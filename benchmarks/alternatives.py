"""Whether alternatives hold the truth, and whether a stated confidence comes true.

    python benchmarks/alternatives.py --data DIR_OR_SHARDS [--model NAME_OR_FILE] [--every 1]
        [--count 3] [--set validation] [--out benchmarks/results/alternatives.json]

For each picture the usual result, and the best of it and ``--count`` alternatives, as
``photochrom colorize --alternatives`` makes them. Beside it, with as many chances: the best of
places on the vividness dial, which is what a person could try without alternatives. The confidence
of each place says how probable it is that the true color is near the one shown: how often it is.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from typing import Any

import numpy as np
from known_truth import arguments, facts, gain, score, views
from saving import save

from photochrom import Colorizer
from photochrom.color.spaces import rgb_to_lab
from photochrom.inference.alternatives import find_alternatives
from photochrom.inference.confidence import WITHIN, confidence
from photochrom.photo.photo import Photo

PARTS = 10
USUAL, BEST, DIAL = (
    "the usual result",
    "the best of it and the alternatives",
    "the best of the dial",
)


class Reliability:
    """How often colors are near, by how sure the model was, in tenths."""

    def __init__(self) -> None:
        self.places, self.near, self.stated = (np.zeros(PARTS) for _ in range(3))

    def add(self, colorizer: Colorizer, photo: Photo, true: np.ndarray) -> None:
        """Add one picture: its truth ``(3, H, W)`` uint8 becomes means of the network's places."""
        found = colorizer.distribution(photo)
        ab = colorizer.predict(photo).ab
        sure = confidence(found, ab[None])[0, 0]
        rows, columns = ab.shape[1:]
        side = true.shape[1]
        if side % rows or side % columns:
            message = f"choose a side that is a multiple of {rows}: the truth is averaged to that"
            raise SystemExit(message)
        blocks = rgb_to_lab(true / 255)[1:].reshape(2, rows, side // rows, columns, side // columns)
        near = np.hypot(*(blocks.mean((2, 4)) - ab)) <= WITHIN
        part = np.minimum((sure * PARTS).astype(int), PARTS - 1).ravel()
        for sums, values in ((self.near, near), (self.stated, sure)):
            sums += np.bincount(part, values.ravel().astype(float), PARTS)
        self.places += np.bincount(part, minlength=PARTS)

    def rows(self) -> list[dict[str, float]]:
        """A row for each tenth that occurred: stated and true shares, and how many places."""
        return [
            {"stated": self.stated[i] / n, "near": self.near[i] / n, "share": n / self.places.sum()}
            for i, n in enumerate(self.places)
            if n
        ]


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Color every picture in all ways."""
    usual = Colorizer(args.model, threads=args.threads)
    places = np.linspace(0, 1, args.count + 1)
    # The usual result is one of the chances here too: the place nearest to it is left out.
    places = np.delete(places, np.abs(places - usual.session.card.vividness).argmin())
    dial = [Colorizer(args.model, threads=args.threads, vividness=float(v)) for v in places]
    scores: dict[str, list[tuple[float, float]]] = defaultdict(list)
    apart: list[float] = []
    counts: list[int] = []
    reliability = Reliability()

    def best(found: list[tuple[float, float]]) -> tuple[float, float]:
        return max(one[0] for one in found), min(one[1] for one in found)

    for _, true, photo in views(args):
        alternatives = find_alternatives(usual, photo, args.count)
        first = score(usual, photo, true)
        others = [score(usual, photo, true, one.hints) for one in alternatives]
        scores[USUAL].append(first)
        scores[BEST].append(best([first, *others]))
        scores[DIAL].append(best([first, *(score(one, photo, true) for one in dial)]))
        shown = [usual.predict(photo).ab, *(one.ab for one in alternatives)]
        pairs = [np.hypot(*(a - b)).mean() for i, a in enumerate(shown) for b in shown[:i]]
        apart.extend(float(pair) for pair in pairs)
        counts.append(len(alternatives))
        reliability.add(usual, photo, true)
    base = np.array(scores[USUAL])
    return {
        **facts("alternatives", args, usual, len(base)),
        "count": args.count,
        "found": float(np.mean(counts)),
        "apart": float(np.mean(apart)) if apart else 0.0,
        "within": WITHIN,
        "rows": [
            {"method": name, "psnr": float(np.mean(found, 0)[0]),
             "ab_error": float(np.mean(found, 0)[1]), **gain(np.array(found)[:, 0] - base[:, 0])}
            for name, found in scores.items()
        ],
        "reliability": reliability.rows(),
    }  # fmt: skip


def main() -> None:
    """Parse, measure, print, save."""
    parser = arguments(__doc__.splitlines()[0], side=192)
    parser.add_argument("--count", type=int, default=3)
    args = parser.parse_args()
    result = measure(args)
    print(f"{result['pictures']} pictures at {args.side} px; {result['found']:.2f} alternatives "
          f"for each, {result['apart']:.1f} Lab units apart")  # fmt: skip
    for row in result["rows"]:
        print(f"{row['method']:<40}{row['psnr']:8.2f}{row['gain']:8.2f}{row['gain_interval']:7.2f}"
              f"{row['ab_error']:10.2f}")  # fmt: skip
    for row in result["reliability"]:
        print(f"stated {row['stated']:.2f}  near {row['near']:.2f}  share {row['share']:.3f}")
    save(result, args.out)


if __name__ == "__main__":
    main()
