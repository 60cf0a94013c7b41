"""``photochrom colorize``."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from photochrom.photo.quiet import silent_decoders

if TYPE_CHECKING:
    from photochrom.inference.retoucher import Retoucher, Wishes

# Read when NumPy is first imported. Coloring needs no BLAS, and to start its threads takes more CPU
# time than to import NumPy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

FORMATS = {"jpeg": "JPEG", "jpg": "JPEG", "png": "PNG", "tiff": "TIFF", "tif": "TIFF",
           "webp": "WEBP", "avif": "AVIF"}  # fmt: skip

_FILE = click.Path(readable=False, path_type=Path)
"""Whether it can be read is told by who reads it: click does not say why."""


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--output", "-o", type=click.Path(readable=False), help="Result file or folder, or -."
)
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
@click.option("--hints", "hint_file", type=_FILE, help="Hints from a file.")
@click.option("--no-sidecar", is_flag=True, help="Neither keep hints nor apply kept ones.")
@click.option("--forget-hints", is_flag=True, help="Drop the hints that were kept.")
@click.option("--reference", type=_FILE, help="Color like this picture.")
@click.option("--palette", metavar="COLORS|FILE", help="Only colors like these: '#1f6f78,peru'.")
@click.option("--influence", type=click.FloatRange(0, 1), help="Of reference or palette.  [0.7]")
@click.option("--confidence", type=_FILE, help="Write a map of it as a gray PNG.")
@click.option("--alternatives", type=click.IntRange(1, 9), help="Write so many other colorings.")
@click.option("--keep-tint", is_flag=True, help="Keep the tone of sepia and tinted scans.")
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), help="Format of the results.")
@click.option("--quality", type=click.IntRange(1, 100), help="Of JPEG, WebP and AVIF.")
@click.option("--side-by-side", is_flag=True, help="Put the gray original on the left.")
@click.option("--overwrite", is_flag=True, help="Make again what is there, unless it is the same.")
@click.option("--no-provenance", is_flag=True, help="Do not mark the colors as simulated.")
@click.option("--retry-failed", is_flag=True, help="Try again what failed in an earlier run.")
@click.option("--shard", metavar="I/N", help="Part I of N, each a process or machine of its own.")
@click.option("--watch", is_flag=True, help="Color what is put into the folder, until Ctrl-C.")
@click.option("--dry-run", is_flag=True, help="List what would be done, with time and room.")
@click.option(
    "--device", metavar="NAME", default="cpu", show_default=True, help="Or auto, cuda, ..."
)
@click.option("--jobs", "-j", type=click.IntRange(1, 256), help="Pictures at a time.")
@click.option("--quiet", "-q", is_flag=True, help="Say only what failed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a picture, on stdout.")
@silent_decoders()
def colorize(inputs: tuple[str, ...], **options: Any) -> None:
    """Colorize photographs: files, folders with all below them, globs, or - for stdin.

    --output - writes one photograph to stdout.

    The result lies beside the original as grandma.color.jpg; the original is never touched, and
    what is already there is skipped. Nothing leaves this computer.

    A run over a folder keeps its record in .photochrom of the output, and the same command
    continues after any interruption: it skips what is done and what failed before.

    Exit status: 0 all done, 1 some failed, 2 wrong usage or another run at work; 130 when Ctrl-C
    stopped it, 143 when SIGTERM did. That is how --watch ends, which then returns 0 or 1.

    Example: photochrom colorize grandma.jpg album/ --output colored/ --vividness 0.7
    """
    if "-" in inputs and len(inputs) > 1:
        message = "- (stdin) cannot be mixed with other inputs"
        raise click.UsageError(message)
    if options["watch"] and options["dry_run"]:
        message = "--watch and --dry-run exclude each other"
        raise click.UsageError(message)
    writing = {
        "quality": options["quality"],
        "side_by_side": options["side_by_side"],
        "provenance": not options["no_provenance"],
    }
    if inputs == ("-",) or _is_to_stdout(inputs, options):
        from photochrom.cli.stopping import sigterm_unwinds

        with sigterm_unwinds():
            _pipe(inputs[0], options, writing)
        return
    sys.exit(_run(inputs, options, writing))


def _is_to_stdout(inputs: tuple[str, ...], options: dict[str, Any]) -> bool:
    """Whether --output is a dash; refuses more than one photograph."""
    from photochrom.inference.folder.walk import is_many

    if options["output"] != "-":
        return False
    if len(inputs) > 1 or is_many(inputs[0]):
        message = "--output - (stdout) is for one photograph"
        raise click.UsageError(message)
    return True


def _colorizer(options: dict[str, Any], *, threads: int | None = None) -> Retoucher:
    """What the options ask for."""
    from photochrom.inference.retoucher import Retoucher

    return Retoucher(
        options["model"],
        wishes=_wishes(options),
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
        threads=threads,
        device=options["device"],
    )


def _run(inputs: tuple[str, ...], options: dict[str, Any], writing: dict[str, Any]) -> int:
    """Files and folders; returns the exit status."""
    from photochrom.cli.beforehand import print_estimate, print_preview, print_watching
    from photochrom.cli.outcomes import Report
    from photochrom.cli.stopping import stop_signals
    from photochrom.cores import cores_here
    from photochrom.inference.folder.decision import Rules
    from photochrom.inference.folder.plan import Plan
    from photochrom.inference.folder.run import Run
    from photochrom.inference.folder.shard import Shard
    from photochrom.inference.folder.watch import watch

    kind = FORMATS[options["kind"]] if options["kind"] else None
    shard = Shard.parse(options["shard"]) if options["shard"] else None
    plan = Plan(inputs, output=options["output"], format=kind, shard=shard)
    rules = Rules(overwrite=options["overwrite"], retry_failed=options["retry_failed"])
    total = 0 if options["watch"] else plan.count()
    cores = cores_here()
    workers = options["jobs"] or min(cores, cores if options["watch"] else max(1, total))
    colorizer = _colorizer(options, threads=max(1, cores // workers))
    if colorizer.wishes.for_one and (total > 1 or options["watch"]):
        message = f"{colorizer.wishes.for_one} is for one photograph"
        raise click.UsageError(message + (f", but there are {total}" if total > 1 else ""))
    quiet, as_json = options["quiet"], options["as_json"]
    if options["dry_run"]:
        from photochrom.inference.folder.preview import Preview

        preview = Preview(plan, colorizer, rules=rules, workers=workers, options=writing)
        failed = print_preview(preview.outcomes(), as_json=as_json, quiet=quiet)
        if not quiet:
            print_estimate(preview.estimate())
        return 1 if failed else 0
    report = Report(total, quiet=quiet, as_json=as_json, asked=colorizer.wishes)
    with stop_signals() as stop:
        try:
            with Run(colorizer, plan, rules=rules, workers=workers, **writing) as run:
                live = options["watch"]
                outcomes = watch(plan, run, stop=stop) if live else run.color(plan, stop=stop)
                if live and not quiet:
                    print_watching(plan.inputs, plan.output)
                # Where the report fails, the pictures in hand end here, not when Python cleans up.
                with closing(outcomes):
                    report.follow(outcomes, live=live)
        finally:
            report.summary(stopped=stop.is_set() and not options["watch"])
    if stop.is_set() and not options["watch"]:
        return stop.status
    return 1 if report.failed else 0


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
        overwrite=options["overwrite"],
    )


def _pipe(text: str, options: dict[str, Any], writing: dict[str, Any]) -> None:
    """Standard input to a file or to standard output, or a file to standard output."""
    from photochrom.cli.outcomes import as_dict, notes
    from photochrom.errors import PhotochromError, UnwritablePhoto
    from photochrom.inference.folder.jobs import AGAIN, THERE, Job, Outcome
    from photochrom.inference.names import format_of_name, is_same_file
    from photochrom.photo.folders import is_there, refusal

    form = FORMATS[options["kind"]] if options["kind"] else None
    output = Path(options["output"]) if options["output"] not in (None, "-") else None
    _check_pipe(text, options, output)
    if output is not None:
        format_of_name(output, form)
        if reason := refusal(output):
            message = f"{output} cannot be written: {reason}"
            raise UnwritablePhoto(message)
        if is_there(output) and not options["overwrite"]:
            message = f"{output} is {THERE}; {AGAIN}"
            raise click.UsageError(message)
    colorizer = _colorizer(options)
    if colorizer.wishes.alternatives and output is None:
        message = "--alternatives need a file to lie beside: give --output"
        raise click.UsageError(message)
    if text != "-" and options["confidence"] and is_same_file(options["confidence"], Path(text)):
        message = f"{text} is the photograph itself: the map needs another name"
        raise click.UsageError(message)
    job, started = Job(Path(text), output or Path("-")), time.perf_counter()
    source = _from_stdin() if text == "-" else Path(text)
    try:
        if output is not None:
            photo = colorizer.save(source, output, **writing)
        else:
            photo = colorizer.transfer(source, sys.stdout.buffer, form, **writing)
            sys.stdout.buffer.flush()
    except PhotochromError as error:
        if options["as_json"]:
            click.echo(json.dumps(as_dict(Outcome(job, "failed", str(error)))))
        raise
    seconds = time.perf_counter() - started
    keeps_tint = colorizer.settings.keep_tint
    outcome = Outcome.done(job, photo, seconds, keeps_tint=keeps_tint, format=form or "")
    if options["as_json"]:
        click.echo(json.dumps(as_dict(outcome)))
    if not options["quiet"]:
        name = "the picture from stdin" if text == "-" else ""
        for note in notes(outcome, name, form or "").values():
            click.echo(note, err=True)


def _from_stdin() -> bytes:
    from photochrom.errors import UnreadablePhoto

    data = sys.stdin.buffer.read()
    if not data:
        message = "no picture came through standard input: it was empty"
        raise UnreadablePhoto(message)
    return data


def _check_pipe(text: str, options: dict[str, Any], output: Path | None) -> None:
    """Refuse what is for files and folders, and closed streams; ``output`` None is stdout."""
    if text == "-" and sys.stdin is None:
        message = "standard input is closed: there is no photograph to read"
        raise click.UsageError(message)
    if output is None and sys.stdout is None:
        message = "standard output is closed: give --output a file"
        raise click.UsageError(message)
    for name in ("watch", "dry_run", "shard", "retry_failed"):
        if options[name]:
            pipe = "stdout" if output is None and options["output"] else "stdin"
            message = f"--{name.replace('_', '-')} is for files and folders, not for {pipe}"
            raise click.UsageError(message)
    if options["as_json"] and output is None:
        message = "--json writes to stdout, where the picture goes: give --output a file"
        raise click.UsageError(message)
