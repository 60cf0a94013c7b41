"""Does the data pipeline keep up with the networks, and does its memory stay flat?

    python benchmarks/data.py [--recipes photochrom cnn] [--out benchmarks/results/data.json]

Pictures are made here, in a temporary folder: smooth fields with grain as WebP, 144 pixels on the
shorter side, some hundreds of them repeated under new names to fill the sets. "Crops" is the
pipeline in one process (read, decode, crop, resize); a network's consumption is that of whole
training steps, with film on and off. Memory is the peak of a fresh process that
opens a set, parts it and takes crops, for 1,000 and for 30,000 pictures, packed and as files.
Rates are by CPU second, of one thread each, so that they compare on a busy machine too.
"""

from __future__ import annotations

import argparse
import io
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
from saving import save

SIDE, DISTINCT, PER_SHARD = 144, 200, 1000
TAKER = """
import json, resource, sys, time
from photochrom.data.dataset import Crops
from photochrom.data.sources import open_pictures
from photochrom.data.split import split
from photochrom.data.transforms import Augmentation
started = time.process_time()
trained, judged = split(open_pictures([sys.argv[1]]), validation=200, seed=0)
opened = time.process_time() - started
crops = Crops(trained, size=int(sys.argv[2]), augmentation=Augmentation(), seed=0)
started = time.process_time()
for position in range(int(sys.argv[3])):
    crops[position]
seconds = time.process_time() - started
try:
    # The kernel's other figure, ru_maxrss, counts what the parent held when it forked.
    lines = open("/proc/self/status").read().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
except OSError:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"open_seconds": opened, "crops_seconds": seconds, "peak_megabytes": peak}))
"""


def encoded_pictures() -> list[bytes]:
    """Different WebP pictures with structure at several scales."""
    pictures = []
    for seed in range(DISTINCT):
        generator = np.random.default_rng(seed)
        picture = np.full((SIDE, SIDE * 4 // 3, 3), 128.0)
        for cells, weight in ((4, 60), (12, 30), (48, 12)):
            field = generator.standard_normal((cells * 3 // 4, cells, 3)) * weight
            for channel in range(3):
                plane = Image.fromarray(field[..., channel].astype(np.float32))
                smooth = plane.resize((SIDE * 4 // 3, SIDE), Image.Resampling.BICUBIC)
                picture[..., channel] += np.asarray(smooth)
        picture += generator.standard_normal(picture.shape[:2])[..., None] * 3
        file = io.BytesIO()
        Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(file, "WEBP", quality=90)
        pictures.append(file.getvalue())
    return pictures


def make_sets(folder: Path, pictures: list[bytes], count: int) -> tuple[Path, Path]:
    """The same ``count`` pictures as shards and as files in sub-folders."""
    from photochrom.data.shard_writer import Facts, ShardWriter

    shards, files = folder / f"shards-{count}", folder / f"files-{count}"
    shards.mkdir()
    writer = ShardWriter(shards, pictures=PER_SHARD, suffix="webp")
    for index in range(count):
        # Bytes after the picture's end are ignored, and make each file another.
        data = pictures[index % len(pictures)] + index.to_bytes(4, "big")
        category = f"category {index % 50:02d}"
        (files / category).mkdir(parents=True, exist_ok=True)
        (files / category / f"picture {index:06d}.webp").write_bytes(data)
        if writer.add(data, Facts(category, str(index), index, "")):
            writer.flush()
    writer.flush()
    return shards, files


def take(place: Path, size: int, crops: int) -> dict[str, float]:
    """What a fresh process needs for opening a set and taking crops of it."""
    command = [sys.executable, "-c", TAKER, str(place), str(size), str(crops)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"taking crops of {place} failed: {done.stderr}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def images_per_second(step: Callable[[], Any], batch: int, repeats: int) -> float:
    """Median rate of a step by CPU second, after two that do not count."""
    times = []
    for _ in range(repeats + 2):
        started = time.process_time()
        step()
        times.append(time.process_time() - started)
    return batch / statistics.median(times[2:])


def consumption(name: str, film: bool, repeats: int) -> tuple[float, int]:
    """Images that training steps of a recipe use in a CPU second, and the recipe's crop size."""
    import torch

    from photochrom.color.bins import gamut_grid
    from photochrom.data.draws import Draws
    from photochrom.recipes import find_recipe
    from photochrom.training.recipe_file import read_recipe
    from photochrom.training.task import ColorizationTask

    torch.set_num_threads(1)
    # Random weights: time does not depend on them.
    overrides = ["encoder.pretrained=none"]
    overrides += ["data.film.probability=1"] if film else []
    recipe = read_recipe(find_recipe(name), overrides)
    centers = gamut_grid(10).astype(np.float32)
    if recipe.bins.system == "none":
        centers = centers[:0]
    prior = np.full(len(centers), 1 / max(len(centers), 1), np.float32)
    task = ColorizationTask(recipe, centers=centers, prior=prior).train()
    task.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(p for p in task.parameters() if p.requires_grad)
    batch, size = recipe.training.batch_size, recipe.data.size
    rgb = torch.randint(0, 256, (batch, 3, size, size), dtype=torch.uint8)
    precision = torch.bfloat16 if torch.cpu._is_amx_tile_supported() else None

    def step() -> None:
        with torch.autocast("cpu", precision, enabled=precision is not None):
            loss = task(rgb, Draws(range(batch)))["loss"]
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    return images_per_second(step, batch, repeats), size


def main() -> None:
    """Parse, measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipes", nargs="+", default=["photochrom"])
    parser.add_argument("--counts", nargs=2, type=int, default=[1000, 30_000])
    parser.add_argument("--crops", type=int, default=2000, help="crops taken for each figure")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()

    networks = []
    for name in args.recipes:
        (plain, size), (film, _) = (consumption(name, f, args.repeats) for f in (False, True))
        networks.append({"recipe": name, "size": size, "images": plain, "film_images": film})
        print(
            f"{name}: {plain:.1f} images per CPU second, {film:.1f} with film, at {size} px",
            flush=True,
        )
    fastest = max(networks, key=lambda row: row["images"])

    memory: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        pictures = encoded_pictures()
        for count in args.counts:
            for kind, place in zip(
                ("shards", "files"), make_sets(Path(folder), pictures, count), strict=True
            ):
                row = take(place, fastest["size"], args.crops)
                memory.append({"kind": kind, "pictures": count, **row})
                rate = args.crops / row["crops_seconds"]
                print(f"{count:>7,} pictures as {kind:<7} opened in {row['open_seconds']:6.2f} s, "
                      f"{rate:7.1f} crops per CPU second, "
                      f"peak {row['peak_megabytes']:.0f} MB", flush=True)  # fmt: skip
    shards = [row for row in memory if row["kind"] == "shards"]
    rate = args.crops / shards[-1]["crops_seconds"]
    growth = {
        kind: last["peak_megabytes"] / first["peak_megabytes"] - 1
        for kind in ("shards", "files")
        for first, last in [[row for row in memory if row["kind"] == kind]]
    }
    print(f"one process feeds {rate / fastest['images']:.1f} times the fastest network "
          f"({fastest['recipe']}); memory grows by "
          f"{', '.join(f'{v:.1%} ({k})' for k, v in growth.items())}")  # fmt: skip
    result = {
        "benchmark": "data",
        "machine": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "side": SIDE,
        "crops_per_second": rate,
        "to_fastest": rate / fastest["images"],
        "fastest": fastest["recipe"],
        "networks": networks,
        "memory": memory,
        "growth": growth,
    }
    save(result, args.out)


if __name__ == "__main__":
    main()
