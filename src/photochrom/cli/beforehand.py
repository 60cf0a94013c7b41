"""What ``photochrom colorize`` says before it colors: what it would do, and what it watches."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from photochrom.cli.outcomes import as_dict, named, shown, size, span
from photochrom.inference.folder.jobs import THERE
from photochrom.photo.folders import LeftOut

if TYPE_CHECKING:
    from photochrom.inference.folder.jobs import Outcome
    from photochrom.inference.folder.preview import Estimate


def print_watching(folders: Iterable[str], output: Path | None) -> None:
    """Say what is watched, where results go, and how that ends: else nothing is seen to happen."""
    place = "beside the photographs" if output is None else f"to {shown(output)}"
    names = ", ".join(map(shown, folders))
    click.echo(f"watching {names} with all below; results go {place}; Ctrl-C ends it", err=True)


def print_preview(outcomes: Iterable[Outcome], *, as_json: bool, quiet: bool) -> int:
    """Print what a run would do; returns how many cannot be colored."""
    counts, others = Counter[str](), LeftOut()
    for outcome in outcomes:
        counts[outcome.state] += 1
        if as_json:
            click.echo(json.dumps(as_dict(outcome)))
        if outcome.state == "left out":
            others.add(outcome.job.source.name)
        elif as_json:
            continue
        elif outcome.state == "planned" and not quiet:
            click.echo(f"{named(outcome.job)} -> {shown(outcome.job.destination)}")
        elif outcome.state == "failed":
            click.echo(f"photochrom: {shown(outcome.reason)}", err=True)
        elif outcome.state == "skipped" and outcome.reason != THERE and not quiet:
            click.echo(f"{shown(outcome.job.destination)}: {shown(outcome.reason)}", err=True)
    words = {"planned": "to color", "skipped": "to skip", "failed": "that cannot be colored"}
    parts = [f"{counts[state]:,} {word}" for state, word in words.items() if counts[state]]
    if not quiet:
        click.echo(f"nothing was written; pictures: {', '.join(parts) or 'none'}", err=True)
        for line in others.lines():
            click.echo(line, err=True)
    return counts["failed"]


def print_estimate(estimate: Estimate) -> None:
    """Say how long the planned pictures would take, how that is known, and their room."""
    free = "" if estimate.free is None else f", of which {size(estimate.free)} are free"
    if estimate.seconds is None or estimate.result_size is None:
        return
    text = (
        f"about {span(estimate.seconds)} with {estimate.workers} at a time, and about "
        f"{size(estimate.result_size)} of disk{free}; from {estimate.basis}"
    )
    click.echo(text, err=True)
    if estimate.free is not None and estimate.free < estimate.result_size:
        click.echo("photochrom: the results would not fit on the disk", err=True)
