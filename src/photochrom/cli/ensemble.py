"""``photochrom ensemble``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from photochrom.cli.output_file import OutputFile

if TYPE_CHECKING:
    import numpy as np

    from photochrom.weights.ensembles.blends import Blend, Blending
    from photochrom.weights.ensembles.ensemble import WrittenEnsemble
    from photochrom.weights.ensembles.joined import Joined
    from photochrom.weights.ensembles.members import OpenedMember


class _TakesNumbers(click.Command):
    """``--weights 0.7 0.3`` means ``--weights 0.7,0.3``: no model is called by a number."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        joined: list[str] = []
        for word in args:
            follows = len(joined) > 1 and joined[-2] == "--weights"
            if follows and _is_number(word) and _is_number(joined[-1].rpartition(",")[2]):
                joined[-1] += f",{word}"
            else:
                joined.append(word)
        return super().parse_args(ctx, joined)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _numbers(ctx: click.Context, option: click.Parameter, text: str | None) -> list[float] | None:
    if text is None:
        return None
    words = text.replace(",", " ").split()
    wrong = [word for word in words if not _is_number(word)]
    if wrong or not words:
        message = f"{wrong[0] if wrong else text!r} is not a number"
        raise click.BadParameter(message)
    return [float(word) for word in words]


@click.command(cls=_TakesNumbers)
@click.argument("models", nargs=-1, required=True)
@click.option("--out", "-o", type=OutputFile("a model", ".onnx"), required=True, help="ONNX file.")
@click.option(
    "--weights",
    callback=_numbers,
    metavar="NUMBERS",
    help="The models' shares, as 0.7 0.3; equal ones by default.",
)
@click.option(
    "--mean",
    type=click.Choice(["ab", "probabilities"]),
    default="ab",
    show_default=True,
    help="Of the models' colors, or of their probabilities: then all must have the same bins.",
)
@click.option(
    "--learn",
    "data",
    multiple=True,
    metavar="PICTURES",
    help="Learn from pictures in color, as for train --data, what to add to the mean; repeatable.",
)
@click.option(
    "--images",
    type=click.IntRange(min=1),
    default=5000,
    show_default=True,
    help="Crops of those pictures to learn from.",
)
@click.option(
    "--size",
    type=int,
    help="Shorter side, in pixels, at which all see the picture (default: the first model's).",
)
@click.option("--name", help="What its card calls it (default: the file's name).")
@click.option(
    "--storage",
    type=click.Choice(["fp32", "fp16", "int8"]),
    default="fp16",
    show_default=True,
    help="How weights of runs are stored; those of exported files stay as they are.",
)
def ensemble(
    models: tuple[str, ...],
    out: Path,
    weights: list[float] | None,
    mean: str,
    data: tuple[str, ...],
    images: int,
    size: int | None,
    name: str | None,
    storage: str,
) -> None:
    """Make one model of MODELS: names, exported files, run folders or checkpoints.

    The result is one ONNX file that --model takes: each picture is given to every model, and the
    mean of their colors, or of their probabilities, is the answer; or what --learn adds to the
    mean: Ctrl-C keeps what was learned until then.

    Example: photochrom ensemble photochrom mine.onnx --out both.onnx --weights 0.7 0.3
    """
    from photochrom.errors import MissingExtra, WrongInput
    from photochrom.weights.ensembles.blends import mean_of_ab
    from photochrom.weights.ensembles.ensemble import member_shares, write_ensemble
    from photochrom.weights.ensembles.members import open_member
    from photochrom.weights.ensembles.probabilities import mean_of_probabilities

    member_shares(weights, len(models))
    if data and mean != "ab":
        message = "--learn starts from the mean of ab; leave out --mean probabilities"
        raise WrongInput(message)
    try:
        opened = [open_member(model, storage=storage) for model in models]
        blending: Blending = mean_of_ab if mean == "ab" else mean_of_probabilities
        if data:
            blending = _learning(opened, data, images=images, size=size)
        done = write_ensemble(opened, out, weights=weights, size=size, name=name, blending=blending)
    except ImportError as error:
        raise MissingExtra("train", "photochrom ensemble") from error
    _tell(done)


def _learning(
    members: list[OpenedMember], data: tuple[str, ...], *, images: int, size: int | None
) -> Blending:
    """A blending that is learned when the members have been joined."""
    from photochrom.training.progress import ProgressLine
    from photochrom.training.stack import learn_stack
    from photochrom.weights.ensembles.stack import stacked

    progress = ProgressLine()

    def blending(joined: Joined, shares: np.ndarray) -> Blend:
        found = learn_stack(members, shares, data, images=images, size=size, progress=progress)
        for line in found.report():
            progress.say(line)
        return stacked(joined, shares, found.stack)

    return blending


def _tell(done: WrittenEnsemble) -> None:
    members = ", ".join(f"{m.name} {m.version} ({m.weight:.3g})" for m in done.card.members)
    click.echo(
        f"{done.path}: {done.bytes / 1e6:.2f} MB, {done.card.parameters:,} parameters, "
        f"{done.card.summary.partition(' of ')[0]} of {members}; ab differs from the members by "
        f"at most {done.parity:.2g}"
    )
