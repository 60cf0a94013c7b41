"""Chroma of moderate size as the 8-bit planes of a JPEG: half the picture's sides, in sRGB's gamut.

Whole numbers of 16 bits throughout, in blocks that stay in the processor's cache: of a picture of
12 megapixels this is a few milliseconds, where floating-point planes took seventy.
"""

from __future__ import annotations

from math import ceil

import numpy as np
from PIL import Image

from photochrom.color.gamut import chroma_headroom, reach
from photochrom.color.spaces import YCBCR_TO_RGB
from photochrom.inference.enlarged import places, strictest

_SAMPLES_PER_BLOCK = 1 << 18
_ROWS_AT_ONCE = 32
_UNIT_BITS = 6
_UNIT = 1 << _UNIT_BITS  # what 1 is in whole numbers: 255 of them fit 16 bits
_GRAY = 128  # a level without chroma
_FACTORS = (
    ceil(float(YCBCR_TO_RGB[0, 2]) * _UNIT),
    *(round(float(YCBCR_TO_RGB[1, place]) * _UNIT) for place in (1, 2)),
    ceil(float(YCBCR_TO_RGB[2, 1]) * _UNIT),
)
_DOUBT = 192  # green's factors and, between two rows, its levels: each rounded by up to a half


class HalfPlanes:
    """Cb and Cr at half the sides of a picture, any rows on request."""

    def __init__(self, cb: np.ndarray, cr: np.ndarray, height: int, width: int) -> None:
        """``cb``, ``cr`` ``(h, w)`` float32 in -0.5..0.5; the picture is ``height`` x ``width``."""
        self._rows, self._columns = (height + 1) // 2, (width + 1) // 2
        # An enlargement is made in columns now and in rows when they are asked for.
        stored = [self._levels(plane) for plane in (cb, cr)]
        self._planes = [_Rising(plane) for plane in stored]
        self._darkest, self._brightest = _roomy(*stored)

    def _levels(self, plane: np.ndarray) -> np.ndarray:
        """Whole levels around 0, int16 ``(rows, columns)``; fewer rows where they are enlarged."""
        levels = plane * np.float32(255)
        rows, columns = min(plane.shape[0], self._rows), min(plane.shape[1], self._columns)
        if (rows, columns) != plane.shape:
            image = Image.fromarray(levels)
            levels = np.asarray(image.resize((columns, rows), Image.Resampling.BICUBIC))
        # Not before: what is sharp swings over where it is resized.
        levels = np.clip(np.rint(levels), -127, 127)
        whole = _Rising(np.ascontiguousarray(levels.astype(np.int16).T))
        wide = whole.between(*places(0, self._columns, columns, self._columns))
        return np.ascontiguousarray(wide.T) - np.int16(_GRAY)

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
            above, share = places(start // 2 + top, bottom - top, len(self._darkest), self._rows)
            for plane, rising in zip(planes, self._planes, strict=True):
                plane[top:bottom] = rising.between(above, share)
            self._fit(planes[:, top:bottom], luma[2 * top : 2 * bottom], above)
        return planes[0], planes[1]

    def _fit(self, planes: np.ndarray, luma: np.ndarray, above: np.ndarray) -> None:
        """Shrink chroma ``(2, rows, columns)`` uint8 in place where ``luma`` has no room for it.

        Most samples have room: comparing bytes tells, which errs on the side of doubt, and only
        the others are worked out.
        """
        height, width = luma.shape
        if height % 2 or width % 2:
            luma = np.pad(luma, ((0, height % 2), (0, width % 2)), mode="edge")
        low, high = np.minimum(luma[0::2], luma[1::2]), np.maximum(luma[0::2], luma[1::2])
        tight = low < self._darkest[above]
        tight |= high > self._brightest[above]
        # Two neighbors share a sample.
        where = np.flatnonzero(tight.view(np.uint16) != 0)
        if not len(where):
            return
        darkest, brightest = (
            pick(pairs & 255, pairs >> 8).astype(np.float32)
            for pick, pairs in (
                (np.minimum, low.view(np.uint16).reshape(-1)[where]),
                (np.maximum, high.view(np.uint16).reshape(-1)[where]),
            )
        )
        flat = [plane.reshape(-1) for plane in planes]
        b, r = (plane[where].astype(np.float32) - _GRAY for plane in flat)
        scale = chroma_headroom(darkest, b, r, luma_high=brightest, white=255.0)
        for plane, level in zip(flat, (b, r), strict=True):
            # Rounding towards neutral keeps what was fitted fitted.
            plane[where] = np.trunc(level * scale) + _GRAY


class _Rising:
    """Rows of int16 levels around 0 and what lies between each and the next, as whole numbers."""

    def __init__(self, levels: np.ndarray) -> None:
        """``levels`` ``(rows, columns)``."""
        self._begins = (levels + np.int16(_GRAY)) * np.int16(_UNIT) + np.int16(_UNIT // 2)
        self._rises = np.diff(levels, axis=0, append=levels[-1:])

    def between(self, above: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Around 128, int16: below the rows ``above`` by ``share`` of the way to the next."""
        levels: np.ndarray = self._rises[above]
        levels *= np.rint(share * _UNIT).astype(np.int16)
        levels += self._begins[above]
        levels >>= _UNIT_BITS
        return levels


def _roomy(cb: np.ndarray, cr: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest luma, uint8 ``(rows, 2 columns)``, that surely hold these int16 levels.

    And what lies between a row and the next.
    """
    darkest, brightest = (np.empty(cb.shape, np.uint16) for _ in range(2))
    for top in range(0, len(cb), _ROWS_AT_ONCE):
        # With one row more: of each and the next, the stricter counts.
        some = slice(top, top + _ROWS_AT_ONCE + 1)
        most, least = reach(cb[some], cr[some], _FACTORS)
        doubt = np.minimum(most - least, np.int16(_DOUBT))
        low = (doubt - least + np.int16(_UNIT - 1)) >> _UNIT_BITS
        high = (np.int16(255 * _UNIT) - most - doubt) >> _UNIT_BITS
        darkest[some], brightest[some] = strictest(low, np.maximum), strictest(high, np.minimum)
    # Each byte twice, for the two columns of luma that share it.
    low, high = ((bound * np.uint16(257)).view(np.uint8) for bound in (darkest, brightest))
    return low, high
