"""Chroma at another size: bicubic, or guided by the edges of the lightness. Numpy only."""

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
        lightness: ``(height, width)`` L in 0..100, for "guided"; one for all of a batch.
        radius: of the guided filter's windows, in pixels of the small ``ab``.
        epsilon: squared L below which an edge is not followed.

    Returns:
        float32 of the same number of axes.

    Raises:
        WrongInput: an argument is out of range, or the lightness is missing or of another size.
    """
    if method not in METHODS:
        message = f"method must be one of {', '.join(METHODS)}, not {method!r}"
        raise WrongInput(message)
    if ab.ndim not in (3, 4):
        message = f"ab must be (2, h, w) or (N, 2, h, w), not of shape {ab.shape}"
        raise WrongInput(message)
    if min(size) < 1:
        message = f"size must be at least 1 x 1, not {size[0]} x {size[1]}"
        raise WrongInput(message)
    planes = ab.reshape(-1, *ab.shape[-2:])
    if method == "bicubic":
        resized = [_bicubic(plane, size) for plane in planes]
    else:
        if lightness is None or lightness.shape != tuple(size):
            message = "guided resizing needs the lightness at the size wanted"
            raise WrongInput(message)
        if radius < 0 or not epsilon > 0:
            message = f"radius must be at least 0, epsilon above 0, not {radius} and {epsilon}"
            raise WrongInput(message)
        resized = _guided(planes, lightness.astype(np.float32), radius=radius, epsilon=epsilon)
    return np.stack(resized).reshape(*ab.shape[:-2], *size)


def _bicubic(plane: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    image = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
    return np.asarray(image.resize((size[1], size[0]), Image.Resampling.BICUBIC))


def _guided(
    planes: np.ndarray, lightness: np.ndarray, *, radius: int, epsilon: float
) -> list[np.ndarray]:
    """Fit ab = slope * L + offset in windows at ab's size; smooth, enlarge, apply at full size."""
    small = _bicubic(lightness, planes.shape[1:])
    # Around their means the products lose no digits, and a constant stays what it is.
    center = small.mean(dtype=np.float64)
    guide, full = small - center, lightness - np.float32(center)
    mean_guide = _box(guide, radius)
    variance = np.maximum(_box(guide * guide, radius) - mean_guide**2, 0)
    results = []
    for plane in planes:
        middle = plane.mean(dtype=np.float64)
        colors = plane - middle
        mean = _box(colors, radius)
        covariance = _box(guide * colors, radius) - mean_guide * mean
        slope = covariance / (variance + epsilon)
        offset = mean - slope * mean_guide
        slope, offset = (_bicubic(_box(x, radius), full.shape) for x in (slope, offset))
        results.append(slope * full + (offset + np.float32(middle)))
    return results


def _box(plane: np.ndarray, radius: int) -> np.ndarray:
    """Mean over windows of ``2 * radius + 1``, by running sums; edges are repeated. float64."""
    span = 2 * radius + 1
    for axis in (0, 1):
        padding = [(0, 0), (0, 0)]
        padding[axis] = (radius + 1, radius)
        sums = np.cumsum(np.pad(plane, padding, mode="edge"), axis, dtype=np.float64)
        ends = np.take(sums, range(span, sums.shape[axis]), axis)
        starts = np.take(sums, range(sums.shape[axis] - span), axis)
        plane = (ends - starts) / span
    return plane
