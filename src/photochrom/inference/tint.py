"""Chroma put on a photograph's own luma, strip by strip: the photograph in color."""

from __future__ import annotations

import functools

import numpy as np
from PIL import Image

from photochrom.color.gamut import above_luma, chroma_headroom, reach
from photochrom.inference.enlarged import Enlarged, places, strictest
from photochrom.inference.levels import HalfPlanes
from photochrom.photo.bilevel import holds_color
from photochrom.photo.exif import MARKER
from photochrom.photo.photo import Photo
from photochrom.photo.texts import COMMENT, bytes_of

_BLOCK = 1 << 16
"""Pixels that are computed at a time: so many that their planes stay in the processor's cache."""
_NO_CHROMA = 1 / 1024
"""Chroma that changes no channel of 8 bits."""
_ROUNDING = 1e-5
"""How much farther than it should a color may reach, computed in float32."""


class Tint:
    """A photograph's luma with chroma of another size; computes any rows on request.

    Chroma is shrunk where the color would leave sRGB, at constant luma: turned gray again, the
    result is the photograph, within one level.
    """

    def __init__(self, luma: np.ndarray, cb: np.ndarray, cr: np.ndarray) -> None:
        """``luma`` ``(H, W)`` uint8 or uint16; ``cb``, ``cr`` ``(h, w)`` float32, -0.5..0.5."""
        self.height, self.width = luma.shape
        self.depth = luma.dtype.itemsize * 8
        self._luma = luma
        self._chroma = [np.ascontiguousarray(c, dtype=np.float32) for c in (cb, cr)]

    @property
    def is_gray(self) -> bool:
        """Whether it has no color: no chroma, or nothing but black and white to put it on."""
        strongest = max(float(np.abs(chroma).max(initial=0)) for chroma in self._chroma)
        return strongest < _NO_CHROMA or not holds_color(self._luma)

    def rgb(self, start: int, stop: int) -> np.ndarray:
        """Rows as ``(n, W, 3)`` sRGB, uint8 or uint16 by the photograph's depth."""
        out = np.empty((stop - start, self.width, 3), self._luma.dtype)
        rows = max(1, _BLOCK // self.width)
        for first in range(start, stop, rows):
            last = min(first + rows, stop)
            self._fill(out[first - start : last - start], first, last)
        return out

    def _fill(self, out: np.ndarray, start: int, stop: int) -> None:
        """Set ``out`` to these rows."""
        white = float(np.iinfo(out.dtype).max)
        luma = self._luma[start:stop]
        darkest, brightest = self._roomy
        above, share = places(start, stop - start, len(darkest), self.height)
        cb, cr = (plane.between(above, share) for plane in self._planes)
        # Few pixels are near the gamut's limits; only theirs is the cost of shrinking.
        tight = luma < darkest[above]
        tight |= luma > brightest[above]
        where = np.flatnonzero(tight)
        if len(where):
            b, r = cb.reshape(-1), cr.reshape(-1)
            some = luma.reshape(-1)[where].astype(np.float32)
            scale = chroma_headroom(some, b[where], r[where], white=white)
            b[where] *= scale
            r[where] *= scale
        level = luma + np.float32(0.5)  # the cast to whole numbers cuts off
        for channel, offset in enumerate(above_luma(cb, cr)):
            out[..., channel] = (offset + level).astype(out.dtype)

    @functools.cached_property
    def _planes(self) -> list[Enlarged]:
        """Cb and Cr in the photograph's own levels."""
        white, size = np.iinfo(self._luma.dtype).max, (self.height, self.width)
        return [Enlarged(c * np.float32(white), *size, limit=white / 2) for c in self._chroma]

    @functools.cached_property
    def _roomy(self) -> tuple[np.ndarray, np.ndarray]:
        """Least and greatest luma that surely hold the chroma from each stored row to the next."""
        cb, cr = (plane.stored for plane in self._planes)
        white, more = np.iinfo(self._luma.dtype).max, np.float32(1 + _ROUNDING)
        darkest, brightest = (np.empty(cb.shape, self._luma.dtype) for _ in range(2))
        rows = max(1, _BLOCK // self.width)
        for top in range(0, len(cb), rows):
            some = slice(top, top + rows)
            most, least = reach(cb[some], cr[some])
            darkest[some] = np.ceil(-least * more)
            brightest[some] = np.floor(white - most * more)
        return strictest(darkest, np.maximum), strictest(brightest, np.minimum)

    def planes(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows as 8-bit JFIF planes, chroma at half size; the luma plane is the photograph's."""
        luma = self._luma[start:stop]
        return luma, *self._half_planes.fitted(luma, start)

    @functools.cached_property
    def _half_planes(self) -> HalfPlanes:
        cb, cr = self._chroma
        return HalfPlanes(cb, cr, self.height, self.width)


class SideBySide:
    """The gray photograph on the left, the colored one on the right."""

    def __init__(self, luma: np.ndarray, tint: Tint) -> None:
        """An odd width is made even by repeating the gray part's last column."""
        self._gray = _even(luma)
        self._tint = tint
        self.height, self.depth = tint.height, tint.depth
        self.width = self._gray.shape[1] + tint.width

    def rgb(self, start: int, stop: int) -> np.ndarray:
        """Rows as ``(n, W, 3)``."""
        gray = np.repeat(self._gray[start:stop, :, None], 3, 2)
        return np.concatenate([gray, self._tint.rgb(start, stop)], 1)

    def planes(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows as 8-bit JFIF planes."""
        luma, cb, cr = self._tint.planes(start, stop)
        gray = self._gray[start:stop]
        neutral = np.full((cb.shape[0], gray.shape[1] // 2), 128, np.uint8)
        return (
            np.concatenate([gray, luma], 1),
            np.concatenate([neutral, cb], 1),
            np.concatenate([neutral, cr], 1),
        )


def laid_out(
    photo: Photo, tint: Tint, *, side_by_side: bool
) -> tuple[Tint | SideBySide, np.ndarray | None]:
    """What is written, the colored photograph or both side by side, and its alpha."""
    if not side_by_side:
        return tint, photo.alpha
    alpha = None if photo.alpha is None else np.concatenate([_even(photo.alpha), photo.alpha], 1)
    return SideBySide(photo.luma, tint), alpha


def _even(plane: np.ndarray) -> np.ndarray:
    odd = plane.shape[1] % 2
    return np.pad(plane, ((0, 0), (0, odd)), mode="edge") if odd else plane


def as_image(rgb: np.ndarray, photo: Photo) -> Image.Image:
    """An RGB or RGBA image with what the photograph carried, in 8 bits: Pillow has no more."""
    if rgb.dtype == np.uint16:
        rgb = (rgb >> 8).astype(np.uint8)
    image = Image.fromarray(rgb)
    if photo.alpha is not None:
        alpha = photo.alpha if photo.depth == 8 else (photo.alpha >> 8).astype(np.uint8)
        image.putalpha(Image.fromarray(alpha))
    kept = photo.metadata
    exif = kept.exif and MARKER + kept.exif  # as in pictures that Pillow opened from a JPEG
    comment = b"\n".join(bytes_of(text) for text in kept.texts if text.keyword == COMMENT)
    named = {"icc_profile": kept.icc, "exif": exif, "xmp": kept.xmp, "dpi": kept.dpi}
    named["comment"] = comment
    image.info |= {name: value for name, value in named.items() if value}
    return image
