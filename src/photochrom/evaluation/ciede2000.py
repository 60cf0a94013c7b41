"""CIEDE2000: the difference of two colors as people see it."""

from __future__ import annotations

import math

import numpy as np

from photochrom.evaluation.metric import MeanOverPictures
from photochrom.evaluation.pair import Pair


class ColorDifference(MeanOverPictures):
    """Mean CIEDE2000 over a picture's pixels, then over pictures."""

    def measure(self, pair: Pair) -> np.ndarray:
        """The mean of one picture: ``(1,)``."""
        difference = ciede2000(pair.predicted_lab, pair.true_lab)
        return np.array([difference.mean(dtype=np.float64)])


def ciede2000(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """CIEDE2000 ``(...)`` of colors ``(3, ...)`` in Lab, L 0..100; 0 and up, symmetric.

    Luo, Cui and Rigg 2001, in the form of Sharma, Wu and Dalal 2005 (their equations 2 to 22),
    with kL = kC = kH = 1. The precision is that of the arguments.
    """
    lightness, other_lightness = one[0], other[0]
    mean_chroma = (_length(one[1], one[2]) + _length(other[1], other[2])) / 2
    stretch = 1.5 - _saturating(mean_chroma) / 2
    a, other_a = one[1] * stretch, other[1] * stretch
    chroma, other_chroma = _length(a, one[2]), _length(other_a, other[2])
    hue, other_hue = np.arctan2(one[2], a), np.arctan2(other[2], other_a)

    difference, mean_hue = _hues(hue, other_hue)
    mean_chroma = (chroma + other_chroma) / 2
    middle = ((lightness + other_lightness) / 2 - 50) ** 2
    weight = (
        1
        - 0.17 * np.cos(mean_hue - math.radians(30))
        + 0.24 * np.cos(2 * mean_hue)
        + 0.32 * np.cos(3 * mean_hue + math.radians(6))
        - 0.20 * np.cos(4 * mean_hue - math.radians(63))
    )
    by_lightness = (other_lightness - lightness) / (1 + 0.015 * middle / np.sqrt(20 + middle))
    by_chroma = (other_chroma - chroma) / (1 + 0.045 * mean_chroma)
    by_hue = 2 * np.sqrt(chroma * other_chroma) * np.sin(difference / 2)
    by_hue /= 1 + 0.015 * mean_chroma * weight
    from_blue = np.degrees(mean_hue) - 275
    turn = np.sin(math.radians(60) * np.exp(-((from_blue / 25) ** 2)))
    rotation = -2 * _saturating(mean_chroma) * turn
    squared = by_lightness**2 + by_chroma**2 + by_hue**2 + rotation * by_chroma * by_hue
    # Rounding may leave less than nothing of equal colors.
    result: np.ndarray = np.sqrt(np.maximum(squared, 0))
    return result


def _length(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    # Several times as quick as hypot, which guards against numbers that no color has.
    result: np.ndarray = np.sqrt(a * a + b * b)
    return result


def _saturating(chroma: np.ndarray) -> np.ndarray:
    """``sqrt(C^7 / (C^7 + 25^7))``: 0 for gray, towards 1."""
    ratio = (chroma / 25) ** 2
    seventh = ratio * ratio * ratio * (chroma / 25)
    result: np.ndarray = np.sqrt(seventh / (seventh + 1))
    return result


def _hues(hue: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The shorter turn from one hue to the other, and the hue midway in 0..2 pi; radians.

    Of a gray, which has no hue, they are of no consequence: the difference in hue is weighted by
    both chromas.
    """
    full = 2 * math.pi
    # Products with 0 or 1: where() is slow on conditions that change from pixel to pixel.
    hue, other = (h + full * (h < 0).astype(h.dtype) for h in (hue, other))
    turn, total = other - hue, hue + other
    far = (abs(turn) > math.pi).astype(turn.dtype)
    turn = turn - far * np.copysign(full, turn)
    midway = (total + far * np.copysign(full, full - total)) / 2
    return turn, midway


def build(_name: str) -> ColorDifference:
    """Build the metric."""
    return ColorDifference()
