"""Small JSON files that people write by hand: what is wrong is said in one line."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, TypeVar

from photochrom.errors import WrongInput
from photochrom.photo.atomic import reason_of
from photochrom.registry import suggestion

Parsed = TypeVar("Parsed")


def read_json(path: Path, what: str, parse: Callable[[Any], Parsed], *, most: int) -> Parsed:
    """What ``parse`` makes of a file of ``most`` bytes; ``what`` names its content, as "hints".

    Raises :class:`WrongInput` that names the file, also for what ``parse`` refuses.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
        if len(data) > most:
            message = f"{path} is too large for a file of {what}"
            raise WrongInput(message)
        values = json.loads(data)
    except OSError as error:
        message = f"cannot read the {what} {path}: {reason_of(error, missing='file')}"
        raise WrongInput(message) from error
    except (ValueError, RecursionError) as error:
        message = f"cannot read the {what} {path}: not JSON ({str(error).splitlines()[0]})"
        raise WrongInput(message) from error
    try:
        return parse(values)
    except WrongInput as error:
        message = f"{path}: {error}"
        raise WrongInput(message) from error


def check_keys(values: Any, known: Collection[str], *needed: str) -> None:
    """Raise :class:`WrongInput` for what is no object, lacks a key, or has an unknown one."""
    if not isinstance(values, dict):
        message = f"must be an object with {' and '.join(needed)}"
        raise WrongInput(message)
    for key in needed:
        if key not in values:
            message = f"{key} is missing"
            raise WrongInput(message)
    for key in values:
        if key not in known:
            message = f"unknown key {key!r}; {suggestion(key, known)}"
            raise WrongInput(message)
