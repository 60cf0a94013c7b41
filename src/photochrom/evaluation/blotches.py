"""Colors that change where the gray does not: islands of red or blue on a plain wall or a sky."""

from __future__ import annotations

import math

import numpy as np

from photochrom.evaluation.metric import Metric, MetricCard
from photochrom.evaluation.pair import Pair

WINDOWS = 8
"""A picture's side is so many windows."""
FLAT = 2.0
"""A window whose lightness deviates by at most so many Lab units from its mean is plain."""


class Blotches:
    """How much ab deviates from its mean inside of plain windows, Lab units; see ``measure``."""

    def measure(self, pair: Pair) -> np.ndarray:
        """Summed deviations of the plain windows of one picture, and their number: ``(2,)``.

        The truth's lightness says which windows are plain, so that all results are measured by the
        same ones. A deviation is the root of a's and b's summed variances.
        """
        plain = pair.of_truth("plain", lambda pair: _windows(pair.true_lab[:1]).var(-1) <= FLAT**2)
        spread = np.sqrt(_windows(pair.predicted_lab[1:]).var(-1).sum(0, keepdims=True))
        return np.array([spread[plain].sum(), plain.sum()])

    def figure(self, sums: np.ndarray, count: float) -> float:
        """The mean over plain windows; NaN where there are none."""
        return float(sums[0] / sums[1]) if sums[1] else math.nan


def _windows(planes: np.ndarray) -> np.ndarray:
    """``(C, H, W)`` cut into squares: ``(C, rows, columns, pixels)``; what is left over is not."""
    side = max(min(planes.shape[1:]) // WINDOWS, 1)
    rows, columns = (length // side for length in planes.shape[1:])
    cut = planes[:, : rows * side, : columns * side].reshape(-1, rows, side, columns, side)
    windows: np.ndarray = cut.swapaxes(2, 3).reshape(-1, rows, columns, side * side)
    return windows


CARD = MetricCard(
    "blotches",
    "blotches",
    better="truth",
    source=(
        "deviation of ab from its mean, Lab units, inside squares of an eighth of the side where "
        "the truth's lightness deviates by at most 2; mean over those of the set; above the "
        "truth's, plain walls and skies have islands of color"
    ),
    module=__name__,
    usual=False,
    silent="no picture here has a plain part",
)


def build(_name: str) -> Metric:
    """Build the metric."""
    return Blotches()
