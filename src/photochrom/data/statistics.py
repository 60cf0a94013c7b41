"""How often colors occur in a set of pictures."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from photochrom.color.encoding import encode_hard
from photochrom.color.prior import normalize_prior
from photochrom.color.spaces import rgb_to_lab

AXIS = np.arange(-110, 110) + 0.5
"""Middles of the one-unit cells of a and of b."""


def ab_histogram(crops: Iterable[np.ndarray]) -> np.ndarray:
    """Count colors of uint8 RGB crops ``(3, H, W)`` over one-unit cells of a and b.

    Returns ``(220, 220)`` float64 counts, first axis a, second b, from -110.
    """
    histogram = np.zeros((220, 220))
    for crop in crops:
        histogram += cell_sums(rgb_to_lab(crop.astype(np.float32) / 255)[1:])
    return histogram


def cell_sums(ab: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Pixels of ab ``(2, H, W)`` by one-unit cell, or the sums of their ``weights`` ``(H, W)``.

    Returns ``(220, 220)`` float64 as :func:`ab_histogram`.
    """
    cell = np.clip(np.floor(ab.reshape(2, -1)).astype(int) + 110, 0, 219)
    flat = None if weights is None else weights.ravel()
    sums = np.bincount(cell[0] * 220 + cell[1], flat, 220 * 220)
    return sums.reshape(220, 220).astype(np.float64)


def cell_bins(centers: np.ndarray) -> np.ndarray:
    """Nearest bin of ``(Q, 2)`` to the middle of each one-unit cell: ``(220, 220)`` integers."""
    grid = np.stack(np.meshgrid(AXIS, AXIS, indexing="ij"))[None]
    owner: np.ndarray = encode_hard(grid, centers)[0]
    return owner


def bin_sums(cells: np.ndarray, owner: np.ndarray, bins: int) -> np.ndarray:
    """Sums ``(Q,)`` over the cells of each bin; ``owner`` is :func:`cell_bins` of the Q bins."""
    return np.bincount(owner.ravel(), cells.ravel(), bins)


def bin_prior(histogram: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Share of pixels whose nearest bin is each of ``centers`` ``(Q, 2)``: ``(Q,)`` float32."""
    counts = bin_sums(histogram, cell_bins(centers), len(centers))
    prior: np.ndarray = normalize_prior(counts).astype(np.float32)
    return prior
