"""Pictures a second of a folder run: one at a time on one core, and on all cores.

    python benchmarks/folder.py [--pictures 200] [--megapixels 2] [--turns 7] [--out FILE.json]

The folder is made here and colored through `Colorizer.folder`, record, hashes and writing through
to the disk included. Both kinds of run alternate in one process that has the model loaded; the
figures are medians of the turns. The speedup is by wall clock: leave the machine alone meanwhile,
or pass `--cores` and bind the process with taskset.
"""

from __future__ import annotations

import argparse
import platform
import resource
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from saving import save

from photo import QUALITY, make_picture

DISTINCT = 8


def make_folder(folder: Path, pictures: int, megapixels: float) -> None:
    """Gray JPEGs: a few distinct ones, each under many names."""
    folder.mkdir()
    kinds = min(DISTINCT, pictures)
    for index in range(kinds):
        picture = make_picture(megapixels + index * 1e-3)
        picture.save(folder / f"{index:05}.jpg", quality=QUALITY)
    for index in range(kinds, pictures):
        shutil.copy(folder / f"{index % kinds:05}.jpg", folder / f"{index:05}.jpg")


def turn(colorizer: Any, folder: Path, out: Path, workers: int) -> dict[str, float]:
    """Color the folder, then run again over what is done."""
    wall, cpu = time.perf_counter(), time.process_time()
    states = [o.state for o in colorizer.folder(folder, output=out, workers=workers)]
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if set(states) != {"done"}:
        sys.exit("some pictures were not colored")
    again = time.perf_counter()
    states += [o.state for o in colorizer.folder(folder, output=out, workers=workers)]
    again = time.perf_counter() - again
    count = len(states) / 2
    shutil.rmtree(out)
    return {
        "per_second": count / wall,
        "cpu_seconds": cpu / count,
        "skipped_per_second": count / again,
    }


def main() -> None:
    """Parse, measure, print, save."""
    from photochrom import Colorizer
    from photochrom.cores import cores_here

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--megapixels", type=float, default=2)
    parser.add_argument("--cores", type=int, default=cores_here())
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    kinds = sorted({1, args.cores})
    turns: dict[int, list[dict[str, float]]] = {workers: [] for workers in kinds}
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place, "in"), Path(place, "out")
        make_folder(folder, args.pictures, args.megapixels)
        colorizer = Colorizer(threads=1)
        colorizer.save(folder / "00000.jpg", Path(place, "warm.jpg"))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(args.turns):
            for workers in kinds:
                turns[workers].append(turn(colorizer, folder, out, workers))
                print(workers, turns[workers][-1], flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = [
        {"workers": workers}
        | {key: statistics.median(t[key] for t in turns[workers]) for key in turns[workers][0]}
        for workers in kinds
    ]
    pairs = zip(turns[kinds[0]], turns[kinds[-1]], strict=True)
    result = {
        "benchmark": "folder",
        "machine": platform.processor() or platform.machine(),
        "cores": args.cores,
        "pictures": args.pictures,
        "megapixels": args.megapixels,
        "speedup": statistics.median(b["per_second"] / a["per_second"] for a, b in pairs),
        "peak_megabytes": peak / 1024,
        "grown_megabytes": (peak - before) / 1024,
        "rows": rows,
    }
    print(f"{result['speedup']:.2f} times the rate of one core; peak {peak / 1024:.0f} MB")
    save(result, args.out)


if __name__ == "__main__":
    main()
