"""Time and memory of colorizing one photograph, beside plain decoding and encoding of the file.

    python benchmarks/photo.py [--megapixels 1 12 24 100] [--out benchmarks/results/photo.json]

Pictures are made here: smooth fields with grain, so that they compress as photographs do. "warm"
is one thread in one process that has the model loaded, CPU seconds, median of several; "cold" is a
whole `photochrom colorize` process, with its peak memory. The floor is Pillow opening the same file
and saving it again, in the same run: as gray, and as the RGB that a color result has to be.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

QUALITY = 92
LAUNCHER = """
import resource, subprocess, sys, time
started = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
wall = time.perf_counter() - started
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss)
"""


def make_picture(megapixels: float) -> Image.Image:
    """A gray picture of 4:3 with structure at all scales and film grain."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    width = round(megapixels * 1e6 / height)
    generator = np.random.default_rng(round(megapixels * 10))
    picture = np.zeros((height, width), np.float32)
    for cells, weight in ((4, 60), (16, 40), (64, 25), (256, 12)):
        field = generator.standard_normal((cells * 3 // 4, cells)).astype(np.float32)
        smooth = Image.fromarray(field).resize((width, height), Image.Resampling.BICUBIC)
        picture += weight * np.asarray(smooth)
    tile = generator.standard_normal((512, 512)).astype(np.float32) * 3
    for top in range(0, height, 512):
        rows = picture[top : top + 512]
        rows += np.tile(tile, (1, -(-width // 512)))[: rows.shape[0], :width] + 128
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def cpu_seconds(action: Callable[[], Any], repeats: int) -> float:
    """Median CPU time of ``action`` after one run that does not count."""
    action()
    times = []
    for _ in range(repeats):
        started = time.process_time()
        action()
        times.append(time.process_time() - started)
    return statistics.median(times)


def whole_process(command: list[str]) -> dict[str, float]:
    """CPU and wall seconds and peak memory (MB) of a command."""
    # Started through a small process: a child's peak counts what its parent held at the fork.
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, *command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed: {done.stderr}")
    cpu, wall, peak = map(float, done.stdout.split()[-3:])
    return {"cpu_seconds": cpu, "wall_seconds": wall, "peak_megabytes": peak / 1024}


def measure(path: Path, megapixels: float, repeats: int) -> dict[str, Any]:
    """The row of one file."""
    from photochrom import Colorizer

    out, floor = path.with_name(f"out{path.suffix}"), path.with_name(f"floor{path.suffix}")

    def plain(mode: str) -> None:
        with Image.open(path) as image:
            converted = image.convert(mode)
        converted.save(floor, **({"quality": QUALITY} if path.suffix == ".jpg" else {}))

    colorizer = Colorizer(threads=1)
    gray, rgb = (cpu_seconds(lambda m=mode: plain(m), repeats) for mode in ("L", "RGB"))
    warm = cpu_seconds(lambda: colorizer.save(path, out, quality=QUALITY), repeats)
    command = [sys.executable, "-m", "photochrom", "colorize", str(path), "-o", str(out)]
    runs = [whole_process([*command, "--overwrite"]) for _ in range(min(repeats, 3))]
    cold = sorted(runs, key=lambda r: r["cpu_seconds"])[len(runs) // 2]
    return {
        "file": f"{megapixels:g} Mpx {path.suffix[1:]}",
        "floor_gray_seconds": gray,
        "floor_rgb_seconds": rgb,
        "warm_seconds": warm,
        "warm_to_floor_gray": warm / gray,
        "warm_to_floor_rgb": warm / rgb,
        "cold": cold,
    }


def main() -> None:
    """Parse, measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megapixels", nargs="+", type=float, default=[1, 12, 24, 100])
    parser.add_argument("--suffixes", nargs="+", default=[".jpg", ".tif"])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    Image.MAX_IMAGE_PIXELS = None
    rows = []
    print(f"{'file':<16}{'floor L':>9}{'floor RGB':>10}{'warm':>8}{'x L':>6}{'x RGB':>7}"
          f"{'cold CPU':>10}{'wall':>7}{'peak MB':>9}")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for megapixels in args.megapixels:
            picture = make_picture(megapixels)
            for suffix in args.suffixes:
                path = Path(folder, f"photo{suffix}")
                picture.save(path, **({"quality": QUALITY} if suffix == ".jpg" else {}))
                repeats = args.repeats if megapixels < 50 else 1
                row = measure(path, megapixels, repeats)
                rows.append(row)
                cold = row["cold"]
                print(f"{row['file']:<16}{row['floor_gray_seconds']:9.3f}"
                      f"{row['floor_rgb_seconds']:10.3f}{row['warm_seconds']:8.3f}"
                      f"{row['warm_to_floor_gray']:6.2f}{row['warm_to_floor_rgb']:7.2f}"
                      f"{cold['cpu_seconds']:10.2f}{cold['wall_seconds']:7.2f}"
                      f"{cold['peak_megabytes']:9.0f}", flush=True)  # fmt: skip
    if args.out:
        result = {"benchmark": "photo", "machine": platform.processor() or platform.machine(),
                  "cores": os.cpu_count(), "rows": rows}  # fmt: skip
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
