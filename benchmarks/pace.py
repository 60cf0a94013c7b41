"""How many images a second each recipe of a comparison trains, all measured in one sitting.

    python benchmarks/pace.py --recipes RECIPE... --data PLACE... [--set KEY=VALUE...] [--turns 3]

Recipes, pictures and settings as for `photochrom compare`. The recipes take turns, so that a slow
quarter of an hour of the machine is everyone's. Writes benchmarks/results/pace.json, by which
docs/results/trial.md says how many minutes of this machine each run's images are.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
from pathlib import Path

from photochrom.training.comparison import Budget, Comparison
from photochrom.training.variant import Variant

OUT = Path(__file__).parent / "results" / "pace.json"


def write(out: Path, found: dict[str, list[float]], overrides: list[str]) -> None:
    """What is known so far: a sitting may be cut short."""
    rates = {name: statistics.median(rates) for name, rates in found.items()}
    cores = len(os.sched_getaffinity(0))
    values = {
        "cores": cores, "machine": platform.machine(), "overrides": overrides,
        "turns": found, "rates": rates,
    }  # fmt: skip
    out.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipes", nargs="+", required=True)
    parser.add_argument("--data", nargs="+", required=True)
    parser.add_argument("--set", dest="overrides", nargs="*", default=[])
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    budget, sets = Budget(minutes=60), {"data": args.data}
    found: dict[str, list[float]] = {}
    for turn in range(args.turns):
        for text in args.recipes:
            comparison = Comparison(args.out / "none", [text], sets, budget, args.overrides)
            rate = comparison.pace(text, "data", "cpu")
            if rate is None:
                raise SystemExit(130)
            name = Variant.parse(text).name
            found.setdefault(name, []).append(rate)
            print(f"turn {turn + 1}: {name} {rate:.2f} images/s", flush=True)
            write(args.out, found, args.overrides)


if __name__ == "__main__":
    main()
