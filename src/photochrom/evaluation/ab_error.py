"""Squared error in the ab plane: of all pixels, or of those whose true color is in a band."""

from __future__ import annotations

import math

import numpy as np

from photochrom.evaluation.pair import Pair

BANDS = {
    "rmse-grayish": (0.0, 10.0),
    "rmse-muted": (10.0, 20.0),
    "rmse-colorful": (20.0, 40.0),
    "rmse-vivid": (40.0, math.inf),
}
"""Bands of the true chroma, in Lab units: from the first, up to but without the second."""


class SquaredError:
    """Mean squared error per ab value, in squared Lab units, or its root.

    Both channels of all pixels of all pictures count alike, so that the root is that of the mean
    over the whole set and not a mean of roots.
    """

    def __init__(self, *, root: bool) -> None:
        self.root = root

    def measure(self, pair: Pair) -> np.ndarray:
        """The sum of squared differences and the number of values: ``(2,)``."""
        error = pair.ab_error
        return np.array([np.vdot(error, error), 2 * error.size], np.float64)

    def figure(self, sums: np.ndarray, count: float) -> float:
        """0 for the truth; Lab units, squared unless ``root``."""
        return _mean(sums, root=self.root)


class BandError:
    """Root mean squared error per ab value over the pixels whose true chroma lies in a band.

    Most pixels of photographs are near gray: only the bands of high chroma tell whether
    rare colors are met.
    """

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def measure(self, pair: Pair) -> np.ndarray | None:
        """Sum and number as :class:`SquaredError`; None if no pixel lies in the band."""
        chroma = pair.true_chroma
        error = pair.ab_error[(chroma >= self.low) & (chroma < self.high)]
        if not error.size:
            return None
        return np.array([np.vdot(error, error), 2 * error.size], np.float64)

    def figure(self, sums: np.ndarray, count: float) -> float:
        """0 for the truth, in Lab units."""
        return _mean(sums, root=True)


def _mean(sums: np.ndarray, *, root: bool) -> float:
    total, values = map(float, sums)
    if not values:
        return math.nan
    return math.sqrt(total / values) if root else total / values


def build(name: str) -> SquaredError | BandError:
    """Build "ab-mse", "ab-rmse" or the error in one of ``BANDS``."""
    if name in BANDS:
        return BandError(*BANDS[name])
    return SquaredError(root=name == "ab-rmse")
