"""RGB to the planes of a 4:2:0 JPEG, bit for bit as libjpeg has them.

For pictures whose planes are not at hand: they are made strip by strip, where libjpeg would want
the RGB of all.
Source: libjpeg-turbo, jccolor.c (JFIF's weights in 16-bit fixed point) and jcsample.c.
"""

from __future__ import annotations

import numpy as np

from photochrom.photo.pixels import luma_of

_CB = (-11059, -21709, 32768)
_CR = (32768, -27439, -5329)
_MIDDLE = (128 << 16) + 0x7FFF
_BLOCK = 1 << 16
"""Pixels at a time: so many that what is computed of them stays in the processor's cache."""


def planes_of_rgb(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Y (n, W), Cb and Cr (ceil(n/2), ceil(W/2)) of ``rgb`` (n, W, 3), all of them uint8."""
    height, width, _ = rgb.shape
    y = np.empty((height, width), np.uint8)
    cb, cr = np.empty((2, (height + 1) // 2, (width + 1) // 2), np.uint8)
    rows = max(2, _BLOCK // width // 2 * 2)
    for start in range(0, height, rows):
        part = rgb[start : start + rows]
        y[start : start + rows] = luma_of(part)
        # An odd edge has itself for a neighbor.
        even = np.pad(part, ((0, part.shape[0] % 2), (0, width % 2), (0, 0)), "edge")
        channels = [even[..., channel].astype(np.int32) for channel in range(3)]
        half = slice(start // 2, (start + rows) // 2)
        cb[half], cr[half] = (_halved(_weighted(channels, weights)) for weights in (_CB, _CR))
    return y, cb, cr


def _weighted(channels: list[np.ndarray], weights: tuple[int, ...]) -> np.ndarray:
    """A chroma plane (n, m) int32, 0..255, at full size."""
    plane = np.full(channels[0].shape, _MIDDLE, np.int32)
    for channel, weight in zip(channels, weights, strict=True):
        plane += channel * np.int32(weight)
    plane >>= 16
    return plane


def _halved(plane: np.ndarray) -> np.ndarray:
    """Means of 2 x 2 samples; halves are rounded down and up by turns, so that no hue prevails."""
    rows = plane[::2] + plane[1::2]
    sums: np.ndarray = rows[:, ::2] + rows[:, 1::2]
    sums[:, ::2] += 1
    sums[:, 1::2] += 2
    sums >>= 2
    return sums
