"""Throws damaged files at reading and colorizing, and names those that break a promise.

    python -m tests.fuzz --files 100000 --seed 1 [--out benchmarks/results/fuzz.json]
    python -m tests.fuzz --seed 1 --only 4711 --keep /tmp     that one file again, kept

Files are numbered: number and seed make the same file again. They are worked on in processes whose
time for a file and memory are limited, so that what hangs, crashes or swells is named as well.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tests.fuzz.workers import Task, make_file, run_in_process, work

BLOCK = 5000
"""Files that one process works on."""


def main() -> int:
    """Parse, run, print, save."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0, help="Number of the first file.")
    parser.add_argument("--only", type=int, help="Number of the only file to try, in this process.")
    parser.add_argument("--keep", type=Path, help="Folder for the files that break a promise.")
    parser.add_argument("--out", type=Path, help="JSON file for the totals.")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker is not None:
        return work(Task(args.seed, args.start, args.worker), sys.stdout)
    if args.only is not None:
        _keep(args.keep, args.seed, args.only)
        return work(Task(args.seed, args.only, args.only + 1), sys.stdout)
    counts: Counter[str] = Counter()
    findings: list[dict[str, Any]] = []
    start, end = args.start, args.start + args.files
    while start < end:
        start, found = run_in_process(Task(args.seed, start, min(start + BLOCK, end)), counts)
        for finding in found:
            findings.append(finding)
            _keep(args.keep, args.seed, finding["number"])
            print(json.dumps(finding), flush=True)
        print(f"{start - args.start:,} files: {dict(sorted(counts.items()))}, "
              f"{len(findings)} findings", flush=True)  # fmt: skip
    if args.out:
        result = {"benchmark": "fuzz", "files": args.files, "seed": args.seed,
                  **dict(sorted(counts.items())), "findings": len(findings)}  # fmt: skip
        args.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 1 if findings else 0


def _keep(folder: Path | None, seed: int, number: int) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"fuzz-{seed}-{number}").write_bytes(make_file(seed, number)[1])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        tempfile.tempdir = scratch
        sys.exit(main())
