"""Hints in a file: what a person asked for, kept beside the result and found again.

    {"version": 1, "photo": "grandma.jpg", "width": 1200, "height": 800,
     "hints": [{"x": 120, "y": 80, "color": "#c03028"},
               {"x": "40%", "y": "55%", "color": "skyblue", "radius": "2%"}]}

``photo`` is for people. With ``width`` and ``height`` pixels are those of a photograph of that
size, and move with it: hints found on a small copy fit the large scan.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photochrom.errors import WrongInput
from photochrom.inference.hints import Hint, fit_hints
from photochrom.inference.json_file import check_keys, read_json
from photochrom.photo.atomic import atomic_file

VERSION = 1
SUFFIX = ".hints.json"
MOST_BYTES = 10_000_000
_LONGEST = 1_000_000_000
_KEYS = ("version", "photo", "width", "height", "hints")
_HINT_KEYS = ("x", "y", "color", "radius")


@dataclass(frozen=True)
class HintFile:
    """The hints of a file, and ``(height, width)`` of the photograph that their pixels count."""

    hints: tuple[Hint, ...]
    size: tuple[int, int] | None = None

    def fitted(self, height: int, width: int) -> tuple[Hint, ...]:
        """The hints for a photograph of this size; raises :class:`WrongInput`."""
        if self.size is None or self.size == (height, width):
            return self.hints
        return fit_hints(self.hints, self.size, (height, width))


def sidecar_of(source: Path, destination: Path) -> Path:
    """Where hints are kept: beside the result, named after the photograph with its suffix.

    Originals are never touched and may lie where nobody may write; with the suffix, ``a.jpg`` and
    ``a.png`` are told apart. A result that had to keep the suffix in its name (``a.jpg.color.jpg``,
    of another folder's ``a.jpg``) has hints of its own.
    """
    has_namesake = destination.name.startswith(source.name) and destination.name != source.name
    return destination.with_name(f"{(destination if has_namesake else source).name}{SUFFIX}")


def read_hints(path: Path) -> HintFile:
    """Read hints; raises :class:`WrongInput` that names the file, and the hint and key."""
    return read_json(path, "hints", _parse, most=MOST_BYTES)


def _parse(values: Any) -> HintFile:
    check_keys(values, _KEYS, "version", "hints")
    if values["version"] != VERSION or isinstance(values["version"], bool):
        message = f"version {values['version']!r} of hints; this photochrom reads {VERSION}"
        raise WrongInput(message)
    if not isinstance(values["hints"], list):
        message = "hints must be a list"
        raise WrongInput(message)
    hints = []
    for number, entry in enumerate(values["hints"], 1):
        try:
            check_keys(entry, _HINT_KEYS, "x", "y", "color")
            hints.append(Hint(**entry))
        except WrongInput as error:
            message = f"hint {number}: {error}"
            raise WrongInput(message) from error
    return HintFile(tuple(hints), _size(values))


def _size(values: dict[str, Any]) -> tuple[int, int] | None:
    sides = [values.get(name) for name in ("height", "width")]
    if sides == [None, None]:
        return None
    for name, side in zip(("height", "width"), sides, strict=True):
        if not isinstance(side, int) or isinstance(side, bool) or not 1 <= side <= _LONGEST:
            message = f"{name} must be a number of pixels, not {str(side)[:40]}"
            raise WrongInput(message)
    return sides[0], sides[1]  # type: ignore[return-value]


def write_hints(path: Path, hints: Sequence[Hint], photo: str, size: tuple[int, int]) -> None:
    """Write hints for a photograph of ``(height, width)``, atomically."""
    entries = [
        {key: _plain(value) for key in _HINT_KEYS if (value := getattr(hint, key)) is not None}
        for hint in hints
    ]
    head = {"version": VERSION, "photo": photo, "width": size[1], "height": size[0]}
    text = json.dumps({**head, "hints": entries}, indent=2)
    with atomic_file(path) as file:
        file.write(text.encode() + b"\n")


def _plain(value: Any) -> Any:
    """Numbers as numbers: those of a command line are text, those of arrays no JSON."""
    if not isinstance(value, str):
        return value.item() if hasattr(value, "item") else value
    try:
        number = float(value)
    except ValueError:
        return value
    return int(number) if number == int(number) else number
