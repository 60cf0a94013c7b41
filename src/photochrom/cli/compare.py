"""``photochrom compare``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from photochrom.judging.comparison import Judging
    from photochrom.training.comparison import Comparison


@click.command()
@click.argument("recipes", nargs=-1, metavar="RECIPE...")
@click.option(
    "--data",
    "-d",
    multiple=True,
    help="What to train on, as for train; NAME=PLACE makes several sets, each tried by itself.",
)
@click.option("--judge", "judged", multiple=True, required=True, help="Pictures to judge by.")
@click.option("--budget", help="Of each run: 20m, 1.5h, or a number of images.")
@click.option(
    "--out",
    "-o",
    type=click.Path(file_okay=False, readable=False, path_type=Path),
    required=True,
    help="Folder.",
)
@click.option("--set", "overrides", multiple=True, help="Override in all recipes, as for train.")
@click.option("--side", type=int, default=256, show_default=True, help="Pixels when judged.")
@click.option("--size", type=int, help="Shorter side that networks see when judged.")
@click.option(
    "--dial", "dials", multiple=True, help="Also judge classifiers at this rebalance:temperature."
)
@click.option("--metric", "-m", "metrics", multiple=True, help="Judge by these only.")
@click.option("--limit", type=click.IntRange(min=1), help="Judge by at most so many pictures.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Processes that judge.")
@click.option(
    "--judge-only", is_flag=True, help="Train nothing: judge the runs of OUT that are finished."
)
@click.option("--wide", is_flag=True, help="Print all columns, however wide, instead of a few.")
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
    budget: str | None,
    out: Path,
    overrides: tuple[str, ...],
    side: int,
    size: int | None,
    dials: tuple[str, ...],
    metrics: tuple[str, ...],
    limit: int | None,
    jobs: int | None,
    device: str,
    *,
    judge_only: bool,
    wide: bool,
) -> None:
    """Train each RECIPE on every set under the same budget, judge all, and name the winners.

    RECIPE is a name or a file, with changes of its own behind commas:
    fusion,network.options.fuse=false or plain=fusion,network.options.fuse=false. A budget of time
    is made into images once, by a short rehearsal of each recipe. Ctrl-C saves; the same command
    continues, and recipes can be added to it: only they are judged, if the pictures are the same.
    OUT holds the runs, comparison.json and comparison.html. --judge-only needs no RECIPE, --data
    or --budget.

    Example: photochrom compare cnn colorunet --data a/ --judge b/ --budget 20m --out trial
    """
    from photochrom.cores import cores_here
    from photochrom.errors import MissingExtra

    try:
        from photochrom.judging.comparison import Judging
        from photochrom.training.comparison import Budget, Comparison
    except ImportError as error:
        raise MissingExtra("train", "photochrom compare") from error
    from photochrom.evaluation.analysis.folder import check_folder
    from photochrom.evaluation.view import View
    from photochrom.training.progress import ProgressLine

    view = View(side)
    judging = Judging(judged, view, size, limit or 0, metrics, dials, jobs or cores_here())
    judging.check()
    if judge_only:
        _judge(Comparison.stored(out), judging, wide=wide)
        return
    if not recipes or not data or budget is None:
        message = "to train, name RECIPE..., --data and --budget; to judge, --judge-only"
        raise click.UsageError(message)
    comparison = Comparison(out, recipes, _sets(data), Budget.parse(budget), overrides)
    check_folder(out, ())
    progress = ProgressLine()
    if not comparison.go(progress, device=device):
        progress.say("stopped; the same command continues, --judge-only judges what is finished")
        raise click.exceptions.Exit(130)
    _judge(comparison, judging, wide=wide)


def _judge(comparison: Comparison, judging: Judging, *, wide: bool) -> None:
    """Judge what is finished and say how it went; exit status 1 where a model failed."""
    from photochrom.evaluation.circumstances import circumstances
    from photochrom.evaluation.layout import WIDTH, folded
    from photochrom.evaluation.report.contest import winners_lines
    from photochrom.evaluation.table import as_table, headline
    from photochrom.evaluation.words import shown_word
    from photochrom.judging.comparison import PAGE, judge_comparison
    from photochrom.training.progress import ProgressLine

    command = shlex.join(["photochrom", "compare", *map(shown_word, sys.argv[2:])])
    verdict, costs = judge_comparison(
        comparison, judging, progress=ProgressLine(seconds=10), command=command
    )
    width = None if wide else WIDTH
    columns = None if wide or judging.metrics else headline(verdict)
    click.echo(as_table(verdict, columns, width=width))
    unfinished = ", ".join(comparison.unfinished)
    absent = [f"not finished, not judged: {unfinished}"] if unfinished else []
    for line in (*winners_lines(verdict, costs), *circumstances(verdict), *absent):
        click.echo(folded(line, width))
    click.echo(f"{comparison.out / PAGE}: the page")
    if any(row.failed for row in verdict.rows):
        raise click.exceptions.Exit(1)


def _sets(data: tuple[str, ...]) -> dict[str, list[str]]:
    """Places by the name of their set; those without a name are one."""
    from photochrom.photo.folders import is_there

    sets: dict[str, list[str]] = {}
    for text in data:
        name, equals, place = text.partition("=")
        named = equals and name and not is_there(text)
        sets.setdefault(name if named else "data", []).append(place if named else text)
    return sets
