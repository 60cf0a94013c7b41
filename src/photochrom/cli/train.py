"""``photochrom train``."""

from __future__ import annotations

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
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Run folder; an interrupted run in it is continued.",
)
@click.option("--set", "overrides", multiple=True, help="Override, as training.batch_size=16.")
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda", "mps"]),
    default="auto",
    show_default=True,
    help="Where to compute.",
)
def train(
    recipe: str, data: tuple[str, ...], out: Path, overrides: tuple[str, ...], device: str
) -> None:
    """Train RECIPE (a name such as photochrom, or a TOML file) on pictures of your own.

    Ctrl-C saves; the same command continues. The run folder holds the checkpoint, metrics.csv,
    TensorBoard files, loss.png and a sheet of samples for each epoch.

    Example: photochrom train photochrom --data ~/Pictures --out runs/mine
    """
    from photochrom.errors import MissingExtra
    from photochrom.recipes import find_recipe

    try:
        from photochrom.training.config import read_recipe
        from photochrom.training.loop import train as run
        from photochrom.training.progress import ProgressLine
    except ImportError as error:
        raise MissingExtra("train", "photochrom train") from error
    progress = ProgressLine()
    result = run(
        read_recipe(find_recipe(recipe), overrides),
        list(data),
        out,
        progress=progress,
        device=device,
    )
    state = "finished" if result.finished else "stopped; the same command continues"
    progress.console.print(f"{state} after {result.images:,} images: {result.checkpoint}")
