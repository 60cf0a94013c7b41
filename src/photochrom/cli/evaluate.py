"""``photochrom evaluate``."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from photochrom.cli.output_file import OutputFile, refuse_to_replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photochrom.evaluation.verdict import Verdict


@click.command()
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@click.option(
    "--data",
    "-d",
    "places",
    multiple=True,
    required=True,
    help="Folder of color pictures or tar shards, shard, glob, or public set; repeatable.",
)
@click.option(
    "--metric",
    "-m",
    "chosen",
    multiple=True,
    help="Only these; `usual`, `chroma`, `regions` and `all` name several.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    help="Option of a metric: recognition.backbone=resnet50, lpips.path=FILE.",
)
@click.option("--force", is_flag=True, help="Give FID of fewer than 5,000 pictures too.")
@click.option("--gate", is_flag=True, help="Exit status 1 if skin of some tone comes out worse.")
@click.option("--category", "categories", multiple=True, help="Only these kinds, as 'forest*'.")
@click.option(
    "--side", type=int, default=256, show_default=True, help="Pixels of a side when judged."
)
@click.option(
    "--fit",
    type=click.Choice(["crop", "stretch"]),
    default="crop",
    show_default=True,
    help="The largest square, or the whole picture out of shape.",
)
@click.option("--film", default="", help="Make the gray as a film did, as 'orthochromatic'.")
@click.option("--size", type=int, help="Shorter side that networks see instead of their own.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many pictures.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Processes; default all cores.")
@click.option("--report", type=OutputFile("a page", ".html", ".htm"), help="HTML page.")
@click.option("--json", "json_file", type=OutputFile("JSON", ".json"), help="JSON file.")
@click.option("--csv", "csv_file", type=OutputFile("CSV", ".csv"), help="CSV file.")
@click.option("--overwrite", is_flag=True, help="Replace a page that is there.")
@click.option("--wide", is_flag=True, help="Print all columns, however wide, instead of a few.")
@click.option("--quiet", "-q", is_flag=True, help="No progress line.")
def evaluate(
    models: tuple[str, ...],
    places: tuple[str, ...],
    chosen: tuple[str, ...],
    settings: tuple[str, ...],
    categories: tuple[str, ...],
    side: int,
    fit: str,
    film: str,
    size: int | None,
    limit: int | None,
    jobs: int | None,
    report: Path | None,
    json_file: Path | None,
    csv_file: Path | None,
    *,
    force: bool,
    gate: bool,
    overwrite: bool,
    wide: bool,
    quiet: bool,
) -> None:
    """Judge each MODEL on color pictures that it never saw, beside gray and the truth.

    MODEL is a name, an exported file, a run folder or a checkpoint; MODEL@0.8 is at that
    vividness, MODEL@0.35:0.65 at that rebalance and temperature. Exit status 1 if one fails.

    Example: photochrom evaluate photochrom mine.onnx --data photographs/ --report report.html
    """
    from photochrom import __version__
    from photochrom.cores import cores_here
    from photochrom.evaluation.available import available_metrics, metric_options
    from photochrom.evaluation.cards import METRICS
    from photochrom.evaluation.gate import GATE
    from photochrom.evaluation.runner import Trial
    from photochrom.evaluation.table import as_csv, headline
    from photochrom.evaluation.view import View
    from photochrom.evaluation.words import shown_word
    from photochrom.judging.models import judged_models
    from photochrom.judging.trial import judge
    from photochrom.photo.atomic import check_writable, write_text
    from photochrom.training.progress import ProgressLine

    refuse_to_replace([report] if report else [], overwrite=overwrite)
    check_writable(file for file in (report, json_file, csv_file) if file)
    view = View(side, fit, film)
    options = metric_options((*settings, "fid.force=true") if force else settings)
    wanted = (*(chosen or ("usual",)), *GATE) if gate else chosen
    metrics, missing = available_metrics(wanted, options)
    classes = any(METRICS[name].module.endswith(".bin_accuracy") for name in metrics)
    methods = judged_models(models, size=size, calibration=classes or report is not None)
    trial = Trial(places, methods, metrics, view, categories, limit or 0, options)
    progress = None if quiet else ProgressLine(seconds=10)
    verdict = judge(trial, jobs=jobs or cores_here(), missing=missing, progress=progress)
    _show(verdict, columns=None if wide or chosen else headline(verdict), is_wide=wide)
    if json_file:
        write_text(json_file, json.dumps(verdict.to_dict() | {"version": __version__}, indent=1))
    if csv_file:
        write_text(csv_file, as_csv(verdict))
    if report:
        from photochrom.evaluation.report.page import write_page

        command = shlex.join(["photochrom", "evaluate", *map(shown_word, sys.argv[2:])])
        write_text(report, write_page(trial, verdict, command=command, version=__version__))
        click.echo(f"{report}: the page")
    passed = not gate or _passes(verdict)
    if any(row.failed for row in verdict.rows) or not passed:
        raise click.exceptions.Exit(1)


def _show(verdict: Verdict, *, columns: Sequence[str] | None, is_wide: bool) -> None:
    from photochrom.evaluation.circumstances import circumstances
    from photochrom.evaluation.layout import WIDTH, folded
    from photochrom.evaluation.table import as_table, category_table

    width = None if is_wide else WIDTH
    click.echo(as_table(verdict, columns, width=width))
    if kinds := category_table(verdict, width=width):
        click.echo(f"\n{kinds}\n")
    for line in circumstances(verdict):
        click.echo(folded(line, width))


def _passes(verdict: Verdict) -> bool:
    """Say of each model whether it passes the gate; whether all of them do."""
    from photochrom.evaluation.gate import gate_failures
    from photochrom.evaluation.layout import folded

    found = {row.method: gate_failures(row) for row in verdict.models}
    for name, failures in found.items():
        click.echo(f"{name}: {'does not pass' if failures else 'passes'} the gate of skin tones")
        for failure in failures:
            click.echo(folded(f"  {failure}"))
    return not any(found.values())
