"""Values that are set from the command line: ``section.key=value``."""

from __future__ import annotations

import tomllib
from typing import Any

from photochrom.errors import WrongInput


def set_value(values: dict[str, Any], override: str) -> None:
    """Set what ``override`` says in nested dicts; its value is read as TOML, or else is the text.

    Raises :class:`WrongInput` for text that is no override, or a key below a plain value.
    """
    key, equals, text = override.partition("=")
    if not equals:
        message = f"an override reads key=value, not {override!r}"
        raise WrongInput(message)
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    *parents, last = key.strip().split(".")
    for parent in parents:
        section: Any = values.setdefault(parent, {})
        if not isinstance(section, dict):
            message = f"{key}: {parent} is a value, not a section"
            raise WrongInput(message)
        values = section
    values[last] = value
