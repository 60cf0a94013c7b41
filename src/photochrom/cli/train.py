"""``photochrom train``."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.argument("recipe")
@click.option(
    "--data",
    "-d",
    multiple=True,
    required=True,
    help="Folder of pictures or tar shards, shard, glob, or public set as NAME:FOLDER; repeatable.",
)
@click.option(
    "--out",
    "-o",
    type=click.Path(file_okay=False, readable=False, path_type=Path),
    required=True,
    help="Run folder; an interrupted run in it is continued, a finished one only made longer.",
)
@click.option("--set", "overrides", multiple=True, help="Override, as training.batch_size=16.")
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda", "mps"]),
    default="auto",
    show_default=True,
    help="Where to compute.",
)
@click.option(
    "--devices",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes on each machine, each with a GPU if there are some.",
)
@click.option("--nodes", type=click.IntRange(min=1), default=1, show_default=True, help="Machines.")
@click.option(
    "--overfit",
    "crops",
    type=click.IntRange(min=1),
    metavar="N",
    help="Only check that N fixed crops can be learned by heart; exit status 1 if not.",
)
@click.option(
    "--overfit-steps",
    "steps",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="Steps that the check may take.",
)
def train(
    recipe: str,
    data: tuple[str, ...],
    out: Path,
    overrides: tuple[str, ...],
    device: str,
    devices: int,
    nodes: int,
    crops: int | None,
    steps: int,
) -> None:
    """Train RECIPE (a name such as photochrom, or a TOML file) on pictures of your own.

    Ctrl-C saves; the same command continues. The run folder holds the checkpoint, metrics.csv,
    TensorBoard files, loss.png and a sheet of samples for each epoch.

    Example: photochrom train photochrom --data ~/Pictures --out runs/mine
    """
    from photochrom.errors import MissingExtra
    from photochrom.recipes import find_recipe

    try:
        from photochrom.training.loop import train as run
        from photochrom.training.overfit import overfit
        from photochrom.training.progress import ProgressLine
        from photochrom.training.recipe_file import read_recipe
    except ImportError as error:
        raise MissingExtra("train", "photochrom train") from error
    progress = ProgressLine()
    chosen = read_recipe(find_recipe(recipe), overrides)
    if crops is not None:
        if devices * nodes > 1:
            message = "--overfit is one process: --devices and --nodes have no part in it"
            raise click.UsageError(message)
        found = overfit(
            chosen, list(data), out, crops=crops, steps=steps, progress=progress, device=device
        )
        progress.say(found.verdict())
        progress.say(f"gray, predicted and true: {found.picture}")
        sys.exit(0 if found.learned else 1)
    result = run(
        chosen,
        list(data),
        out,
        progress=progress,
        device=device,
        devices=devices,
        nodes=nodes,
    )
    state = "finished" if result.finished else "stopped; the same command continues"
    progress.say(f"{state} after {result.images:,} images: {result.checkpoint}")
    if result.best is not None and chosen.training.keep != "last":
        best = "best by {by}: {value:.4f} after {images:,} images".format(**result.best)
        progress.say(f"{best}: {result.best_file}" if result.best_file else best)
    if not result.finished:
        sys.exit(130)
