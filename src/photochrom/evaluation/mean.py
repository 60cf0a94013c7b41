"""What most metrics are: a figure of each picture, and the mean of those."""

from __future__ import annotations

import math

import numpy as np


class MeanOverPictures:
    """A metric whose ``measure`` gives the figure of one picture first; its card has the range."""

    def figure(self, sums: np.ndarray, count: float) -> float:
        """The mean over ``count`` pictures of what ``measure`` gave; NaN of none."""
        return float(sums[0]) / count if count else math.nan
