"""What a photograph is once read, and what a coloring must offer to be written."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from photochrom.photo.jpeg_luma import JpegSource

from photochrom.photo.toning import Tone

# Rows are handled in strips of about this many pixels: small enough that a strip's copies do not
# matter beside the picture, large enough that numpy's overhead per call does not either.
PIXELS_PER_STRIP = 1 << 20

OVERVIEW_SIDE = 512

LOSSLESS = "lossless"
"""The compression of a photo that was a lossless WebP."""


@dataclass(frozen=True)
class Text:
    """A text that a file has of its picture, as a PNG has them: a keyword and the text.

    A PNG may also state the ``language``, and the keyword ``translated`` to that. Bytes that are no
    UTF-8 stand as Python's "surrogateescape" has them.
    """

    keyword: str
    text: str
    language: str = ""
    translated: str = ""


@dataclass(frozen=True)
class Metadata:
    """What a photo carries besides its pixels.

    ``exif`` is the TIFF block without the ``Exif`` marker, its orientation already 1; ``xmp`` the
    packet; ``icc`` a profile that fits RGB pixels; ``dpi`` pixels per inch (horizontal, vertical);
    ``iptc`` the records of IPTC-IIM. ``texts`` are a PNG's texts and other formats' comments,
    ``unread`` the keywords of those that cannot be read, and ``resources`` those of Photoshop's
    that speak of the copyright, by their numbers.
    """

    exif: bytes | None = None
    icc: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    iptc: bytes | None = None
    texts: tuple[Text, ...] = ()
    unread: tuple[str, ...] = ()
    resources: tuple[tuple[int, bytes], ...] = ()


@dataclass(frozen=True, eq=False)
class Photo:
    """A photograph, upright.

    ``luma`` is (H, W) uint8 or uint16, Rec. 601 Y' of sRGB, rounded as Pillow's ``convert("L")``
    does (for a YCbCr JPEG in sRGB it is the file's own Y plane). ``alpha`` has the same shape and
    dtype, or is None. ``format`` names the kind of file ("JPEG", "PNG", ...). ``was_color`` tells
    whether chroma is really present, not merely whether the file could hold it. ``frames`` counts
    the frames or pages of the file, of which this is one; ``compression`` is how a TIFF of it is to
    be stored: as its source was, "none", "lzw" or "deflate", or "lossless" (deflate, too) where a
    WebP of it is to lose nothing, as its source did; ``tone`` is the tint of a picture that is gray
    but for it, which ``luma`` is without. ``jpeg`` says how a JPEG was coded; who makes a photo of
    another luma leaves it out. ``came_out_gray`` says of a photo that was colored, and only then,
    that the result has no color at all.
    """

    luma: np.ndarray
    alpha: np.ndarray | None = None
    metadata: Metadata = field(default_factory=Metadata)
    format: str = "PNG"
    was_color: bool = False
    frames: int = 1
    compression: str = "deflate"
    tone: Tone | None = None
    jpeg: JpegSource | None = None
    came_out_gray: bool = False

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.luma.shape[0])

    @functools.cached_property
    def overview(self) -> np.ndarray:
        """Luma as uint8 means of whole boxes, the longer side one to two ``OVERVIEW_SIDE``.

        Views of moderate size are made of it: the picture itself is gone through only once.
        """
        box = max(1, max(self.luma.shape) // OVERVIEW_SIDE)
        rows = box * max(1, rows_per_strip(self.width) // box)
        parts = []
        for start in range(0, self.height, rows):
            part = self.luma[start : start + rows]
            part = part if self.depth == 8 else (part >> 8).astype(np.uint8)
            parts.append(np.asarray(Image.fromarray(part).reduce(box)))
        return np.concatenate(parts)

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.luma.shape[1])

    @property
    def depth(self) -> int:
        """Bits per sample: 8 or 16."""
        return int(self.luma.dtype.itemsize * 8)


class Coloring(Protocol):
    """A colored picture that is computed in strips of rows, so that it never exists as a whole."""

    height: int
    width: int
    depth: int
    """Bits per sample: 8 or 16."""

    def rgb(self, start: int, stop: int) -> np.ndarray:
        """Rows ``start`` to ``stop`` as (n, W, 3) sRGB, uint8 or uint16 by ``depth``."""
        ...

    def planes(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows as full-range JFIF planes (8 bit only): Y (n, W), Cb and Cr (ceil(n/2), ceil(W/2)).

        ``start`` is even; ``stop`` is even or the picture's height.
        """
        ...


def strips(height: int, width: int) -> Iterator[tuple[int, int]]:
    """Row ranges (start, stop) that cover a picture; every start is even."""
    rows = rows_per_strip(width)
    for start in range(0, height, rows):
        yield start, min(start + rows, height)


def rows_per_strip(width: int) -> int:
    """Rows in a strip of about ``PIXELS_PER_STRIP`` pixels: an even number."""
    return max(2, PIXELS_PER_STRIP // max(1, width) // 2 * 2)


def to_depth(samples: np.ndarray, depth: int) -> np.ndarray:
    """``samples`` (uint8 or uint16, any shape) at 8 or 16 bits, rounded where that is needed."""
    if samples.dtype.itemsize * 8 == depth:
        return samples
    if depth == 16:
        return samples.astype(np.uint16) * np.uint16(257)
    return ((samples.astype(np.uint32) + 128) // 257).astype(np.uint8)
