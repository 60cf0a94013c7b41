"""``photochrom colorize``."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from photochrom.inference.folder import Job, Outcome
    from photochrom.inference.retoucher import Retoucher, Wishes

FORMATS = {"jpeg": "JPEG", "jpg": "JPEG", "png": "PNG", "tiff": "TIFF", "tif": "TIFF",
           "webp": "WEBP", "avif": "AVIF"}  # fmt: skip


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Result file or folder.")
@click.option("--model", "-m", default="photochrom", show_default=True, help="Name or file.")
@click.option("--vividness", type=click.FloatRange(0, 1), help="From safe (0) to vivid (1).")
@click.option("--rebalance", type=click.FloatRange(0, 1), help="Favor rare colors, by hand.")
@click.option("--temperature", type=click.FloatRange(0.05, 5), help="Below 1 decides, by hand.")
@click.option(
    "--strength", type=click.FloatRange(0, 2), default=1.0, show_default=True, help="Chroma factor."
)
@click.option("--size", type=click.IntRange(32, 2048), help="Shorter side the network sees.")
@click.option(
    "--upsampling",
    type=click.Choice(["bicubic", "guided"]),
    default="bicubic",
    show_default=True,
    help="How chroma reaches full size.",
)
@click.option("--hint", "hints", multiple=True, metavar="X,Y[,R]=COLOR", help="A color at a place.")
@click.option("--hints", "hint_file", type=click.Path(path_type=Path), help="Hints from a file.")
@click.option("--no-sidecar", is_flag=True, help="Neither keep hints nor apply kept ones.")
@click.option("--forget-hints", is_flag=True, help="Drop the hints that were kept.")
@click.option("--reference", type=click.Path(path_type=Path), help="Color like this picture.")
@click.option("--palette", metavar="COLORS|FILE", help="Only colors like these: '#1f6f78,peru'.")
@click.option("--influence", type=click.FloatRange(0, 1), help="Of reference or palette.  [0.7]")
@click.option(
    "--confidence", type=click.Path(path_type=Path), help="Write a map of it as a gray PNG."
)
@click.option("--alternatives", type=click.IntRange(1, 9), help="Write so many other colorings.")
@click.option("--keep-tint", is_flag=True, help="Keep the tone of sepia and tinted scans.")
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), help="Format of the results.")
@click.option("--quality", type=click.IntRange(1, 100), help="Of JPEG, WebP and AVIF.")
@click.option("--side-by-side", is_flag=True, help="Put the gray original on the left.")
@click.option("--overwrite", is_flag=True, help="Color again what is already there.")
@click.option("--no-provenance", is_flag=True, help="Do not mark the colors as simulated.")
@click.option("--jobs", "-j", type=click.IntRange(1, 256), help="Pictures at a time.")
@click.option("--quiet", "-q", is_flag=True, help="Say only what failed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a picture, on stdout.")
def colorize(inputs: tuple[str, ...], **options: Any) -> None:
    """Colorize photographs: files, folders with all below them, globs, or - for stdin.

    The result lies beside the original as grandma.color.jpg; the original is never touched, and
    what is already there is skipped. Nothing leaves this computer.

    Exit status: 0 all done, 1 some failed, 2 wrong usage.

    Example: photochrom colorize grandma.jpg album/ --output colored/ --vividness 0.7
    """
    from photochrom.inference import folder
    from photochrom.inference.retoucher import Retoucher

    if "-" in inputs and len(inputs) > 1:
        message = "- (stdin) cannot be mixed with other inputs"
        raise click.UsageError(message)
    jobs: list[Job] = []
    if inputs != ("-",):
        kind = FORMATS[options["kind"]] if options["kind"] else None
        jobs = folder.plan(inputs, output=options["output"], format=kind)
    workers = options["jobs"] or min(os.cpu_count() or 1, max(len(jobs), 1), 8)
    wishes = _wishes(options)
    if len(jobs) > 1 and wishes.for_one:
        message = f"{wishes.for_one} is for one photograph, but there are {len(jobs)}"
        raise click.UsageError(message)
    colorizer = Retoucher(
        options["model"],
        wishes=wishes,
        vividness=options["vividness"],
        rebalance=options["rebalance"],
        temperature=options["temperature"],
        strength=options["strength"],
        size=options["size"],
        upsampling=options["upsampling"],
        reference=options["reference"],
        palette=options["palette"],
        influence=options["influence"],
        keep_tint=options["keep_tint"],
        threads=max(1, (os.cpu_count() or 1) // workers),
    )
    writing = {
        "quality": options["quality"],
        "side_by_side": options["side_by_side"],
        "provenance": not options["no_provenance"],
    }
    if inputs == ("-",):
        _pipe(colorizer, options["kind"], options["output"], writing)
        return
    outcomes = folder.run(
        jobs, colorizer, overwrite=options["overwrite"], workers=workers, **writing
    )
    failed = _report(outcomes, len(jobs), quiet=options["quiet"], as_json=options["as_json"])
    sys.exit(1 if failed else 0)


def _wishes(options: dict[str, Any]) -> Wishes:
    """What is wanted beside the color; refuses what cannot be meant."""
    from photochrom.inference.hint_file import read_hints
    from photochrom.inference.hints import parse_hint
    from photochrom.inference.retoucher import Wishes

    if options["no_sidecar"] and options["forget_hints"]:
        message = "--forget-hints drops kept hints, which --no-sidecar leaves alone: use one"
        raise click.UsageError(message)
    return Wishes(
        hints=tuple(parse_hint(text) for text in options["hints"]),
        file=read_hints(options["hint_file"]) if options["hint_file"] else None,
        sidecar=not options["no_sidecar"],
        forget=options["forget_hints"],
        confidence=options["confidence"],
        alternatives=options["alternatives"] or 0,
    )


def _pipe(colorizer: Retoucher, kind: str | None, output: Path | None, writing: Any) -> None:
    """Standard input to standard output, or to the file of ``--output``."""
    data = sys.stdin.buffer.read()
    if output is not None:
        colorizer.save(data, output, **writing)
        return
    if colorizer.wishes.alternatives:
        message = "--alternatives need a file to lie beside: give --output"
        raise click.UsageError(message)
    form = FORMATS[kind] if kind else None
    colorizer.transfer(data, sys.stdout.buffer, form, **writing)
    sys.stdout.buffer.flush()


def _report(outcomes: Any, total: int, *, quiet: bool, as_json: bool) -> int:
    """Print each outcome as it comes and a summary; returns how many failed."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
    started, counts, failures = time.perf_counter(), Counter[str](), []
    seen_color = False
    with Progress(console=console, disable=total < 2 or quiet, transient=True) as progress:
        bar = progress.add_task("colorizing", total=total)
        for outcome in outcomes:
            counts[outcome.state] += 1
            progress.advance(bar)
            if as_json:
                click.echo(json.dumps(_as_dict(outcome)))
            if outcome.state == "failed":
                failures.append(outcome.reason)
                continue
            _print_one(console, outcome, many=total > 1)
            if outcome.was_color and not seen_color:
                seen_color = True
                console.print(f"note: {outcome.job.source} is in color; its own lightness is used")
    for reason in failures:
        click.echo(f"photochrom: {reason}", err=True)
    if total > 1:
        seconds = time.perf_counter() - started
        parts = [f"{counts[s]} {s}" for s in ("done", "skipped", "failed") if counts[s]]
        console.print(f"{total} pictures in {seconds:.1f} s: {', '.join(parts)}")
    return len(failures)


def _print_one(console: Any, outcome: Outcome, *, many: bool) -> None:
    if outcome.frames > 1:
        console.print(
            f"note: {outcome.job.source} has {outcome.frames} frames; only the first is colored"
        )
    if outcome.state == "skipped" and not many:
        console.print(f"{outcome.job.destination} is already there; --overwrite makes it again")
    elif outcome.state == "done" and not many:
        console.print(f"{outcome.job.destination}  ({outcome.seconds:.2f} s)")


def _as_dict(outcome: Outcome) -> dict[str, Any]:
    return {
        "input": str(outcome.job.source),
        "output": str(outcome.job.destination),
        "state": outcome.state,
        "reason": outcome.reason,
        "seconds": round(outcome.seconds, 4),
    }
