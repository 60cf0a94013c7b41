"""How long judging takes: models beside gray and the truth, and what memory it needs.

    python benchmarks/judge.py --data DIR_OR_SHARDS [--model NAME_OR_FILE_OR_RUN ...]
        [--pictures 1000] [--size 128] [--jobs 2] [--out benchmarks/results/judge.json]

The aim: 1,000 pictures of 256 pixels by six models in at most 3 minutes of two cores, 360 CPU
seconds, and memory that does not grow with the pictures: a tenth of them is judged first, and how
much larger the largest process is with all is saved. Without --model the six are the embedded one
at six settings. CPU seconds are those of this process and of all that it started, so that other
load on the machine does not count.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import time
from pathlib import Path
from typing import Any

from saving import save

from photochrom.evaluation.available import available_metrics
from photochrom.evaluation.runner import Trial, run_trial
from photochrom.evaluation.verdict import decide
from photochrom.evaluation.view import View
from photochrom.judging.models import judged_models

SIX = (
    "photochrom", "photochrom@0", "photochrom@1", "photochrom@0:1", "photochrom@0.5:0.6",
    "photochrom@0.5:0.38",
)  # fmt: skip


def cpu_seconds() -> float:
    """Of this process and of those that it started and that have ended."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, kinds))


def peak_megabytes() -> float:
    """Of the largest process so far."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1024


def judge(args: argparse.Namespace, pictures: int) -> dict[str, Any]:
    """Judge so many pictures as `photochrom evaluate` does."""
    started, used = time.perf_counter(), cpu_seconds()
    methods = judged_models(tuple(args.model), size=args.size, calibration=False)
    metrics, missing = available_metrics(())
    trial = Trial(tuple(args.data), methods, metrics, View(args.side), limit=pictures)
    verdict = decide(trial, run_trial(trial, jobs=args.jobs), missing)
    return {
        "pictures": verdict.pictures,
        "models": [method.name for method in methods],
        "cpu_seconds": cpu_seconds() - used,
        "wall_seconds": time.perf_counter() - started,
        "peak_megabytes": peak_megabytes(),
    }


def main() -> None:
    """Judge, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", required=True)
    parser.add_argument("--model", nargs="+", default=list(SIX))
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--size", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    before = judge(args, max(args.pictures // 10, 1))["peak_megabytes"]
    found = judge(args, args.pictures)
    found["growth"] = found["peak_megabytes"] / before - 1
    each = 1000 * found["cpu_seconds"] / found["pictures"]
    print(f"{found['pictures']:,} pictures, {len(found['models'])} models: "
          f"{found['cpu_seconds']:.0f} CPU seconds ({each:.0f} for 1,000 pictures; aim 360), "
          f"{found['wall_seconds']:.0f} seconds, {found['peak_megabytes']:.0f} MB")  # fmt: skip
    print(f"memory of the largest process with ten times the pictures: {found['growth']:+.1%}")
    facts = {"side": args.side, "size": args.size, "jobs": args.jobs}
    machine = {"cores": os.cpu_count(), "machine": platform.machine()}
    save({"benchmark": "judge", **found, **facts, **machine}, args.out)


if __name__ == "__main__":
    main()
