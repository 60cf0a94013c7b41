"""Figures in U and V: those that Hsu and Shiau (2016) planned for their two networks."""

from __future__ import annotations

import numpy as np

from photochrom.color.bins import equi_width_uv
from photochrom.evaluation.metric import MeanOverPictures
from photochrom.evaluation.pair import Pair

BINS = 50
"""Of each channel: the document gives no number; Hwang and Zhou 2016, whom it follows, took 50."""


class SquaredUV(MeanOverPictures):
    """``|U_p - U_a|^2 + |V_p - V_a|^2``, U and V of BT.601 for RGB in 0..1, mean over pixels.

    The document's regression loss. It is printed as a sum over the pixels of one picture; the mean
    makes pictures of different sizes comparable, as in our loss ``squared-uv``.
    """

    def measure(self, pair: Pair) -> np.ndarray:
        """The mean over a picture's pixels: ``(1,)``."""
        difference = pair.predicted_yuv[1:] - pair.true_yuv[1:]
        return np.array([2 * np.mean(difference**2, dtype=np.float64)])


class BinAccuracy(MeanOverPictures):
    """Acc_U or Acc_V: share of pixels in the same equally wide bin of the channel, in percent.

    The bins are those of ``vgg-bins``: 50 of U from -0.436 to 0.436, or of V from -0.615 to 0.615.
    Gray lies on the border of two of them and belongs to the lower one.
    """

    def __init__(self, channel: int) -> None:
        """``channel`` is 1 for U, 2 for V."""
        self.channel = channel

    def measure(self, pair: Pair) -> np.ndarray:
        """The share in one picture: ``(1,)``, 0..100."""
        found = uv_bin(pair.predicted_yuv[self.channel], self.channel)
        return np.array([100 * np.mean(found == uv_bin(pair.true_yuv[self.channel], self.channel))])


class SaturationDifference(MeanOverPictures):
    """Sat. diff.: ``|sum S_p - sum S_a| / sum S_a`` over a picture's pixels, in percent.

    The document does not say which saturation S is; it is HSV's, (max - min) / max of RGB, 0 for
    black. Figures are means over pictures; one whose truth has no saturation at all says nothing.
    """

    def measure(self, pair: Pair) -> np.ndarray | None:
        """The deviation of one picture: ``(1,)``, 0 and up."""
        true = saturation(pair.true).sum(dtype=np.float64)
        if not true:
            return None
        deviation = abs(saturation(pair.predicted).sum(dtype=np.float64) - true) / true
        return np.array([100 * deviation])


def uv_bin(values: np.ndarray, channel: int) -> np.ndarray:
    """Index 0..49 of the bin that holds each value of U (``channel`` 1) or V (2); any shape."""
    centers = equi_width_uv(BINS)[:, channel - 1].astype(np.float64)
    place = (values - centers[0]) / (centers[1] - centers[0])
    # Rounded first: every gray lies on a border, give or take the last digit.
    index = np.ceil(np.round(place, 4) - 0.5)
    bins: np.ndarray = index.clip(0, BINS - 1).astype(np.int16)
    return bins


def saturation(rgb: np.ndarray) -> np.ndarray:
    """HSV's saturation ``(H, W)``, 0..1, of RGB ``(3, H, W)`` in any range that starts at 0."""
    high = rgb.max(0).astype(np.float32)
    low = rgb.min(0).astype(np.float32)
    result: np.ndarray = (high - low) / np.maximum(high, 1e-9)
    return result


def build(name: str) -> SquaredUV | BinAccuracy | SaturationDifference:
    """Build "uv-error", "u-accuracy", "v-accuracy" or "saturation-difference"."""
    if name == "uv-error":
        return SquaredUV()
    if name == "saturation-difference":
        return SaturationDifference()
    return BinAccuracy({"u-accuracy": 1, "v-accuracy": 2}[name])
