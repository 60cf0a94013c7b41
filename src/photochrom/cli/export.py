"""``photochrom export``."""

from __future__ import annotations

from pathlib import Path

import click

from photochrom.cli.input_path import InputPath
from photochrom.cli.output_file import OutputFile


@click.command()
@click.argument("run", type=InputPath())
@click.option("--out", "-o", type=OutputFile("a model", ".onnx"), required=True, help="ONNX file.")
@click.option(
    "--card",
    "card_file",
    type=InputPath(dir_okay=False),
    help="TOML file with the model's name, version, dial, texts and metrics.",
)
@click.option(
    "--storage",
    type=click.Choice(["fp32", "fp16", "int8"]),
    default="fp16",
    show_default=True,
    help="How weights are stored; the graph computes in fp32.",
)
@click.option(
    "--calibrate",
    "-d",
    metavar="PLACE",
    multiple=True,
    help="Pictures (folder or shards; some 64 are taken) to compute the costliest convolutions in "
    "8 bits by: faster, and off by a fraction of a Lab unit; where by more, nothing is written.",
)
@click.option(
    "--decision",
    metavar="PLACE",
    multiple=True,
    help="Pictures (folder or shards; some 2,400 are taken) whose colors the results are to show "
    "as often: less brown. Take none that you judge with.",
)
@click.option(
    "--option",
    "changes",
    metavar="KEY=VALUE",
    multiple=True,
    help="Another option of the network than it was trained with, one that no weights depend on: "
    "coherence=0.5.",
)
def export(
    run: Path,
    out: Path,
    card_file: Path | None,
    storage: str,
    calibrate: tuple[str, ...],
    decision: tuple[str, ...],
    changes: tuple[str, ...],
) -> None:
    """Export RUN, a run folder or its checkpoint, to one ONNX file that --model takes.

    The graph is checked against torch, and the file carries its card.

    Example: photochrom export runs/mine --out mine.onnx
    """
    from photochrom.errors import MissingExtra
    from photochrom.weights.models import checkpoint_path

    try:
        from photochrom.weights.export import export as write
    except ImportError as error:
        raise MissingExtra("train", "photochrom export") from error
    done = write(
        checkpoint_path(run),
        out,
        card_file=card_file,
        storage=storage,
        calibrate=calibrate,
        decision=decision,
        changes=changes,
    )
    mean, largest = done.narrowing
    narrowed = f"stored as {storage}" + (" and partly computed in 8 bits" if calibrate else "")
    click.echo(
        f"{done.path}: {done.bytes / 1e6:.2f} MB, ab differs from torch by at most "
        f"{done.parity:.2g} in fp32, by {mean:.2g} on average and {largest:.2g} at most {narrowed}"
    )
