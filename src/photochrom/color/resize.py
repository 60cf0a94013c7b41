"""Chroma at another size: bicubic, or guided by the edges of the lightness."""

from __future__ import annotations

import numpy as np
from PIL import Image

from photochrom.errors import WrongInput

METHODS = ("bicubic", "guided")


def resize_chroma(
    ab: np.ndarray,
    size: tuple[int, int],
    *,
    method: str = "bicubic",
    lightness: np.ndarray | None = None,
    radius: int = 2,
    epsilon: float = 20.0,
) -> np.ndarray:
    """Resize ab to ``size`` = (height, width).

    Args:
        ab: ``(2, h, w)`` or ``(N, 2, h, w)`` numpy, Lab units.
        size: height and width wanted.
        method: "bicubic" (antialiased; best for good chroma), or "guided" (He and Sun 2015, "Fast
            guided filter": follows the edges of ``lightness``; repairs shifted or noisy chroma and
            harms chroma that is already exact).
        lightness: ``(height, width)`` L in 0..100, for "guided".
        radius: of the guided filter's windows, in pixels of the small ``ab``.
        epsilon: squared L below which an edge is not followed.

    Returns:
        float32 of the same number of axes.
    """
    if method not in METHODS:
        message = f"method must be one of {', '.join(METHODS)}, not {method!r}"
        raise WrongInput(message)
    if ab.ndim == 4:
        parts = [
            resize_chroma(
                one, size, method=method, lightness=lightness, radius=radius, epsilon=epsilon
            )
            for one in ab
        ]
        return np.stack(parts)
    if method == "bicubic":
        return np.stack([_bicubic(plane, size) for plane in ab])
    if lightness is None or lightness.shape != tuple(size):
        message = "guided resizing needs the lightness at the size wanted"
        raise WrongInput(message)
    return _guided(ab, lightness.astype(np.float32), radius=radius, epsilon=epsilon)


def _bicubic(plane: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    image = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
    return np.asarray(image.resize((size[1], size[0]), Image.Resampling.BICUBIC))


def _guided(ab: np.ndarray, lightness: np.ndarray, *, radius: int, epsilon: float) -> np.ndarray:
    """Fit ab = slope * L + offset in windows at ab's size; smooth, enlarge, apply at full size."""
    height, width = ab.shape[1:]
    guide = _bicubic(lightness, (height, width))
    mean_guide = _box(guide, radius)
    variance = _box(guide * guide, radius) - mean_guide**2
    results = []
    for plane in ab.astype(np.float32):
        mean = _box(plane, radius)
        covariance = _box(guide * plane, radius) - mean_guide * mean
        slope = covariance / (variance + epsilon)
        offset = mean - slope * mean_guide
        slope, offset = (_bicubic(_box(x, radius), lightness.shape) for x in (slope, offset))
        results.append(slope * lightness + offset)
    return np.stack(results).astype(np.float32)


def _box(plane: np.ndarray, radius: int) -> np.ndarray:
    """Mean over windows of ``2 * radius + 1``, by running sums; edges are repeated."""
    span = 2 * radius + 1
    for axis in (0, 1):
        padding = [(0, 0), (0, 0)]
        padding[axis] = (radius + 1, radius)
        sums = np.cumsum(np.pad(plane.astype(np.float64), padding, mode="edge"), axis)
        ends = np.take(sums, range(span, sums.shape[axis]), axis)
        starts = np.take(sums, range(sums.shape[axis] - span), axis)
        plane = (ends - starts) / span
    return plane.astype(np.float32)
