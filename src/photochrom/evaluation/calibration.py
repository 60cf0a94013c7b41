"""Is a model as often right as it says? Confidence beside how often the named bin is true."""

from __future__ import annotations

import numpy as np

from photochrom.color.encoding import encode_hard
from photochrom.evaluation.methods import Guess
from photochrom.evaluation.pair import ab_at

STEPS = 20


def reliability(guess: Guess, true_ab: np.ndarray) -> np.ndarray | None:
    """Pixels, right ones and the sum of confidence by step of confidence, ``(3, 20)``, added up.

    Right is a pixel if no other bin's center is nearer to its true color than the named one's.
    ``true_ab`` ``(2, H, W)`` is averaged to the size of the guess. None without confidence.
    """
    if guess.confidence is None or guess.mode is None or guess.centers is None:
        return None
    height, width = guess.confidence.shape
    true = ab_at(true_ab, (height, width))
    named, nearest = (encode_hard(ab[None], guess.centers)[0] for ab in (guess.mode, true))
    right = (named == nearest).ravel()
    sure = guess.confidence.ravel()
    step = np.minimum((sure * STEPS).astype(int), STEPS - 1)
    return np.stack([np.bincount(step, w, STEPS) for w in (np.ones_like(sure), right, sure)])


def calibration_error(counts: np.ndarray) -> float:
    """Expected calibration error in percent, mean |confidence - rightness|, of counts (3, 20)."""
    pixels, right, sure = counts
    return float(100 * np.abs(right - sure).sum() / max(pixels.sum(), 1))
