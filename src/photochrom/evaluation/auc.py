"""AuC and rebalanced AuC of ab errors (Zhang et al. 2016, section 3.1).

AuC is the share of pixels whose ab lies within a distance t of the truth, averaged over t = 0, 1,
..., 150, in percent. Rebalanced, each pixel counts by the rarity of its true color: every 10-wide
cell of the ab plane that holds more than one pixel in 10,000 weighs the same. The paper weighs by a
smoothed prior over ImageNet; here the set itself says what is rare, so that nothing else is needed
to repeat a figure, and figures of different sets are not comparable.
"""

from __future__ import annotations

import math

import numpy as np

from photochrom.evaluation.pair import Pair

THRESHOLDS = 151
LEAST_SHARE = 1e-4
_CELLS = 25  # cells of 10 Lab units to either side of gray cover every sRGB color


class AbErrors:
    """Counts of error by true color, added up picture by picture in constant memory."""

    def __init__(self) -> None:
        self._counts = np.zeros((_CELLS**2, THRESHOLDS + 1))

    def add(self, predicted: np.ndarray, truth: np.ndarray) -> None:
        """Add one picture's ab, both ``(2, H, W)`` in Lab units."""
        self._counts += count_errors(predicted, truth)

    def auc(self) -> float:
        """AuC in percent, 0..100; higher is better."""
        return auc(self._counts)

    def rebalanced_auc(self) -> float:
        """AuC in percent with every frequent enough color cell weighing the same."""
        return rebalanced_auc(self._counts)


class AreaUnderCurve:
    """AuC or rebalanced AuC in percent, 0..100; higher is better."""

    def __init__(self, *, rebalanced: bool) -> None:
        self.rebalanced = rebalanced

    def measure(self, pair: Pair) -> np.ndarray:
        """Pixels by error, one row for each cell of true color if rebalanced, flattened."""
        if not self.rebalanced:
            return np.bincount(_levels(pair.ab_error), minlength=THRESHOLDS + 1)
        return _count(pair.ab_error, pair.true_lab[1:]).ravel()

    def figure(self, sums: np.ndarray, count: float) -> float:
        """See the module's description."""
        counts = sums.reshape(-1, THRESHOLDS + 1)
        return rebalanced_auc(counts) if self.rebalanced else auc(counts)


def count_errors(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Pixels by true color and error, ``(625, 152)``, of ab ``(2, H, W)`` in Lab units.

    Rows are cells of 10 x 10 Lab units; columns are errors of at most 0, 1, ..., 150, and above.
    """
    return _count(np.hypot(*(predicted - true)), true)


def _count(error: np.ndarray, true: np.ndarray) -> np.ndarray:
    level = _levels(error)
    cell = np.round(true.reshape(2, -1) / 10).astype(int) + _CELLS // 2
    row = cell[0] * _CELLS + cell[1]
    flat = np.bincount(row * (THRESHOLDS + 1) + level, minlength=_CELLS**2 * (THRESHOLDS + 1))
    return flat.reshape(_CELLS**2, THRESHOLDS + 1)


def _levels(error: np.ndarray) -> np.ndarray:
    """The least threshold that each error is within, flattened; 151 beyond the last."""
    levels: np.ndarray = np.minimum(np.ceil(error), THRESHOLDS).astype(int).ravel()
    return levels


def auc(counts: np.ndarray) -> float:
    """AuC in percent of counts as :func:`count_errors` gives them, added up."""
    return _area(counts.sum(0))


def rebalanced_auc(counts: np.ndarray) -> float:
    """AuC in percent with every frequent enough color cell weighing the same."""
    pixels = counts.sum(1)
    kept = pixels > LEAST_SHARE * pixels.sum()
    return _area((counts[kept] / pixels[kept, None]).sum(0))


def _area(errors: np.ndarray) -> float:
    """Mean over thresholds of the share of errors at or below each, in percent; NaN without any."""
    if not errors.sum():
        return math.nan
    share = np.cumsum(errors)[:THRESHOLDS] / errors.sum()
    return float(100 * share.mean())


def build(name: str) -> AreaUnderCurve:
    """Build "auc" or "rebalanced-auc"."""
    return AreaUnderCurve(rebalanced=name == "rebalanced-auc")
