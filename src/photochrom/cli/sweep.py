"""``photochrom sweep``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from photochrom.cli.input_path import InputPath
from photochrom.cli.output_file import refuse_to_replace

if TYPE_CHECKING:
    from PIL import Image

TEMPERATURES = (0.05, 0.1, 0.2, 0.38, 0.6, 0.8, 1.0)


@click.command()
@click.argument("model")
@click.option(
    "--picture",
    "-p",
    type=InputPath(dir_okay=False),
    required=True,
    help="Color photograph to show at every temperature.",
)
@click.option("--data", "-d", "places", multiple=True, help="Color pictures to measure on, too.")
@click.option(
    "--out",
    "-o",
    type=click.Path(file_okay=False, readable=False, path_type=Path),
    required=True,
    help="Folder.",
)
@click.option(
    "--temperature",
    "-t",
    "temperatures",
    type=click.FloatRange(0.05, 5),
    multiple=True,
    default=TEMPERATURES,
    show_default=True,
    help="Repeatable.",
)
@click.option(
    "--rebalance",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Weight of rare colors at all of them.",
)
@click.option("--side", type=int, default=256, show_default=True, help="Pixels when judged.")
@click.option("--size", type=int, help="Shorter side that the network sees.")
@click.option("--limit", type=click.IntRange(min=1), help="Measure on so many pictures at most.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Processes; default all cores.")
@click.option("--overwrite", is_flag=True, help="Replace a sweep.png that is there.")
def sweep(
    model: str,
    picture: Path,
    places: tuple[str, ...],
    out: Path,
    temperatures: tuple[float, ...],
    rebalance: float,
    side: int,
    size: int | None,
    limit: int | None,
    jobs: int | None,
    *,
    overwrite: bool,
) -> None:
    """Show what MODEL makes of a picture at every temperature, and what that costs on a set.

    The temperature of the annealed mean: 1 is the mean of all likely colors, towards 0 the most
    likely one. OUT gets sweep.png and sweep.json.

    Example: photochrom sweep photochrom --picture beach.jpg --data photographs/ --out sweep
    """
    from photochrom.cores import cores_here
    from photochrom.data.own_results import remark_on
    from photochrom.errors import MissingExtra
    from photochrom.evaluation.analysis.folder import check_folder
    from photochrom.evaluation.view import View
    from photochrom.photo.atomic import atomic_file, write_text

    try:
        from photochrom.judging.sweep import Sweep
        from photochrom.training.progress import ProgressLine
    except ImportError as error:
        raise MissingExtra("train", "photochrom sweep") from error
    check_folder(out, places)
    refuse_to_replace([out / "sweep.png"], overwrite=overwrite)
    image = _photograph(picture)
    swept = Sweep(model, temperatures, rebalance, size)
    values, png = swept.run(
        image,
        places,
        View(side),
        limit=limit or 0,
        jobs=jobs or cores_here(),
        progress=ProgressLine(seconds=10),
    )
    with atomic_file(out / "sweep.png") as file:
        file.write(png)
    write_text(out / "sweep.json", json.dumps({"picture": picture.name, **values}, indent=1) + "\n")
    for row in values["rows"]:
        figures = "  ".join(f"{title} {_text(row[metric])}" for metric, title in _shown())
        click.echo(f"T {row['temperature']:<5g} {figures}")
    if values.get("own_results"):
        click.echo(remark_on(values["own_results"]))
    failed = values.get("failed", {})
    for temperature, text in failed.items():
        click.echo(f"T {temperature} failed: {text}")
    click.echo(f"{out / 'sweep.png'}: the figure")
    if failed:
        raise click.exceptions.Exit(1)


def _photograph(path: Path) -> Image.Image:
    """The picture, whose colors have to be true; raises :class:`WrongInput` if they are ours."""
    from photochrom.data.transforms import decode
    from photochrom.errors import WrongInput
    from photochrom.photo.results import is_ours

    if is_ours(path):
        message = f"{path} is a result of photochrom: what its true colors are, it cannot show"
        raise WrongInput(message)
    return decode(path.read_bytes(), str(path))


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _shown() -> list[tuple[str, str]]:
    from photochrom.evaluation.analysis.sweep_sheet import METRICS_OF_SWEEP
    from photochrom.evaluation.cards import METRICS

    return [(name, METRICS[name].title) for name in METRICS_OF_SWEEP]
