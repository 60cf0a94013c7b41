"""Chroma of moderate size as the 8-bit planes of a JPEG: half the picture's sides, in sRGB's gamut.

Whole numbers of 16 bits throughout, in blocks that stay in the processor's cache: of a picture of
12 megapixels this is a few milliseconds, where floating-point planes took seventy.
"""

from __future__ import annotations

from math import ceil

import numpy as np
from PIL import Image

from photochrom.color.gamut import chroma_headroom
from photochrom.color.spaces import YCBCR_TO_RGB

_SAMPLES_PER_BLOCK = 1 << 16
_UNIT_BITS = 6
_UNIT = 1 << _UNIT_BITS  # what 1 is in whole numbers: 255 of them fit 16 bits
_RED_CR, _BLUE_CB = (ceil(float(YCBCR_TO_RGB[place]) * _UNIT) for place in ((0, 2), (2, 1)))
_GREEN_CB, _GREEN_CR = (round(float(YCBCR_TO_RGB[1, place]) * _UNIT) for place in (1, 2))
_DOUBT = 128  # two factors of green, each rounded by up to half a unit, times 128


class HalfPlanes:
    """Cb and Cr at half the sides of a picture, any rows on request."""

    def __init__(self, cb: np.ndarray, cr: np.ndarray, height: int, width: int) -> None:
        """``cb``, ``cr`` ``(h, w)`` float32 in -0.5..0.5; the picture is ``height`` x ``width``."""
        self._rows, self._columns = (height + 1) // 2, (width + 1) // 2
        # An enlargement is made in columns now and in rows when they are asked for.
        self._stored = [self._levels(plane) for plane in (cb, cr)]

    def _levels(self, plane: np.ndarray) -> np.ndarray:
        """Whole levels around 0, int16 ``(rows, columns)``; fewer rows where they are enlarged."""
        levels = np.clip(np.rint(plane * 255), -127, 127)
        rows, columns = min(plane.shape[0], self._rows), min(plane.shape[1], self._columns)
        if (rows, columns) != plane.shape:
            image = Image.fromarray(levels.astype(np.float32))
            levels = np.rint(np.asarray(image.resize((columns, rows), Image.Resampling.BICUBIC)))
        whole = np.ascontiguousarray(levels.astype(np.int16).T)
        return np.ascontiguousarray(_between(whole, 0, self._columns, self._columns).T)

    def fitted(self, luma: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray]:
        """Planes of the rows of ``luma`` ``(n, W)`` uint8, which begin at ``start`` (even).

        Returns:
            Cb and Cr, uint8 around 128, ``(ceil(n/2), ceil(W/2))``: shrunk where one of the up to
            four pixels that share a sample could not hold it, at constant luma.
        """
        rows = (luma.shape[0] + 1) // 2
        planes = np.empty((2, rows, self._columns), np.uint8)
        step = max(1, _SAMPLES_PER_BLOCK // self._columns)
        for top in range(0, rows, step):
            bottom = min(top + step, rows)
            part = luma[2 * top : 2 * bottom]
            first = start // 2 + top
            cb, cr = (_between(p, first, bottom - top, self._rows) for p in self._stored)
            _fit(cb, cr, _blocks(part, np.minimum), _blocks(part, np.maximum))
            for plane, levels in zip(planes, (cb, cr), strict=True):
                levels += 128
                plane[top:bottom] = levels
        return planes[0], planes[1]


def _between(plane: np.ndarray, first: int, count: int, full: int) -> np.ndarray:
    """``count`` rows from ``first`` of an int16 plane that is enlarged to ``full`` rows, bilinear.

    That is no worse than bicubic here: the plane was made smooth at moderate size.
    """
    last = plane.shape[0] - 1
    if full == plane.shape[0]:
        return np.array(plane[first : first + count])
    places = (np.arange(first, first + count) + 0.5) * (plane.shape[0] / full) - 0.5
    places = np.clip(places, 0, last)
    above = places.astype(np.intp)
    share = np.rint((places - above) * _UNIT).astype(np.int16)[:, None]
    upper: np.ndarray = plane[above]
    lower: np.ndarray = plane[np.minimum(above + 1, last)]
    lower -= upper
    lower *= share
    lower += _UNIT // 2
    lower >>= _UNIT_BITS
    upper += lower
    return upper


def _blocks(luma: np.ndarray, pick: np.ufunc) -> np.ndarray:
    """Least or greatest of each 2x2 block of uint8 luma; odd edges count alone."""
    height, width = luma.shape
    if height % 2 or width % 2:
        luma = np.pad(luma, ((0, height % 2), (0, width % 2)), mode="edge")
    columns = pick(luma[0::2], luma[1::2])
    block: np.ndarray = pick(columns[:, 0::2], columns[:, 1::2])
    return block


def _fit(cb: np.ndarray, cr: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
    """Shrink int16 chroma in place where luma from ``low`` to ``high`` (uint8) has no room for it.

    Most samples have room: they are told by whole numbers that err on the side of doubt, and only
    the others are worked out.
    """
    red, blue = cr * np.int16(_RED_CR), cb * np.int16(_BLUE_CB)
    green = cb * np.int16(_GREEN_CB)
    green += cr * np.int16(_GREEN_CR)
    most = np.maximum(red, blue)
    np.maximum(most, green, out=most)
    least = np.minimum(red, blue, out=red)
    np.minimum(least, green, out=least)
    room = np.subtract(255, high, dtype=np.int16)
    room *= _UNIT
    depth = low.astype(np.int16)
    depth *= -_UNIT
    room -= _DOUBT
    depth += _DOUBT
    tight = most > room
    tight |= least < depth
    where = np.flatnonzero(tight)
    if not len(where):
        return
    b, r, darkest, brightest = (
        plane.reshape(-1)[where].astype(np.float32) for plane in (cb, cr, low, high)
    )
    scale = chroma_headroom(darkest, b, r, luma_high=brightest, white=255.0)
    # Rounding towards neutral keeps what was fitted fitted.
    cb.reshape(-1)[where] = np.trunc(b * scale).astype(np.int16)
    cr.reshape(-1)[where] = np.trunc(r * scale).astype(np.int16)
