"""``photochrom weights``."""

from __future__ import annotations

from pathlib import Path

import click

from photochrom.cli.groups import Group
from photochrom.cli.input_path import InputPath
from photochrom.cli.output_file import OutputFile


@click.group(cls=Group)
def weights() -> None:
    """Bring in weights that others released.

    Example: photochrom weights import colorization_release_v2-9b330a0b.pth --as eccv16 -o e.onnx
    """


@weights.command("import")
@click.argument("file", type=InputPath(dir_okay=False))
@click.option("--as", "architecture", required=True, help="eccv16, siggraph17 or ddcolor.")
@click.option("--out", "-o", type=OutputFile("a model", ".onnx"), required=True, help="ONNX file.")
@click.option(
    "--storage",
    type=click.Choice(["fp32", "fp16", "int8"]),
    default="fp16",
    show_default=True,
    help="How weights are stored; the graph computes in fp32.",
)
def import_(file: Path, architecture: str, out: Path, storage: str) -> None:
    """Write FILE, weights released by a network's authors, as a model that --model takes.

    No code in FILE is run: only its tensors are read. ddcolor needs the extra peers.

    Example: photochrom weights import siggraph17-df00044c.pth --as siggraph17 -o siggraph17.onnx
    """
    from photochrom.errors import MissingExtra

    try:
        from photochrom.weights.release import import_release
    except ImportError as error:
        raise MissingExtra("train", "photochrom weights import") from error
    done = import_release(file, architecture, out, storage=storage)
    click.echo(
        f"{done.path}: {done.bytes / 1e6:.2f} MB, {done.card.parameters:,} parameters, ab differs "
        f"from torch by at most {done.parity:.2g}"
    )
