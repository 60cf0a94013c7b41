"""The ``photochrom`` command: finds the command asked for and loads only that one."""

from __future__ import annotations

import errno
import importlib
import io
import os
import shlex
import sys
from contextlib import suppress
from typing import NoReturn

import click

from photochrom.cli.groups import Group
from photochrom.errors import PhotochromError, UnknownName, WrongInput

COMMANDS = {
    "colorize": "Colorize photographs, folders of them, or a stream.",
    "models": "List models and show their cards.",
    "data": "Pack, look at and fetch pictures to train on.",
    "train": "Train a network on pictures of your own.",
    "analyze": "Count and draw the colors of a set of pictures.",
    "contact": "Draw what each epoch of a run makes of the same pictures.",
    "weights": "Bring in weights that others released.",
    "export": "Export a training run to one ONNX file.",
    "evaluate": "Judge models on color pictures, beside gray and the truth.",
    "sweep": "Show a model at every temperature, and what that costs.",
    "compare": "Train several recipes under one budget and judge them.",
    "ensemble": "Make one model of several.",
}
CONTINUED = {"colorize", "data", "train", "compare"}
"""Commands that keep what they have done when they are stopped."""
_REFUSED = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENAMETOOLONG, errno.EACCES, errno.EPERM),
    *(errno.EROFS, errno.EIO, errno.ELOOP, errno.ESTALE, errno.ENODEV),
}
"""What is the fault of a disk, a name or a lock, wherever it shows: a full one, often by stdout."""


class _Commands(Group):
    """Commands loaded when called: help and start-up stay quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"photochrom.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def advice(self, ctx: click.Context, args: list[str]) -> str:
        if args[0] == "-" or os.path.exists(args[0]):  # noqa: PTH110 - Path raises for long names
            return f"to color it: photochrom colorize {shlex.join(args)}"
        return super().advice(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        # Caught here, because click would say only "Aborted!".
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            kept = ctx.invoked_subcommand in CONTINUED
            how = "continues" if kept else "begins anew"
            click.echo(f"photochrom: stopped; the same command {how}", err=True)
            ctx.exit(130)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="photochrom")
def photochrom() -> None:
    """Colorize black-and-white photographs, offline, at full resolution.

    Example: photochrom colorize grandma.jpg
    """


def main() -> None:
    """Run the command; our own errors become one line and exit status 1, of wrong usage 2."""
    _spell_out_names()
    try:
        _run()
    except SystemExit as end:
        if sys.argv[1:2] == ["colorize"]:
            _leave(end.code)
        raise
    except (WrongInput, UnknownName) as error:
        _fail(str(error), 2)
    except PhotochromError as error:
        _fail(str(error), 1)
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
        from photochrom.cli.outcomes import shown
        from photochrom.photo.atomic import reason_of

        where = shown(error.filename or "the output cannot be written")
        _fail(f"{where}: {reason_of(error)}", 1)


def _run() -> None:
    """Run the command and end with its exit status; 1 where it was told of what was not done."""
    from photochrom.cli.told import listening

    with listening() as told:
        try:
            photochrom(prog_name="photochrom")
        except SystemExit as end:
            if told.incomplete and not end.code:
                sys.exit(1)
            raise


def _spell_out_names() -> None:
    """Let no run end over a name that the terminal's or the file's encoding cannot say."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _fail(text: str, status: int) -> NoReturn:
    click.echo(f"photochrom: {text}", err=True)
    try:
        sys.stdout.flush()
    except (AttributeError, OSError, ValueError):
        # What could not be written is still held, and Python would complain of it at the end.
        with suppress(AttributeError, OSError):
            sys.stdout.close()
    sys.exit(status)


def _leave(status: object) -> None:
    """End the process at once; return where it has to end the usual way.

    Every result is written and every file closed by now, and to unload NumPy and ONNX Runtime piece
    by piece takes a tenth of the CPU time of coloring a photograph.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):  # closed, or a pipe that nobody reads
        return
    if status is None or isinstance(status, int):
        os._exit(status or 0)
