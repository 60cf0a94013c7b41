"""Which colors a set has: histograms of hue and of chroma beside those of the truth.

Pixels are not compared with each other: a model that gives every object another plausible color
comes out well here, and one that knows a few colors only does not.
"""

from __future__ import annotations

import math

import numpy as np

from photochrom.evaluation.pair import Pair

HUES = 72
CHROMAS = 140
LEAST_CHROMA = 10.0


class HueHistogram:
    """Earth mover's distance of the hues of a set, predicted and true, in degrees.

    Histograms of 5 degrees over the pixels whose chroma is above 10, each weighted by its chroma;
    the distance is that on a circle (Rabin, Delon and Gousseau 2011): how far hue is off where
    every amount of a hue may stand for any other. 0..180.
    """

    def measure(self, pair: Pair) -> np.ndarray:
        """Both histograms: ``(144,)``."""
        return np.concatenate(
            [
                _hues(pair.predicted_lab, pair.predicted_chroma),
                _hues(pair.true_lab, pair.true_chroma),
            ]
        )

    def figure(self, sums: np.ndarray, count: float) -> float:
        """Degrees; NaN where one side has no color."""
        return circular_distance(*sums.reshape(2, -1)) * 360 / HUES


class ChromaHistogram:
    """Earth mover's distance of the chromas of a set, predicted and true, in Lab units.

    Rubner, Tomasi and Guibas 2000, on histograms of one Lab unit over all pixels, pictures
    weighing alike. For gray it is the mean chroma of the truth.
    """

    def measure(self, pair: Pair) -> np.ndarray:
        """Both histograms, each summing to one: ``(280,)``."""
        return np.concatenate([_chromas(pair.predicted_chroma), _chromas(pair.true_chroma)])

    def figure(self, sums: np.ndarray, count: float) -> float:
        """Lab units, 0 for the truth."""
        return line_distance(*sums.reshape(2, -1))


def line_distance(one: np.ndarray, other: np.ndarray) -> float:
    """Earth mover's distance of two histograms ``(n,)``, in bins; each counts as summing to one.

    NaN if one is empty.
    """
    if not (one.sum() and other.sum()):
        return math.nan
    return float(abs(_ahead(one, other)).sum())


def circular_distance(one: np.ndarray, other: np.ndarray) -> float:
    """As :func:`line_distance`, where the last bin is the first one's neighbor."""
    if not (one.sum() and other.sum()):
        return math.nan
    ahead = _ahead(one, other)
    # On a circle any amount may go around; the median is the amount that saves most.
    return float(abs(ahead - np.median(ahead)).sum())


def _ahead(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How much more of one than of the other lies up to each bin."""
    difference: np.ndarray = np.cumsum(one / one.sum() - other / other.sum())
    return difference


def _hues(lab: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    turn = np.arctan2(lab[2], lab[1]) * (HUES / (2 * math.pi)) + HUES / 2
    # Half a circle at the very end is the same hue as at the start.
    index = np.minimum(turn, HUES - 1).astype(np.int64).ravel()
    weight = (chroma * (chroma > LEAST_CHROMA)).ravel()
    # Divided by all pixels: pictures of different sizes weigh alike.
    return np.bincount(index, weight, HUES) / chroma.size


def _chromas(chroma: np.ndarray) -> np.ndarray:
    index = np.minimum(chroma, CHROMAS - 1).astype(np.int64).ravel()
    return np.bincount(index, minlength=CHROMAS) / chroma.size


def build(name: str) -> HueHistogram | ChromaHistogram:
    """Build "hue-histogram" or "chroma-histogram"."""
    return HueHistogram() if name == "hue-histogram" else ChromaHistogram()
