"""Files that a command writes: of its own kind, so that a slip of the hand costs no photograph."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from photochrom.errors import WrongInput

SHEET = (".jpg", ".jpeg", ".png")


class OutputFile(click.Path):
    """A file to be written that bears one of the suffixes, or :class:`WrongInput`.

    What has the command's own suffix is replaced. Where that may be a photograph, see
    :func:`refuse_to_replace`.
    """

    def __init__(self, what: str, *suffixes: str) -> None:
        """``what`` is written to it, as "a model"; ``suffixes`` are in lower case, with dots."""
        super().__init__(dir_okay=False, readable=False, path_type=Path)
        self.what, self.suffixes = what, suffixes

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Before the command begins its work."""
        path = Path(str(super().convert(value, param, ctx)))
        if path.suffix.lower() not in self.suffixes:
            known = " or ".join(", ".join(self.suffixes).rsplit(", ", 1))
            message = f"cannot write {self.what} to {path}: its name should end in {known}"
            raise WrongInput(message)
        return path


def refuse_to_replace(paths: Iterable[Path], *, overwrite: bool) -> None:
    """Raise :class:`WrongInput` for the first picture that is there and was not to be replaced."""
    for path in paths:
        if path.exists() and not overwrite:
            message = f"{path} is already there; --overwrite replaces it"
            raise WrongInput(message)
