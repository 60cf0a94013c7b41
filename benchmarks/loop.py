"""What the training loop costs beside the bare forward, backward and step of the same network.

    python benchmarks/loop.py [--recipe photochrom] [--set data.size=96 ...] [--steps 30]
        [--out benchmarks/results/loop.json]

Turn by turn in one process, on the CPU and on pictures that it makes itself: a step of the loop
with all that belongs to it (batch from a worker, rates, draws, clipping, check for numbers,
average, records), then a bare step of the same network on a batch that lies there. The worker
decodes another one meanwhile in both: cores share caches and clocks, and what decoding takes from
the other core is `benchmarks/data.py`'s matter. One thread; milliseconds are CPU time of the
process that trains. The overhead is the median of the turns' ratios.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from rich.console import Console
from saving import save

from photochrom.architectures.cards import NETWORKS
from photochrom.data.sources import open_pictures
from photochrom.recipes import find_recipe
from photochrom.training.allocation import keep_freed_memory
from photochrom.training.batches import StagedCrops, loader_of
from photochrom.training.config import Recipe
from photochrom.training.loop import Run
from photochrom.training.pictures import split_of
from photochrom.training.processes import build_fabric
from photochrom.training.progress import ProgressLine
from photochrom.training.recipe_file import read_recipe
from photochrom.training.timeline import Timeline

PICTURES = 64
# Varied lightness and hints are the task's and no part of the loop.
PLAIN = (
    "encoder.pretrained=none",
    "data.noise=0",
    "data.tone=0",
    "data.hinted=0",
    "data.workers=1",
)


def make_pictures(folder: Path) -> None:
    """Smooth fields of color."""
    generator = np.random.default_rng(0)
    for index in range(PICTURES):
        cells = generator.uniform(0, 255, (5, 6, 3)).astype(np.uint8)
        image = Image.fromarray(cells).resize((180, 150), Image.Resampling.BICUBIC)
        image.save(folder / f"{index:03d}.jpg", quality=90)


def seconds(work: Callable[[], Any]) -> float:
    """CPU time of this process."""
    started = time.process_time()
    work()
    return time.process_time() - started


def measure(recipe: Recipe, folder: Path, steps: int) -> tuple[list[float], list[float], int]:
    """Seconds of each step of the loop, of each bare step beside it, and the parameters."""
    keep_freed_memory()
    pictures = open_pictures([str(folder)])
    trained, judged = split_of(pictures, recipe)
    timeline = Timeline(recipe, multiple_of=NETWORKS[recipe.network.name].multiple_of)
    fabric = build_fabric(recipe.training.precision, device="cpu", devices=1, nodes=1)
    staged = StagedCrops(timeline, {recipe.data.limit: trained})
    run = Run(fabric, staged, trained, judged, folder / "run", {})
    run.enter(0)
    loader = loader_of(staged, position=0, rank=0, world=1)
    batches = iter(fabric.setup_dataloaders(loader))
    progress = ProgressLine(Console(file=io.StringIO()))
    progress.start(recipe.name, 0, timeline.images)

    def bare(crops: torch.Tensor) -> None:
        fabric.backward(run.model(crops)["loss"])
        run.stepper.step()
        run.stepper.zero_grad(set_to_none=True)

    ours, plain = [], []
    for _, step in zip(range(steps), timeline.steps(0), strict=False):
        ours.append(seconds(lambda now=step: run.advance(now, batches, progress)))
        crops = next(batches)
        plain.append(seconds(lambda now=crops: bare(now)))
    run.logbook.close()
    return ours, plain, sum(p.numel() for p in run.task.network.parameters())


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipe", default="photochrom")
    parser.add_argument("--set", dest="overrides", nargs="*", default=[])
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--warmup", type=int, default=4)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    recipe = read_recipe(find_recipe(args.recipe), [*PLAIN, *args.overrides])
    with tempfile.TemporaryDirectory() as name:
        make_pictures(Path(name))
        ours, plain, parameters = measure(recipe, Path(name), args.steps + args.warmup)
    ours, plain = ours[args.warmup :], plain[args.warmup :]
    ratio = statistics.median(a / b for a, b in zip(ours, plain, strict=True))
    milliseconds = {
        "loop": 1000 * statistics.median(ours),
        "bare": 1000 * statistics.median(plain),
    }
    size, batch = recipe.data.size, recipe.training.batch_size
    print(f"{recipe.network.name}, {batch} crops of {size} x {size}: loop "
          f"{milliseconds['loop']:.0f} ms, bare {milliseconds['bare']:.0f} ms a step: "
          f"{100 * (ratio - 1):+.1f} %")  # fmt: skip
    result = {
        "benchmark": "loop",
        "network": recipe.network.name,
        "parameters": parameters,
        "size": size,
        "batch": batch,
        "steps": args.steps,
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "milliseconds": milliseconds,
        "loop_to_bare": ratio,
    }
    save(result, args.out)


if __name__ == "__main__":
    main()
