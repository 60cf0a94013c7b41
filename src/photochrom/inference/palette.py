"""A few colors that a photograph is to have: written as text, or in a file.

#1f6f78,#e08a3c              as much of each as fits the photograph
#1f6f78:2,#e08a3c:1          two thirds of it and one third
{"version": 1, "colors": [{"color": "#1f6f78", "weight": 2}, {"color": "peru", "weight": 1}]}
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.color.names import color_to_ab, parse_color
from photochrom.errors import WrongInput
from photochrom.inference.json_file import check_keys, read_json

VERSION = 1
MOST = 64
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Palette:
    """Colors as text, and their weights above 0: one for each, or none at all."""

    colors: tuple[str, ...]
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Raise :class:`WrongInput` for what is no palette."""
        if not 1 <= len(self.colors) <= MOST:
            message = f"a palette has 1 to {MOST} colors, not {len(self.colors)}"
            raise WrongInput(message)
        found = set[tuple[float, ...]]()
        for color in self.colors:
            rgb = tuple(parse_color(color).tolist())
            if rgb in found:
                message = f"the palette names {color} twice"
                raise WrongInput(message)
            found.add(rgb)
        if self.weights and len(self.weights) != len(self.colors):
            message = "give every color of the palette a weight, or none"
            raise WrongInput(message)
        for weight in self.weights:
            if not 0 < weight < math.inf:
                message = f"weights of a palette must be numbers above 0, not {weight:g}"
                raise WrongInput(message)

    @property
    def ab(self) -> np.ndarray:
        """``(K, 2)`` in Lab units: hue and chroma of the colors; lightness is the photograph's."""
        return color_to_ab(np.stack([parse_color(color) for color in self.colors]))

    @property
    def shares(self) -> np.ndarray | None:
        """``(K,)``, summing to one; None without weights."""
        return np.asarray(self.weights) / sum(self.weights) if self.weights else None

    def __str__(self) -> str:
        """As ``--palette`` takes it."""
        if not self.weights:
            return ",".join(self.colors)
        pairs = zip(self.colors, self.weights, strict=True)
        return ",".join(f"{color}:{weight:g}" for color, weight in pairs)


def open_palette(palette: object) -> Palette:
    """From text, a ``.json`` file, or a sequence of colors; raises :class:`WrongInput`."""
    if isinstance(palette, Palette):
        return palette
    if isinstance(palette, Path) or (isinstance(palette, str) and palette.endswith(".json")):
        return read_json(Path(palette), "palette", _parse, most=_MOST_BYTES)
    if isinstance(palette, Sequence) and not isinstance(palette, str):
        return Palette(tuple(palette))
    if not isinstance(palette, str):
        kind = type(palette).__name__
        message = f"a palette is text, a .json file or a list of colors, not {kind}"
        raise WrongInput(message)
    parts = [part.strip().partition(":") for part in palette.split(",")]
    weights = [_weight(weight) for _, colon, weight in parts if colon]
    return Palette(tuple(color.strip() for color, _, _ in parts), tuple(weights))


def _weight(value: Any) -> float:
    try:
        if isinstance(value, bool):
            raise TypeError
        return float(value)
    except (TypeError, ValueError, OverflowError) as error:
        message = f"weights of a palette must be numbers above 0, not {str(value)[:40]!r}"
        raise WrongInput(message) from error


def _parse(values: Any) -> Palette:
    check_keys(values, ("version", "colors"), "version", "colors")
    entries = values["colors"]
    if values["version"] != VERSION:
        message = f"version {values['version']!r} of palettes; this photochrom reads {VERSION}"
        raise WrongInput(message)
    if not isinstance(entries, list):
        message = "colors must be a list"
        raise WrongInput(message)
    entries = [{"color": entry} if isinstance(entry, str) else entry for entry in entries]
    for entry in entries:
        check_keys(entry, ("color", "weight"), "color")
    weights = tuple(_weight(entry["weight"]) for entry in entries if "weight" in entry)
    return Palette(tuple(entry["color"] for entry in entries), weights)
