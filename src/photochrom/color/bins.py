"""Bin systems: ways to divide the ab plane, or U and V, into classes.

A system of Q bins is the array of its centers, ``(Q, 2)`` float32 in Lab units (a, b).
"""

from __future__ import annotations

import numpy as np

from photochrom.color.spaces import RGB_TO_YUV, rgb_to_lab
from photochrom.errors import WrongInput

# The published table of Zhang et al. 2016 holds these four beside the 309 that sRGB touches.
_PUBLISHED_EXTRA = ((40, 90), (100, -90), (100, -10), (100, 0))


def gamut_grid(spacing: int = 10) -> np.ndarray:
    """Corners of every ``spacing``-wide cell of the ab plane that some 8-bit sRGB color touches.

    Returns ``(Q, 2)`` float32, sorted; 309 points at a spacing of 10.
    """
    level = np.arange(256) / 255.0
    one, other = np.meshgrid(level, level, indexing="ij")
    half = 128 // spacing + 1
    touched = np.zeros((2 * half + 1, 2 * half + 1), dtype=bool)
    # Seen along the lightness axis, the cube of colors covers what its six faces cover.
    for channel in range(3):
        for end in (0.0, 1.0):
            face = [one, other]
            face.insert(channel, np.full_like(one, end))
            cell = np.floor(rgb_to_lab(np.stack(face))[1:] / spacing).astype(int) + half
            touched[cell[0], cell[1]] = True
    corners = np.zeros_like(touched)
    for down in (0, 1):
        for right in (0, 1):
            corners |= np.roll(touched, (down, right), (0, 1))
    points: np.ndarray = ((np.argwhere(corners) - half) * spacing).astype(np.float32)
    return points


def zhang_313() -> np.ndarray:
    """The 313 bins of Zhang et al. 2016 as ``(313, 2)`` float32, sorted by a, then b."""
    return _sorted(np.concatenate([gamut_grid(10), np.array(_PUBLISHED_EXTRA, dtype=np.float32)]))


def supported_grid(histogram: np.ndarray, *, spacing: int = 10, share: float = 1e-5) -> np.ndarray:
    """Grid points to which at least ``share`` of a set's pixels are nearest.

    Args:
        histogram: ``(220, 220)`` counts of pixels over a and b, one-unit cells from -110
            (:func:`photochrom.data.statistics.ab_histogram`).
        spacing: distance of the grid points in Lab units.
        share: least share of all pixels that makes a bin.

    Returns:
        ``(Q, 2)`` float32, sorted; never empty: the most frequent bin is always kept.
    """
    axis = np.arange(-110, 110) + 0.5
    # Halves go up: rounded to even, every other bin of an odd spacing would be two cells wider.
    nearest = np.floor(axis / spacing + 0.5).astype(int)
    low, high = nearest.min(), nearest.max()
    counts = np.zeros((high - low + 1, high - low + 1))
    np.add.at(counts, (nearest[:, None] - low, nearest[None, :] - low), histogram)
    if not counts.sum():
        message = "no bins can be chosen from an empty color histogram"
        raise WrongInput(message)
    keep = (counts >= share * counts.sum()) | (counts == counts.max())
    centers: np.ndarray = ((np.argwhere(keep) + low) * spacing).astype(np.float32)
    return centers


def chosen_bins(histogram: np.ndarray, count: int, *, iterations: int = 50) -> np.ndarray:
    """``count`` bins chosen by the data: weighted k-means on the square root of the histogram.

    The root keeps rare colors: plain counts would spend every bin near gray (documents of 32
    and of 112 bins say only that the bins are selected). Starts from the farthest points, so the
    result is the same every time.

    Args:
        histogram: ``(220, 220)`` counts as for :func:`supported_grid`.
        count: number of bins.
        iterations: at most so many rounds.

    Returns:
        ``(count, 2)`` float32, sorted by a, then b.
    """
    index = np.argwhere(histogram > 0)
    if len(index) < count:
        message = f"{count} bins need {count} different colors, the pictures have {len(index)}"
        raise WrongInput(message)
    points = index - 109.5
    weights = np.sqrt(histogram[index[:, 0], index[:, 1]])
    centers = np.empty((count, 2))
    centers[0] = points[weights.argmax()]
    distance = ((points - centers[0]) ** 2).sum(1)
    for i in range(1, count):
        centers[i] = points[(distance * np.sqrt(weights)).argmax()]
        distance = np.minimum(distance, ((points - centers[i]) ** 2).sum(1))
    for _ in range(iterations):
        owner = (points @ centers.T - (centers**2).sum(1) / 2).argmax(1)
        mass = np.bincount(owner, weights, count)
        sums = np.stack([np.bincount(owner, weights * points[:, i], count) for i in (0, 1)], 1)
        moved = np.where(mass[:, None] > 0, sums / np.maximum(mass, 1e-12)[:, None], centers)
        if np.allclose(moved, centers, atol=1e-3):
            break
        centers = moved
    return _sorted(centers).astype(np.float32)


def _sorted(points: np.ndarray) -> np.ndarray:
    """Points by a, then b."""
    ordered: np.ndarray = points[np.lexsort((points[:, 1], points[:, 0]))]
    return ordered


def equi_width(count: int, low: float, high: float) -> np.ndarray:
    """Centers ``(count,)`` float32 of equally wide bins of one channel between low and high."""
    width = (high - low) / count
    return (low + width * (np.arange(count) + 0.5)).astype(np.float32)


def equi_width_uv(count: int) -> np.ndarray:
    """``(count, 2)``: centers of the bins of U (-0.436..0.436) beside those of V (-0.615..0.615).

    Hsu and Shiau: each channel is cut into equally wide bins by itself.
    """
    low, high = RGB_TO_YUV.clip(None, 0).sum(1), RGB_TO_YUV.clip(0).sum(1)
    return np.stack([equi_width(count, low[i], high[i]) for i in (1, 2)], 1)
