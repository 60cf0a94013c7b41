"""Time and memory of colorizing one photograph, beside plain decoding and encoding of the file.

    python benchmarks/photo.py [--files 1.jpg 12.jpg 12.tif 400.tif 12.16.png] [--only-pipelines]
        [--out benchmarks/results/photo.json]

A file is named by its megapixels, 16 where it has 16 bits, and its kind. Pictures are made here:
smooth fields with grain, so that they compress as photographs do. "warm" is one thread in one
process that has the model loaded, CPU seconds, median of several; "cold" is a whole `photochrom
colorize` process, with its peak memory. The floor is Pillow opening the same file and saving it
again, turn by turn with ours: as gray, and as the RGB that a color result has to be; ratios are the
median of the turns'. Other pipelines with the same network are measured on the 12-megapixel JPEG
where their packages are installed.
"""

from __future__ import annotations

import argparse
import functools
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pipelines import installed
from saving import save

QUALITY = 92
MOST_WARM = 150
"""Megapixels beyond which only whole processes are measured."""
PIPELINE_MEGAPIXELS = 12
FILES = ("1.jpg", "12.jpg", "12.jpg@92", "24.jpg", "100.jpg", "1.tif", "12.tif", "12.16.tif",
         "100.tif", "400.tif", "12.png", "12.16.png", "100.16.png")  # fmt: skip
COLD = 5
KEYS = ("file", "floor_gray_seconds", "floor_rgb_seconds", "warm_seconds", "warm_to_floor_gray",
        "warm_to_floor_rgb")  # fmt: skip
HEADS = ("floor L", "floor RGB", "warm", "x L", "x RGB", "cold CPU", "wall", "peak MB")
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
    return statistics.median(turns([action], repeats)[0])


def turns(actions: Sequence[Callable[[], Any]], repeats: int) -> list[list[float]]:
    """CPU times of each action, turn by turn: what slows the machine slows all of them.

    The first turn does not count.
    """
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(repeats + 1):
        for own, action in zip(times, actions, strict=True):
            started = time.process_time()
            action()
            own.append(time.process_time() - started)
    return [own[1:] for own in times]


def ratio(ours: list[float], floor: list[float]) -> float:
    """The median of the turns' ratios."""
    return statistics.median(a / b for a, b in zip(ours, floor, strict=True))


def whole_process(command: list[str]) -> dict[str, float]:
    """CPU and wall seconds and peak memory (MB) of a command."""
    # Started through a small process: a child's peak counts what its parent held at the fork.
    launched = [sys.executable, "-c", LAUNCHER, *command]
    # An installed package is compiled once, when it is installed; so is a checkout that runs.
    compiled = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(launched, capture_output=True, text=True, check=False, env=compiled)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed: {done.stderr}")
    cpu, wall, peak = map(float, done.stdout.split()[-3:])
    return {"cpu_seconds": cpu, "wall_seconds": wall, "peak_megabytes": peak / 1024}


@dataclass(frozen=True)
class File:
    """A file to measure: its size, bits, suffix, and the quality asked for (None: the default)."""

    megapixels: float
    bits: int
    suffix: str
    quality: int | None = None

    @classmethod
    def parse(cls, text: str) -> File:
        """From "12.jpg", "0.5.png", "12.16.tif"; "12.jpg@92" asks for that quality."""
        text, _, quality = text.partition("@")
        number, _, kind = text.rpartition(".")
        deep = number.endswith(".16")
        megapixels = float(number.removesuffix(".16") if deep else number)
        return cls(megapixels, 16 if deep else 8, f".{kind}", int(quality) if quality else None)

    def __str__(self) -> str:
        """As the table names it."""
        kind = self.suffix[1:] + (", 16 bits" if self.bits == 16 else "")
        return f"{self.megapixels:g} Mpx {kind}" + (
            f", quality {self.quality}" * bool(self.quality)
        )

    def write(self, path: Path) -> None:
        """Make the file."""
        picture = make_picture(self.megapixels)
        if self.bits == 16:
            deep = np.asarray(picture).astype(np.uint16) * 257
            picture = Image.fromarray(deep + np.arange(deep.shape[1], dtype=np.uint16) % 251)
        picture.save(path, **_options(self.suffix))


def _options(suffix: str) -> dict[str, Any]:
    return {"quality": QUALITY} if suffix == ".jpg" else {}


def measure(file: File, path: Path, repeats: int) -> dict[str, Any]:
    """The row of one file; what is not measured is None."""
    from photochrom import Colorizer

    out, floor = path.with_name(f"out{path.suffix}"), path.with_name(f"floor{path.suffix}")

    def plain(mode: str) -> None:
        with Image.open(path) as image:
            converted = image.copy() if file.bits == 16 else image.convert(mode)
        converted.save(floor, **_options(file.suffix))

    row = dict.fromkeys(KEYS) | {"file": str(file)}
    if file.megapixels <= MOST_WARM:
        colorizer = Colorizer(threads=1)
        actions = {
            "warm": lambda: colorizer.save(path, out, quality=file.quality),
            "floor_gray": lambda: plain("L"),
        }
        if file.bits == 8:  # Pillow has no RGB of 16 bits
            actions["floor_rgb"] = lambda: plain("RGB")
        times = dict(zip(actions, turns(list(actions.values()), repeats), strict=True))
        row |= {f"{name}_seconds": statistics.median(own) for name, own in times.items()}
        for name, own in list(times.items())[1:]:
            row[f"warm_to_{name}"] = ratio(times["warm"], own)
    command = [sys.executable, "-m", "photochrom", "colorize", str(path), "-o", str(out)]
    command += ["--quality", str(file.quality)] if file.quality else []
    runs = [whole_process([*command, "--overwrite"]) for _ in range(min(repeats, COLD))]
    row["cold"] = sorted(runs, key=lambda r: r["cpu_seconds"])[len(runs) // 2]
    return row


def compare(folder: Path, repeats: int) -> list[dict[str, Any]]:
    """CPU seconds of the pipelines of others on a gray JPEG, and how many times ours they are."""
    from photochrom import Colorizer

    path, out = folder / "photo.jpg", folder / "out.jpg"
    File(PIPELINE_MEGAPIXELS, 8, ".jpg").write(path)
    colorizer = Colorizer(threads=1)
    ours = cpu_seconds(lambda: colorizer.save(path, out), repeats)
    rows = []

    def add(name: str, seconds: float) -> None:
        rows.append({"pipeline": name, "seconds": seconds, "to_photochrom": seconds / ours})
        print(f"{name:<24}{seconds:9.3f}{seconds / ours:8.2f}", flush=True)

    add("photochrom", ours)
    for name, pipeline in installed().items():
        action = functools.partial(pipeline, colorizer.session, path, out, QUALITY)
        add(name, cpu_seconds(action, min(repeats, 2)))
    return rows


def main() -> None:
    """Parse, measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", nargs="*", type=File.parse, default=[*map(File.parse, FILES)])
    parser.add_argument("--only-pipelines", action="store_true")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    Image.MAX_IMAGE_PIXELS = None
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        pipelines = compare(Path(folder), args.repeats)
        print(f"{'file':<26}" + "".join(f"{head:>10}" for head in HEADS))
        for file in [] if args.only_pipelines else args.files:
            path = Path(folder, f"photo{file.suffix}")
            file.write(path)
            rows.append(measure(file, path, args.repeats if file.megapixels < 50 else 1))
            print(line_of(rows[-1]), flush=True)
    result = {"benchmark": "photo", "machine": platform.processor() or platform.machine(),
              "cores": os.cpu_count(), "rows": rows, "pipelines": pipelines,
              "pipeline_megapixels": PIPELINE_MEGAPIXELS}  # fmt: skip
    save(result, args.out)


def line_of(row: dict[str, Any]) -> str:
    """A row as printed."""
    cold = row["cold"]
    values = [*(row[key] for key in KEYS[1:]), *cold.values()]
    cells = ("-" if value is None else f"{value:.3f}" for value in values)
    return f"{row['file']:<26}" + "".join(f"{cell:>10}" for cell in cells)


if __name__ == "__main__":
    main()
