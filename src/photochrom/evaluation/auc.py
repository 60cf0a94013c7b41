"""AuC and rebalanced AuC of ab errors (Zhang et al. 2016, section 3.1).

AuC is the share of pixels whose ab lies within a distance t of the truth, averaged over t = 0, 1,
..., 150, in percent. Rebalanced, each pixel counts by the rarity of its true color: every 10-wide
cell of the ab plane that holds at least one pixel in 10,000 weighs the same.
"""

from __future__ import annotations

import numpy as np

THRESHOLDS = 151
LEAST_SHARE = 1e-4
_CELLS = 25  # cells of 10 Lab units to either side of gray cover every sRGB color


class AbErrors:
    """Counts of error by true color, added up picture by picture in constant memory."""

    def __init__(self) -> None:
        self._counts = np.zeros((_CELLS * _CELLS, THRESHOLDS + 1))

    def add(self, predicted: np.ndarray, truth: np.ndarray) -> None:
        """Add one picture's ab, both ``(2, H, W)`` in Lab units."""
        error = np.hypot(*(predicted - truth)).ravel()
        level = np.minimum(np.ceil(error), THRESHOLDS).astype(int)
        cell = np.round(truth.reshape(2, -1) / 10).astype(int) + _CELLS // 2
        row = cell[0] * _CELLS + cell[1]
        flat = np.bincount(row * (THRESHOLDS + 1) + level, minlength=self._counts.size)
        self._counts += flat.reshape(self._counts.shape)

    def auc(self) -> float:
        """AuC in percent, 0..100; higher is better."""
        return _area(self._counts.sum(0))

    def rebalanced_auc(self) -> float:
        """AuC in percent with every frequent enough color cell weighing the same."""
        pixels = self._counts.sum(1)
        kept = pixels > LEAST_SHARE * pixels.sum()
        return _area((self._counts[kept] / pixels[kept, None]).sum(0))


def _area(errors: np.ndarray) -> float:
    """Mean over thresholds of the share of errors at or below each, in percent."""
    share = np.cumsum(errors)[:THRESHOLDS] / errors.sum()
    return float(100 * share.mean())
