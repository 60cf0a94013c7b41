"""``photochrom compare``."""

from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from photochrom.evaluation.report.contest import Cost
    from photochrom.training.comparison import Comparison, Run


@click.command()
@click.argument("recipes", nargs=-1, required=True, metavar="RECIPE...")
@click.option(
    "--data",
    "-d",
    multiple=True,
    required=True,
    help="What to train on, as for train; NAME=PLACE makes several sets, each tried by itself.",
)
@click.option("--judge", "judged", multiple=True, required=True, help="Pictures to judge by.")
@click.option("--budget", required=True, help="Of each run: 20m, 1.5h, or a number of images.")
@click.option(
    "--out", "-o", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder."
)
@click.option("--set", "overrides", multiple=True, help="Override in all recipes, as for train.")
@click.option("--side", type=int, default=256, show_default=True, help="Pixels when judged.")
@click.option("--limit", type=click.IntRange(min=1), help="Judge by at most so many pictures.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Processes that judge.")
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda", "mps"]),
    default="auto",
    show_default=True,
    help="Where to train.",
)
def compare(
    recipes: tuple[str, ...],
    data: tuple[str, ...],
    judged: tuple[str, ...],
    budget: str,
    out: Path,
    overrides: tuple[str, ...],
    side: int,
    limit: int | None,
    jobs: int | None,
    device: str,
) -> None:
    """Train each RECIPE on every set under the same budget, judge all, and name the winners.

    A budget of time is made into images once, by a short rehearsal of each recipe. Ctrl-C saves;
    the same command continues. OUT holds the runs, comparison.json and comparison.html.

    Example: photochrom compare cnn colorunet --data a/ --judge b/ --budget 20m --out trial
    """
    from photochrom.errors import MissingExtra

    try:
        from photochrom.training.comparison import Budget, Comparison
    except ImportError as error:
        raise MissingExtra("train", "photochrom compare") from error
    from photochrom.evaluation.view import View
    from photochrom.training.progress import ProgressLine

    view = View(side)
    comparison = Comparison(out, recipes, _sets(data), Budget.parse(budget), overrides)
    progress = ProgressLine()
    if not comparison.go(progress, device=device):
        progress.say("stopped; the same command continues")
        raise click.exceptions.Exit(130)
    _judge(comparison, judged, view.side, limit, jobs or os.cpu_count() or 1)


def _sets(data: tuple[str, ...]) -> dict[str, list[str]]:
    """Places by the name of their set; those without a name are one."""
    sets: dict[str, list[str]] = {}
    for text in data:
        name, equals, place = text.partition("=")
        named = equals and name and not Path(text).exists()
        sets.setdefault(name if named else "data", []).append(place if named else text)
    return sets


def _judge(
    comparison: Comparison, places: tuple[str, ...], side: int, limit: int | None, jobs: int
) -> None:
    from photochrom import __version__
    from photochrom.cli.evaluate import progress_of, usual_metrics, write_text
    from photochrom.cli.judged_model import judged_models
    from photochrom.evaluation.report.contest import contest_html, winners_text
    from photochrom.evaluation.report.page import write_page
    from photochrom.evaluation.runner import Trial, run_trial
    from photochrom.evaluation.table import as_table
    from photochrom.evaluation.verdict import decide
    from photochrom.evaluation.view import View

    folders = tuple(str(comparison.folder(run)) for run in comparison.runs)
    methods = judged_models(folders, size=None, calibration=True)
    metrics, missing = usual_metrics(())
    trial = Trial(places, methods, metrics, View(side), limit=limit or 0)
    with progress_of(trial, quiet=False) as advance:
        tallies = run_trial(trial, jobs=jobs, advance=advance)
    verdict = decide(trial, tallies, missing)
    costs = {m.name: _cost(comparison, r) for m, r in zip(methods, comparison.runs, strict=True)}
    click.echo(as_table(verdict))
    click.echo(winners_text(verdict, costs))
    values = verdict.to_dict() | {
        "asked": comparison.asked,
        "costs": {n: {"images": c.images, "seconds": c.seconds} for n, c in costs.items()},
        "version": __version__,
    }
    write_text(comparison.out / "comparison.json", json.dumps(values, indent=1))
    page = write_page(
        trial,
        verdict,
        command=" ".join(["photochrom compare", *sys.argv[2:]]),
        version=__version__,
        contest=contest_html(verdict, costs),
    )
    write_text(comparison.out / "comparison.html", page)
    click.echo(f"{comparison.out / 'comparison.html'}: the page")


def _cost(comparison: Comparison, run: Run) -> Cost:
    from photochrom.evaluation.report.contest import CURVES, Cost

    with (comparison.folder(run) / "metrics.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    curves = {
        key: [(float(row["images"]), float(row[key])) for row in rows if row.get(key)]
        for key in CURVES
    }
    return Cost(run.images, run.seconds, curves)
