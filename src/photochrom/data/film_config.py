"""How strongly training pictures are made to look like old photographs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Film:
    """Section ``[data.film]`` of a recipe; see :mod:`photochrom.data.film`.

    ``probability`` is the share of pictures that are filmed at all: 0 switches the section off.
    Every filmed picture gets a spectral response of its own, ``response`` of the way at most from
    the eye's to a film's (0..1). The others happen to a share ``damage`` of the filmed pictures
    each and are the largest value that is drawn: ``tone`` the logarithm of the powers of toe and
    shoulder, ``vignette`` the share of light that the corners lose, ``blur`` a standard deviation
    in pixels, ``grain`` one in units of L, ``fading`` the lost share of the range of tones,
    ``scratches`` the opacity of scratches and dust. ``jpeg`` is the lowest quality (1..100; 100 is
    none).
    """

    probability: float = 0.0
    response: float = 1.0
    damage: float = 0.5
    tone: float = 0.5
    vignette: float = 0.5
    blur: float = 1.0
    grain: float = 5.0
    fading: float = 0.5
    scratches: float = 0.8
    jpeg: int = 30
