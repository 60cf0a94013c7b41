"""Colors that people want at places of a photograph, and what a network is told of them.

A hint names hue and chroma: the lightness stays the photograph's own. Its color is taken to Lab,
its lightness is replaced by the photograph's at the place, and chroma is shrunk until sRGB holds
that color.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from photochrom.color.gamut import fit_lab_to_gamut
from photochrom.color.names import color_to_ab, parse_color
from photochrom.errors import WrongInput

RADIUS = 0.024
"""Usual radius of a hint, as a share of the shorter side: squares of 9 pixels where a network sees
192, the largest that networks learn from. They bring 0.1 dB more than those of 5, and larger ones
hardly anything."""

LARGEST = 0.25
_MOST_PIXELS = 1e9
_PERCENT = re.compile(r"\s*(?P<number>\d+(?:\.\d*)?|\.\d+)\s*%\s*")
_PIXELS = re.compile(r"\s*(?P<number>\d+(?:\.\d*)?|\.\d+)\s*")
_HINT = re.compile(r"(?P<x>[^,=]+),(?P<y>[^,=]+)(?:,(?P<radius>[^,=]+))?=(?P<color>[^=]+)")

Length = float | str
"""Pixels of the upright photograph, or text such as "40%"."""


@dataclass(frozen=True)
class Hint:
    """A color at a place.

    Attributes: ``x`` from the left and ``y`` from the top, in pixels of the upright photograph, or
    as text in percent of its width and height ("40%"); ``color`` as ``#rrggbb``, ``#rgb`` or a
    name of CSS; ``radius`` in pixels or percent of the shorter side (None: the usual one).
    """

    x: Length
    y: Length
    color: str
    radius: Length | None = None

    def __post_init__(self) -> None:
        """Raise :class:`WrongInput` for a number or a color that cannot be."""
        parse_color(self.color)
        for name in ("x", "y", "radius"):
            value = getattr(self, name)
            if value is not None or name != "radius":
                _length(value, 1.0, name)
        if self.radius is not None and _length(self.radius, 1.0, "radius") == 0:
            message = f"the radius of a hint must be above 0, not {self.radius}"
            raise WrongInput(message)

    def place(self, height: int, width: int) -> tuple[float, float]:
        """``(x, y)`` in pixels of a photograph; raises :class:`WrongInput` outside of it."""
        found = []
        for name, value, side, kind in (
            ("x", self.x, width, "wide"),
            ("y", self.y, height, "high"),
        ):
            pixels = _length(value, side, name)
            if pixels >= side and not _is_percent(value):
                message = f"{name} = {value} lies outside the photo, {side} pixels {kind}"
                raise WrongInput(message)
            found.append(min(pixels, math.nextafter(side, 0)))
        return found[0], found[1]

    def reach(self, height: int, width: int) -> float:
        """The radius in pixels of a photograph; raises :class:`WrongInput` if it is too large."""
        side = min(height, width)
        if self.radius is None:
            return RADIUS * side
        pixels = _length(self.radius, side, "radius")
        if pixels > LARGEST * side and pixels > 1:
            message = (
                f"radius {self.radius} is too large: at most {LARGEST:.0%} of the shorter side "
                f"({side} pixels)"
            )
            raise WrongInput(message)
        return pixels

    def scaled(self, across: float, down: float) -> Hint:
        """The same place of the same photograph at another size; percents stay."""

        def times(value: Length, factor: float) -> Length:
            return value if _is_percent(value) else _length(value, 1.0, "x") * factor

        shorter = min(across, down)
        radius = None if self.radius is None else times(self.radius, shorter)
        return Hint(times(self.x, across), times(self.y, down), self.color, radius)

    def __str__(self) -> str:
        """As ``--hint`` takes it."""
        radius = "" if self.radius is None else f",{self.radius}"
        return f"{self.x},{self.y}{radius}={self.color}"


def parse_hint(text: str) -> Hint:
    """``X,Y=COLOR`` or ``X,Y,RADIUS=COLOR`` to a hint; raises :class:`WrongInput`."""
    match = _HINT.fullmatch(text.strip())
    if match is None:
        message = (
            f"cannot read the hint {text!r}: write X,Y=COLOR, as 120,80=#c03028 or 40%,55%=red"
        )
        raise WrongInput(message)
    try:
        radius = match["radius"]
        return Hint(match["x"].strip(), match["y"].strip(), match["color"].strip(), radius)
    except WrongInput as error:
        message = f"the hint {text!r}: {error}"
        raise WrongInput(message) from error


def _is_percent(value: Length | None) -> bool:
    return isinstance(value, str) and _PERCENT.fullmatch(value) is not None


def _length(value: Length, whole: float, name: str) -> float:
    """Pixels, where percents are of ``whole``."""
    if isinstance(value, str):
        percent, number = _PERCENT.fullmatch(value), _PIXELS.fullmatch(value)
        if percent and float(percent["number"]) <= 100:
            return float(percent["number"]) / 100 * whole
        if number and float(number["number"]) <= _MOST_PIXELS:
            return float(number["number"])
    # Compared before it is converted: whole numbers in files may be too large for a float.
    elif (
        isinstance(value, int | float | np.number)
        and not isinstance(value, bool)
        and 0 <= value <= _MOST_PIXELS
    ):
        return float(value)
    message = f"{name} must be pixels from 0 up, or 0% to 100%, not {value!r}"
    raise WrongInput(message)


def check_hints(hints: Sequence[Hint], height: int, width: int) -> None:
    """See that every hint lies in the photograph, and that no place is hinted twice.

    Raises :class:`WrongInput` that counts hints from 1.
    """
    given: Any = hints
    if isinstance(given, str) or not isinstance(given, Sequence):
        message = f"hints must be a list, as [Hint(1, 2, 'red')], not {hints!r}"
        raise WrongInput(message)
    taken: dict[tuple[int, int], int] = {}
    for number, hint in enumerate(given, 1):
        if not isinstance(hint, Hint):
            message = f"hint {number} must be a Hint, as Hint(1, 2, 'red'), not {hint!r}"
            raise WrongInput(message)
        try:
            pixel = _pixel(hint, height, width)
            hint.reach(height, width)
        except WrongInput as error:
            message = f"hint {number} ({hint}): {error}"
            raise WrongInput(message) from error
        first = taken.setdefault(pixel, number)
        if first != number:
            message = f"hints {first} and {number} ({hint}) are at the same place"
            raise WrongInput(message)


def merge_hints(
    old: Sequence[Hint], new: Sequence[Hint], height: int, width: int
) -> tuple[Hint, ...]:
    """Both, but for old ones whose pixel a new one takes."""
    check_hints(old, height, width)
    check_hints(new, height, width)
    replaced = {_pixel(hint, height, width) for hint in new}
    return (*(hint for hint in old if _pixel(hint, height, width) not in replaced), *new)


def fit_hints(
    hints: Sequence[Hint], old: tuple[int, int], new: tuple[int, int]
) -> tuple[Hint, ...]:
    """Hints of a photograph for a copy of it; both sizes are ``(height, width)``.

    Of those that come to lie on one pixel the last stays. Raises :class:`WrongInput` for hints that
    did not fit the photograph itself.
    """
    check_hints(hints, *old)
    fitted = [_fit(hint, old, new) for hint in hints]
    last = {_pixel(hint, *new): number for number, hint in enumerate(fitted)}
    return tuple(h for number, h in enumerate(fitted) if last[_pixel(h, *new)] == number)


def _fit(hint: Hint, old: tuple[int, int], new: tuple[int, int]) -> Hint:
    """A good hint at another size, where rounding takes it neither outside nor over the largest."""
    (height, width), moved = new, hint.scaled(new[1] / old[1], new[0] / old[0])

    def most(value: Any, limit: float) -> Any:
        return value if value is None or _is_percent(value) else min(value, limit)

    x, y = most(moved.x, math.nextafter(width, 0)), most(moved.y, math.nextafter(height, 0))
    return Hint(x, y, hint.color, most(moved.radius, max(1.0, LARGEST * min(new))))


def _pixel(hint: Hint, height: int, width: int) -> tuple[int, int]:
    x, y = hint.place(height, width)
    return int(x), int(y)


def hint_planes(
    hints: Sequence[Hint], photo: tuple[int, int], view: tuple[int, int], lightness: np.ndarray
) -> np.ndarray:
    """What a network is told: ``(1, 3, H, W)`` float32 a and b in Lab units, and a mask of 0 and 1.

    Each hint is a square around its place, as in training; where two overlap, the later one wins.

    Args:
        hints: at places of the photograph.
        photo: its ``(height, width)``.
        view: ``(height, width)`` at which the network sees it.
        lightness: ``(1, 1, H, W)`` in 0..100, the view padded as the network needs it.

    Raises:
        WrongInput: a hint outside of the photograph, or two at one place.
    """
    check_hints(hints, *photo)
    planes = np.zeros((1, 3, *lightness.shape[2:]), dtype=np.float32)
    for hint in hints:
        (x, y), reach = hint.place(*photo), hint.reach(*photo)
        rows = _span(y / photo[0] * view[0], reach / photo[0] * view[0], view[0])
        columns = _span(x / photo[1] * view[1], reach / photo[1] * view[1], view[1])
        L = lightness[0, 0, rows, columns].mean()
        lab = np.array([L, *color_to_ab(parse_color(hint.color))]).reshape(3, 1, 1)
        planes[0, :2, rows, columns] = fit_lab_to_gamut(lab)[1:]
        planes[0, 2, rows, columns] = 1
    return planes


def _span(center: float, reach: float, side: int) -> slice:
    """The pixels of a side that lie around a center: an odd number of them, at least one."""
    middle, radius = min(int(center), side - 1), max(0, round(reach - 0.5))
    return slice(max(0, middle - radius), min(side, middle + radius + 1))
