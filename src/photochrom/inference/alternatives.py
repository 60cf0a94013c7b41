"""Other colors that a photograph may well have had, each consistent over the whole picture.

Where the network wavers between colors, a region is told each of the others as hints, and the
network colors the picture again: what belongs together follows. Of these candidates those are
chosen that are likely and unlike each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from photochrom.color.gamut import fit_lab_to_gamut
from photochrom.color.names import rgb_to_hex
from photochrom.color.spaces import lab_to_rgb, luma_to_lightness
from photochrom.errors import WrongInput
from photochrom.inference.hints import Hint, check_hints
from photochrom.inference.planes import bare_share
from photochrom.inference.regions import Region, find_regions, wavering
from photochrom.inference.view import seen_at
from photochrom.photo.photo import Photo

if TYPE_CHECKING:
    from photochrom.inference.colorizer import Colorizer

MOST = 9
REGIONS = 4
COLORS = 4
"""Of each region, the one that it has already among them."""
OTHER = 15.0
"""Colors nearer to each other, in Lab units, are no alternatives."""
SEEN = 0.05
"""Share of a picture in which two colorings must differ by as much."""
LIKELINESS = 10.0
"""Lab units of mean difference that e times the probability is worth."""
RADIUS = "1.2%"
"""Half of what a hint usually covers: many lie in a region, and some near where it ends."""
_FLOOR = 1e-3


@dataclass(frozen=True)
class Alternative:
    """Other colors for a photograph.

    Attributes: ``hints`` give them to whoever colors it with these (they hold those of the user
    too); ``ab`` ``(2, h, w)`` is what the network then says, in Lab units; ``probability`` is what
    it held of the color that the hints name, at their places, before.
    """

    hints: tuple[Hint, ...]
    ab: np.ndarray
    probability: float


def check_alternatives(colorizer: Colorizer, count: int) -> None:
    """See that a colorizer can give them: :class:`WrongInput` or :class:`ModelError` if not."""
    if not 1 <= count <= MOST:
        message = f"alternatives must be between 1 and {MOST}, not {count}"
        raise WrongInput(message)
    card = colorizer.session.card
    if "hints" not in card.inputs:
        message = f"alternatives need a model that takes hints; {card.name} takes none"
        raise WrongInput(message)
    if colorizer.steering:
        message = "alternatives are the network's own: leave out the reference or palette"
        raise WrongInput(message)
    colorizer.check_distribution()


def find_alternatives(
    colorizer: Colorizer, photo: Photo, count: int, hints: Sequence[Hint] = ()
) -> list[Alternative]:
    """At most ``count`` alternatives to the usual result, the most worthwhile first.

    Fewer where the network has less doubt. The same photograph always gets the same ones.

    Raises:
        WrongInput: the count is out of range, or the model takes no hints.
        ModelError: the model does not say how probable colors are.
    """
    check_alternatives(colorizer, count)
    usual = colorizer.predict(photo, hints=hints).ab
    candidates = _candidates(colorizer, photo, tuple(hints), usual)
    chosen: list[Alternative] = []
    shown = [usual]
    while len(chosen) < count:
        candidates = [c for c in candidates if _differs(c.ab, shown[-1])]
        if not candidates:
            break
        apart = [min(_distance(c.ab, ab) for ab in shown) for c in candidates]
        worth = [a + LIKELINESS * _log(c) for a, c in zip(apart, candidates, strict=True)]
        chosen.append(candidates.pop(int(np.argmax(worth))))
        shown.append(chosen[-1].ab)
    return chosen


def _candidates(
    colorizer: Colorizer, photo: Photo, hints: tuple[Hint, ...], usual: np.ndarray
) -> list[Alternative]:
    """What the picture becomes when one region takes another of its colors."""
    found = colorizer.distribution(photo, hints=hints)
    size = usual.shape[1], usual.shape[2]
    lightness = luma_to_lightness(seen_at(photo, size))
    bare = bare_share(photo, size, hints)
    candidates = []
    for region in find_regions(found)[:REGIONS]:
        if bare is not None:
            region = replace(region, places=region.places & (bare < 0.5))  # paper has one color
        if not region.places.any():
            continue
        present = usual[:, region.places].mean(1)
        for ab, probability in wavering(region.distribution, found.centers, COLORS):
            if np.hypot(*(ab - present)) < OTHER:
                continue
            told = (*hints, *_told(region, ab, lightness, photo, hints))
            colored = colorizer.predict(photo, hints=told).ab
            candidates.append(Alternative(told, colored, probability))
    return candidates


def _told(
    region: Region, ab: np.ndarray, lightness: np.ndarray, photo: Photo, hints: tuple[Hint, ...]
) -> list[Hint]:
    """Hints of one color for a region, where the user has not said another."""
    height, width = region.places.shape
    told: list[Hint] = []
    for row, column in region.points():
        lab = np.array([lightness[row, column], *ab], dtype=np.float64).reshape(3, 1, 1)
        color = rgb_to_hex(lab_to_rgb(fit_lab_to_gamut(lab))[:, 0, 0])
        x, y = (column + 0.5) / width, (row + 0.5) / height
        hint = Hint(f"{100 * x:.2f}%", f"{100 * y:.2f}%", color, RADIUS)
        try:
            check_hints([*hints, *told, hint], photo.height, photo.width)
        except WrongInput:
            # A photograph of few pixels: several places of the network are one of its own.
            continue
        told.append(hint)
    return told


def _differs(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether enough of two colorings has clearly different colors."""
    return bool((np.hypot(*(one - other)) > OTHER).mean() >= SEEN)


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    """Mean distance in ab, Lab units."""
    return float(np.hypot(*(one - other)).mean())


def _log(candidate: Alternative) -> float:
    return float(np.log(candidate.probability + _FLOOR))
