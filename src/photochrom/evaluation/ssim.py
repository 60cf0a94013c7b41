"""Structural similarity, of one scale and of five, as the mean over RGB's channels."""

from __future__ import annotations

import numpy as np

from photochrom.evaluation.metric import MeanOverPictures
from photochrom.evaluation.pair import Pair

RADIUS, SIGMA = 5, 1.5
_KERNEL = np.exp(-(np.arange(-RADIUS, RADIUS + 1) ** 2) / (2 * SIGMA**2))
KERNEL = (_KERNEL / _KERNEL.sum()).astype(np.float32)
STABLE = ((0.01 * 255) ** 2, (0.03 * 255) ** 2)
SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Weights of the scales, from the finest, as Wang et al. 2003 found them."""


class StructuralSimilarity(MeanOverPictures):
    """SSIM or MS-SSIM of the three channels; mean over pictures."""

    def __init__(self, *, scales: bool) -> None:
        self.scales = scales

    def measure(self, pair: Pair) -> np.ndarray | None:
        """The similarity of one picture, ``(1,)``; None if it is smaller than the windows."""
        if min(pair.true.shape[1:]) < least_side(scales=self.scales):
            return None
        if self.scales:
            channels = zip(pair.predicted, pair.true, strict=True)
            return np.array([np.mean([ms_ssim(one, other) for one, other in channels])])
        if pair.predicted is pair.true:
            return np.ones(1)
        true = pair.of_truth(_seen, lambda pair: [_seen(channel) for channel in pair.true])
        seen = zip(map(_seen, pair.predicted), true, strict=True)
        return np.array([np.mean([_compare(one, other)[0] for one, other in seen])])


def least_side(*, scales: bool) -> int:
    """Pixels that the shorter side needs: 11 for SSIM, 176 for MS-SSIM."""
    return (2 * RADIUS + 1) * (2 ** (len(SCALES) - 1) if scales else 1)


def ssim(one: np.ndarray, other: np.ndarray) -> float:
    """SSIM of two planes ``(H, W)`` in 0..255: at most 1; symmetric.

    Wang et al. 2004: windows of 11 x 11 weighted by a Gaussian of sigma 1.5, K1 = 0.01, K2 = 0.03,
    the mean over windows that lie wholly inside.
    """
    return _compare(_seen(one), _seen(other))[0]


def ms_ssim(one: np.ndarray, other: np.ndarray) -> float:
    """MS-SSIM of two planes ``(H, W)`` in 0..255, both sides at least 176: 0..1; symmetric.

    Wang et al. 2003: contrast and structure at five scales, each the mean of 2 x 2 of the one
    before, luminance at the last. A scale whose structure is opposite counts as 0.
    """
    one, other = one.astype(np.float32), other.astype(np.float32)
    product = 1.0
    for index, weight in enumerate(SCALES):
        last = index == len(SCALES) - 1
        whole, structure = _compare(_seen(one), _seen(other))
        product *= max(whole if last else structure, 0.0) ** weight
        one, other = _halve(one), _halve(other)
    return product


_Seen = tuple[np.ndarray, np.ndarray, np.ndarray]
MIDDLE = np.float32(127.5)


def _seen(plane: np.ndarray) -> _Seen:
    """A plane around the middle, its mean and its mean square in every window."""
    # Around one middle the squares lose fewer digits, and variances do not change.
    plane = plane.astype(np.float32) - MIDDLE
    return plane, _blur(plane), _blur(plane * plane)


def _compare(one: _Seen, other: _Seen) -> tuple[float, float]:
    """SSIM, and its part of contrast and structure alone."""
    plane_one, mean_one, square_one = one
    plane_other, mean_other, square_other = other
    product, squares = mean_one * mean_other, mean_one * mean_one + mean_other * mean_other
    covariance = _blur(plane_one * plane_other) - product
    variances = square_one + square_other - squares
    structure = (2 * covariance + STABLE[1]) / (variances + STABLE[1])
    product += MIDDLE * (mean_one + mean_other + MIDDLE)
    squares += 2 * MIDDLE * (mean_one + mean_other + MIDDLE)
    luminance = (2 * product + STABLE[0]) / (squares + STABLE[0])
    whole = float(np.mean(luminance * structure, dtype=np.float64))
    return whole, float(np.mean(structure, dtype=np.float64))


def _blur(plane: np.ndarray) -> np.ndarray:
    """Gaussian mean over windows inside ``(H, W)``: ``(H - 10, W - 10)``; both ends at a time."""
    for axis in (0, 1):
        span = plane.shape[axis] - 2 * RADIUS
        parts = [_slice(plane, axis, start, span) for start in range(2 * RADIUS + 1)]
        total = parts[RADIUS] * KERNEL[RADIUS]
        pair = np.empty_like(total)
        for index in range(RADIUS):
            np.add(parts[index], parts[-1 - index], out=pair)
            pair *= KERNEL[index]
            total += pair
        plane = total
    return plane


def _slice(plane: np.ndarray, axis: int, start: int, span: int) -> np.ndarray:
    return plane[start : start + span] if axis == 0 else plane[:, start : start + span]


def _halve(plane: np.ndarray) -> np.ndarray:
    """Means of 2 x 2, leaving out an odd last row or column."""
    height, width = (2 * (side // 2) for side in plane.shape)
    rows = plane[0:height:2, :width] + plane[1:height:2, :width]
    smaller: np.ndarray = (rows[:, ::2] + rows[:, 1::2]) / 4
    return smaller


def build(name: str) -> StructuralSimilarity:
    """Build "ssim" or "ms-ssim"."""
    return StructuralSimilarity(scales=name == "ms-ssim")
