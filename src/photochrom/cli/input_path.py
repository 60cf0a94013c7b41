"""Files and folders that a command reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from photochrom.errors import PhotochromError


class InputPath(click.Path):
    """What is there; click says of what lies in a closed folder that it does not exist."""

    def __init__(self, *, file_okay: bool = True, dir_okay: bool = True) -> None:
        """Whether it may be a file, and a folder."""
        super().__init__(
            exists=True, file_okay=file_okay, dir_okay=dir_okay, readable=False, path_type=Path
        )

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Before the command begins its work; raises :class:`PhotochromError` for a closed one."""
        from photochrom.photo.folders import refusal

        if reason := refusal(value):
            message = f"cannot look at {value}: {reason}"
            raise PhotochromError(message)
        return Path(str(super().convert(value, param, ctx)))
