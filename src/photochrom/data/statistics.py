"""How often colors occur in a set of pictures."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from photochrom.color.encoding import encode_hard
from photochrom.color.prior import normalize_prior
from photochrom.color.spaces import rgb_to_lab

_AXIS = np.arange(-110, 110) + 0.5


def ab_histogram(crops: Iterable[np.ndarray]) -> np.ndarray:
    """Count colors of uint8 RGB crops ``(3, H, W)`` over one-unit cells of a and b.

    Returns ``(220, 220)`` float64 counts, first axis a, second b, from -110.
    """
    histogram = np.zeros((220, 220))
    for crop in crops:
        ab = rgb_to_lab(crop.astype(np.float32) / 255)[1:].reshape(2, -1)
        cell = np.clip(np.floor(ab).astype(int) + 110, 0, 219)
        np.add.at(histogram, (cell[0], cell[1]), 1)
    return histogram


def bin_prior(histogram: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Share of pixels whose nearest bin is each of ``centers`` ``(Q, 2)``: ``(Q,)`` float32."""
    grid = np.stack(np.meshgrid(_AXIS, _AXIS, indexing="ij"))[None]
    owner = encode_hard(grid, centers)[0]
    counts = np.bincount(owner.ravel(), histogram.ravel(), len(centers))
    prior: np.ndarray = normalize_prior(counts).astype(np.float32)
    return prior
