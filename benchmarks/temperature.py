"""The temperature sweep of docs/results/trial.md: one free photograph, and the figures of a set.

    python benchmarks/temperature.py --data DIR_OR_SHARDS [--model photochrom] [--limit 400]

Writes benchmarks/results/NAME.json and docs/results/NAME.jpg, NAME being "temperature" for the
embedded model. Rare colors weigh as in the training of colorunet, whose claim this is.
"""

from __future__ import annotations

import argparse
import io
import json
import os
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

from photochrom.cli.sweep import TEMPERATURES
from photochrom.evaluation.view import View
from photochrom.judging.sweep import Sweep

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Measure, draw, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", required=True)
    parser.add_argument("--model", default="photochrom")
    parser.add_argument("--name", default="temperature")
    parser.add_argument("--photograph", default="astronaut")
    parser.add_argument("--rebalance", type=float, default=0.5)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--size", type=int)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    image = Image.fromarray(np.asarray(getattr(data, args.photograph)())[..., :3])
    values, png = Sweep(args.model, TEMPERATURES, args.rebalance, args.size).run(
        image, tuple(args.data), View(args.side), limit=args.limit, jobs=args.jobs
    )
    results, pictures = ROOT / "benchmarks" / "results", ROOT / "docs" / "results"
    text = json.dumps({"benchmark": "temperature", **values}, indent=1) + "\n"
    (results / f"{args.name}.json").write_text(text, encoding="utf-8")
    drawn = Image.open(io.BytesIO(png)).convert("RGB")
    drawn.save(pictures / f"{args.name}.jpg", quality=88, optimize=True)
    print(f"{results / args.name}.json and {pictures / args.name}.jpg")


if __name__ == "__main__":
    main()
