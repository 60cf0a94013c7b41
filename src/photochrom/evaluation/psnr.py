"""Peak signal-to-noise ratio of RGB."""

from __future__ import annotations

import math

import numpy as np

from photochrom.evaluation.metric import MeanOverPictures
from photochrom.evaluation.pair import Pair

LIMIT = 100.0
"""dB given to pictures that are equal or nearly so: one infinite value would hide all others."""


class PSNR(MeanOverPictures):
    """Mean over pictures of each one's PSNR, capped at 100 dB."""

    def measure(self, pair: Pair) -> np.ndarray:
        """Of one picture, in dB: ``(1,)``."""
        return np.array([psnr(pair.predicted, pair.true)])


def psnr(predicted: np.ndarray, true: np.ndarray) -> float:
    """``10 log10(255^2 / MSE)`` of bytes ``(3, H, W)``, the mean over all channels; at most 100."""
    difference = np.subtract(predicted, true, dtype=np.float32)
    error = float(np.mean(difference * difference, dtype=np.float64))
    return min(LIMIT, 10 * math.log10(255**2 / error)) if error else LIMIT


def build(_name: str) -> PSNR:
    """Build the metric."""
    return PSNR()
