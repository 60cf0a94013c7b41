"""What a TIFF's tags say, and those TIFFs whose pixels Pillow would damage or refuse.

Pillow opens 16-bit RGB silently as 8-bit. tifffile reads it by strips, as it does pictures beyond
the size that Pillow accepts.
Source: TIFF 6.0.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import BinaryIO

import numpy as np
from PIL import Image

from photochrom.errors import MissingExtra, UnreadablePhoto, UnsupportedPhoto
from photochrom.photo.exif import (
    EXIF_DIRECTORY,
    GPS_DIRECTORY,
    ORIENTATION,
    block_of,
    resolution,
)
from photochrom.photo.photo import Metadata, strips
from photochrom.photo.pixels import Pixels, pixels_of_array, put_strip
from photochrom.photo.tags import Header, Value, integers, read_directory, read_header

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIP_OFFSETS, SAMPLES, STRIP_BYTES, PLANAR, PREDICTOR = 273, 277, 279, 284, 317
TILE_OFFSETS, TILE_BYTES, EXTRA_SAMPLES, SAMPLE_FORMAT = 324, 325, 338, 339
XMP, ICC, DNG_VERSION = 700, 34675, 50706
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2
_READ_BYTES = 16 << 20  # at once; tifffile's own choice is 256 MB
_MOST_GROWTH = {1: 1, 5: 4096, 8: 1040, 32946: 1040, 32773: 64}  # by compression

# Without any handler, Python would print tifffile's remarks on odd files to the user's terminal.
_SILENT = logging.NullHandler()


class TiffFacts:
    """Tags of the first page."""

    def __init__(self, file: BinaryIO) -> None:
        """Read them. ValueError when the file is no TIFF."""
        self._file = file
        self._size = file.seek(0, 2)
        self.header: Header = read_header(self._fetch)
        self.tags: Mapping[int, Value] = read_directory(self._fetch, self.header, self.header.first)
        self.bits = max(self.numbers(BITS) or (1,))
        self.channels = self.number(SAMPLES, 1)
        self.photometric = self.number(PHOTOMETRIC, BLACK_IS_ZERO)

    def _fetch(self, offset: int, length: int) -> bytes:
        if offset >= self._size:
            return b""
        self._file.seek(offset)
        return self._file.read(min(length, self._size - offset))

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Integers of a tag."""
        return integers(self.tags.get(tag), self.header.order)

    def number(self, tag: int, default: int) -> int:
        """First integer of a tag."""
        return (*self.numbers(tag), default)[0]

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) as stored."""
        return self.number(HEIGHT, 0), self.number(WIDTH, 0)

    @property
    def orientation(self) -> int:
        """Orientation 1..8."""
        stated = self.number(ORIENTATION, 1)
        return stated if 1 <= stated <= 8 else 1

    def check(self) -> None:
        """Refuse what cannot be read faithfully, before anything is allocated.

        Raises:
            UnsupportedPhoto: floating point, signed or beyond 16 bits, raw camera data.
            UnreadablePhoto: the file ends before its pixels do. The texts are the reasons alone.
        """
        formats = set(self.numbers(SAMPLE_FORMAT) or (1,))
        if 3 in formats:
            message = "its pixels are floating point; save it as 16-bit gray or RGB"
            raise UnsupportedPhoto(message)
        if formats - {1, 4} or self.bits > 16:
            message = f"its pixels are {self.bits}-bit numbers of an unusual kind"
            raise UnsupportedPhoto(message)
        if DNG_VERSION in self.tags:
            message = "it is a raw camera file; develop it first"
            raise UnsupportedPhoto(message)
        offsets = self.numbers(TILE_OFFSETS) or self.numbers(STRIP_OFFSETS)
        lengths = self.numbers(TILE_BYTES) or self.numbers(STRIP_BYTES)
        height, width = self.size
        raw = height * width * self.channels * self.bits // 8
        growth = _MOST_GROWTH.get(self.number(COMPRESSION, 1))
        ends = [start + length for start, length in zip(offsets, lengths, strict=False)]
        if max(ends, default=0) > self._size or (
            growth and lengths and raw > growth * sum(lengths)
        ):
            message = "it is cut short"
            raise UnreadablePhoto(message)

    @property
    def needs_tifffile(self) -> bool:
        """Whether Pillow would lose depth or refuse the size."""
        height, width = self.size
        limit = Image.MAX_IMAGE_PIXELS
        too_large = limit is not None and height * width > 2 * limit
        return too_large or (self.bits > 8 and (self.channels > 1 or self.bits not in (12, 16)))

    def metadata(self) -> Metadata:
        """EXIF (rebuilt from the tags), profile, XMP and resolution."""
        directories = {0: self.tags}
        for pointer in (EXIF_DIRECTORY, GPS_DIRECTORY):
            for offset in self.numbers(pointer)[:1]:
                try:
                    directories[pointer] = read_directory(self._fetch, self.header, offset)
                except ValueError:
                    continue
        icc, xmp = self.tags.get(ICC), self.tags.get(XMP)
        dpi = resolution(self.tags, self.header.order)
        return Metadata(
            exif=block_of(directories, self.header.order),
            icc=icc.data if icc else None,
            xmp=xmp.data if xmp else None,
            dpi=dpi if dpi and min(dpi) >= 1 else None,
        )


def read_deep_tiff(file: BinaryIO, facts: TiffFacts, name: str) -> tuple[Pixels, int]:
    """Pixels of the first page as stored (not yet upright), strip by strip, and the page count.

    Raises:
        MissingExtra: tifffile or imagecodecs is not installed.
        UnsupportedPhoto: neither gray nor RGB. The text is the reason alone.
    """
    try:
        import imagecodecs  # noqa: F401  (tifffile needs it for most compressions)
        import tifffile
    except ImportError as error:
        raise MissingExtra("archive", f"{name}: reading this kind of TIFF whole") from error
    if facts.photometric not in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB) or facts.bits not in (8, 16):
        message = f"{facts.bits}-bit TIFFs that are neither gray nor RGB are not read"
        raise UnsupportedPhoto(message)
    tifffile.logger().addHandler(_SILENT)
    colors = 3 if facts.photometric == RGB else 1
    height, width = facts.size
    file.seek(0)
    with tifffile.TiffFile(file) as tiff:
        page, frames = tiff.pages.first, len(tiff.pages)
        if facts.number(PLANAR, 1) == 2 and facts.channels > 1:
            planes = page.asarray(maxworkers=1)
            pixels = pixels_of_array(np.moveaxis(_checked(planes, facts, colors), 0, 2))
        else:
            dtype = np.uint8 if facts.bits == 8 else np.uint16
            pixels = Pixels(np.empty((height, width), dtype))
            pixels.alpha = np.empty_like(pixels.luma) if _has_alpha(facts, colors) else None
            for segment, index, shape in page.segments(maxworkers=1, buffersize=_READ_BYTES):
                if segment is None:
                    message = "it is cut short"
                    raise UnreadablePhoto(message)
                rows, columns = min(shape[1], height - index[2]), min(shape[2], width - index[3])
                samples = segment[0, :rows, :columns, : colors + _has_alpha(facts, colors)]
                put_strip(pixels, index[2], samples, index[3])
    if pixels.alpha is not None and facts.number(EXTRA_SAMPLES, 2) == 1:
        _divide_by_alpha(pixels.luma, pixels.alpha)
    pixels.luma = as_stated(pixels.luma, facts)
    return pixels, frames


def _has_alpha(facts: TiffFacts, colors: int) -> bool:
    """Whether the first extra channel is alpha (associated or not) or may be taken for it."""
    extra = facts.number(EXTRA_SAMPLES, 2 if facts.channels == colors + 1 else 0)
    return facts.channels > colors and extra in (1, 2)


def _checked(planes: np.ndarray, facts: TiffFacts, colors: int) -> np.ndarray:
    """Planes (channels, H, W) without channels that are neither color nor alpha."""
    return planes[: colors + _has_alpha(facts, colors)]


def _divide_by_alpha(luma: np.ndarray, alpha: np.ndarray) -> None:
    """Undo associated alpha, in place: there the samples were multiplied by it."""
    most = np.iinfo(luma.dtype).max
    for start, stop in strips(*luma.shape):
        rows = luma[start:stop].astype(np.uint32) * most // np.maximum(alpha[start:stop], 1)
        luma[start:stop] = np.minimum(rows, most)


def as_stated(luma: np.ndarray, facts: TiffFacts) -> np.ndarray:
    """16-bit gray as the tags mean it: 12 bits fill the range, and zero may be white."""
    if facts.bits == 12:
        luma = (luma << 4) | (luma >> 8)
    return np.invert(luma) if facts.photometric == WHITE_IS_ZERO else luma
