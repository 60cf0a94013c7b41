"""``photochrom analyze``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from photochrom.cli.output_file import refuse_to_replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from photochrom.evaluation.analysis.survey import Predictor, Survey


@click.command()
@click.argument("places", nargs=-1, required=True, metavar="PLACE...")
@click.option(
    "--out",
    "-o",
    type=click.Path(readable=False, path_type=Path),
    default=Path("analysis"),
    show_default=True,
    help="Folder of the figures and of analysis.json.",
)
@click.option(
    "--model",
    "-m",
    "models",
    multiple=True,
    help="Also count what this model predicts: name, exported file or run; repeatable.",
)
@click.option(
    "--bins",
    type=click.IntRange(2, 1000),
    default=32,
    show_default=True,
    help="Bins chosen by the data, for chosen.png.",
)
@click.option(
    "--spacing",
    type=click.IntRange(2, 50),
    default=10,
    show_default=True,
    help="Of the grid of bins in bins.png, in Lab units.",
)
@click.option(
    "--clusters",
    type=click.IntRange(1, 100),
    default=8,
    show_default=True,
    help="Clusters of pictures.",
)
@click.option(
    "--limit", type=click.IntRange(1), help="Look at so many pictures only, drawn by seed."
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Of what is drawn and of the clusters.",
)
@click.option("--jobs", "-j", type=click.IntRange(1, 256), help="Pictures at a time.")
@click.option("--overwrite", is_flag=True, help="Replace figures that are there.")
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON on stdout.")
def analyze(places: tuple[str, ...], out: Path, **options: Any) -> None:
    """Count and draw the colors of the pictures of each PLACE, and of what models make of them.

    PLACE is a folder of pictures, tar shards, a glob, or a public set as NAME:FOLDER. OUT gets
    bins.png (how often bins of ab occur, and the weights that make up for it), chosen.png (a few
    bins chosen by the data, truth beside predictions), clusters.png (pictures with like colors),
    distributions.png, and all numbers in analysis.json, with the names of gray, nearly gray and
    unreadable pictures.

    Example: photochrom analyze ~/Pictures --out analysis/ --model photochrom
    """
    _analyze(places, out, **options)


def _analyze(
    places: tuple[str, ...],
    out: Path,
    *,
    models: tuple[str, ...],
    bins: int,
    spacing: int,
    clusters: int,
    limit: int | None,
    seed: int,
    jobs: int | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    from photochrom.cores import cores_here
    from photochrom.data.sources import open_pictures
    from photochrom.errors import MissingExtra
    from photochrom.evaluation.analysis.survey import SIDE, drawn_pictures, survey
    from photochrom.training.progress import ProgressLine

    try:
        from photochrom.evaluation.analysis.folder import FIGURES, check_folder, write_analysis
        from photochrom.evaluation.analysis.report import analyze, to_dict
    except ImportError as error:
        raise MissingExtra("train", "photochrom analyze") from error
    pictures = drawn_pictures(open_pictures(places), limit, seed)
    jobs = jobs or min(cores_here(), 8)
    predictors, side = _predictors(models, threads=max(1, cores_here() // jobs))
    check_folder(out, places)
    refuse_to_replace([out / name for name in FIGURES], overwrite=overwrite)
    progress = ProgressLine(seconds=10)
    with progress.running("looking at pictures", 0, len(pictures)):
        found = survey(
            pictures,
            predictors=predictors,
            side=max(SIDE, side),
            seed=seed,
            jobs=jobs,
            advance=lambda done: progress.update(done, {}),
        )
    analysis = analyze(found, spacing=spacing, bins=bins, clusters=clusters, seed=seed)
    content = {
        "places": list(places),
        "limit": limit,
        "seed": seed,
        "own_results": list(pictures.own_results),
        **to_dict(analysis, pictures),
    }
    write_analysis(out, analysis, pictures, content)
    if as_json:
        click.echo(json.dumps(content, indent=2))
    else:
        _summarize(found, content, out)


def _predictors(models: tuple[str, ...], *, threads: int) -> tuple[Mapping[str, Predictor], int]:
    """Models by the name they were given, and the largest working size among them."""
    if not models:
        return {}, 0
    from photochrom.inference.colorizer import Colorizer

    colorizers = {name: Colorizer(name, threads=threads) for name in models}
    return colorizers, max(c.session.card.working_size for c in colorizers.values())


def _summarize(found: Survey, content: dict[str, Any], out: Path) -> None:
    from photochrom.data.own_results import remark_on

    counted = found.truth
    click.echo(
        f"{counted.pictures:,} of {found.looked_at:,} pictures counted: mean colorfulness "
        f"{counted.mean_colorfulness():.1f}, {content['bins']['count']} bins"
    )
    for what, listing in (
        ("gray, not counted", found.gray),
        ("low in color", found.low_color),
        ("unreadable", found.unreadable),
    ):
        if listing.count:
            name, remark = listing.names[0]
            click.echo(
                f"{listing.count:,} {what}, such as {name}" + (f" ({remark})" if remark else "")
            )
    if content["own_results"]:
        click.echo(remark_on(content["own_results"]))
    for name, facts in content["chosen"]["models"].items():
        colors = content["distributions"]["models"][name]["colorfulness"]["mean"]
        click.echo(
            f"{name}: mean colorfulness {colors:.1f}, differs from the truth by "
            f"{facts['moved']:.0%} of pixels in {content['chosen']['count']} bins"
        )
    click.echo(f"figures and analysis.json in {out}")
