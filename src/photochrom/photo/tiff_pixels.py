"""Pixels of a TIFF's page as stored (not yet upright), strip by strip.

Plain strips are read directly. Pillow reads what it keeps whole; it opens 16-bit color silently as
8-bit, and refuses very large pictures and many kinds, and those are tifffile's.
Source: TIFF 6.0.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import BinaryIO

import numpy as np
from PIL import Image, TiffImagePlugin

from photochrom.errors import MissingExtra, UnreadablePhoto, UnsupportedPhoto
from photochrom.photo import profiles, tiff
from photochrom.photo.photo import strips
from photochrom.photo.pixels import Pixels, divide_by_alpha, filled, put_strip
from photochrom.photo.profiles import Convert
from photochrom.photo.tiff import TiffFacts
from photochrom.photo.tiff_codings import check_coding, not_read

_READ_BYTES = 16 << 20  # at once; tifffile's own choice is 256 MB
_PILLOWS_COMPRESSIONS = {1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946}

# Without any handler, Python would print tifffile's remarks on odd files to the user's terminal.
_SILENT = logging.NullHandler()

Strips = Iterator[tuple[int, int, np.ndarray]]
"""First row, first column, and samples (n, m, channels), uint8 or uint16 in native byte order."""


def is_plain(facts: TiffFacts) -> bool:
    """Whether the rows lie in the file as they are."""
    height, _ = facts.size
    rows = min(max(1, facts.number(tiff.ROWS_PER_STRIP, height)), height)
    planes = facts.channels if facts.is_planar else 1
    return (
        facts.compression == tiff.PLAIN
        and not facts.has_bits_reversed
        and set(facts.numbers(tiff.BITS)) in ({8}, {16})
        and facts.photometric not in (tiff.PALETTE, tiff.YCBCR)
        and tiff.TILE_OFFSETS not in facts.tags
        and len(facts.numbers(tiff.STRIP_OFFSETS)) >= -(-height // rows) * planes
    )


def is_pillows(facts: TiffFacts) -> bool:
    """Whether Pillow reads the page whole."""
    height, width = facts.size
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and height * width > 2 * limit:
        return False
    if facts.header.big and facts.header.order == ">":
        return False  # Pillow knows a BigTIFF by its third byte, which is the other one here
    if facts.compression not in _PILLOWS_COMPRESSIONS:
        return False
    if facts.photometric in (tiff.LAB, tiff.ICC_LAB):
        return False
    if facts.is_planar and (facts.colors != 3 or tiff.TILE_OFFSETS in facts.tags):
        return False  # of gray and alpha in planes it loses the second
    if facts.channels > max(4, facts.colors) or not _is_in_pillows_table(facts):
        return False
    extra = facts.channels - facts.colors
    if facts.bits > 8:
        known = (12, 16) if facts.photometric == tiff.BLACK_IS_ZERO else (16,)
        is_known = facts.bits in known and not facts.has_bits_reversed
        return is_known and facts.channels == 1
    return facts.colors == 3 or extra == 0 or (extra == 1 and facts.has_alpha)


def _is_in_pillows_table(facts: TiffFacts) -> bool:
    """Whether Pillow knows pixels of this byte order, color, depth and order of bits.

    Where a tag is missing, it supposes something else than TIFF 6.0 does.
    """
    is_old_jpeg = facts.compression == tiff.OLD_JPEG
    color = tiff.YCBCR if is_old_jpeg else facts.number(tiff.PHOTOMETRIC, tiff.WHITE_IS_ZERO)
    bits, extra = facts.numbers(tiff.BITS) or (1,), facts.numbers(tiff.EXTRA_SAMPLES)
    formats = facts.numbers(tiff.SAMPLE_FORMAT) or (1,)
    channels = facts.number(tiff.SAMPLES, 3 if is_old_jpeg else 1)
    if facts.number(tiff.PLANAR, 1) == 2 and extra and max(extra) == 0:
        bits, channels, extra = bits[: -len(extra)], channels - len(extra), ()
    bits = bits * channels if len(bits) == 1 else bits[:channels]
    formats = formats[:1] if len(set(formats)) == 1 else formats
    order = b"II" if facts.header.order == "<" else b"MM"
    filled = facts.number(tiff.FILL_ORDER, 1)
    return (order, color, formats, filled, bits, extra) in TiffImagePlugin.OPEN_INFO


def read_samples(facts: TiffFacts, convert: Convert | None) -> Pixels:
    """Pixels of a page that is plain, or that Pillow does not read whole.

    ``convert`` is that of :func:`conversion_of`.

    Raises:
        MissingExtra: tifffile or imagecodecs is needed and not installed.
        UnsupportedPhoto: a depth or packing that is not read. The text is the reason alone.
    """
    if not 8 <= facts.bits <= 16 or facts.photometric == tiff.PALETTE:
        message = f"its {facts.bits}-bit pixels are not read; save it as 8 or 16-bit gray or RGB"
        raise UnsupportedPhoto(message)
    height, width = facts.size
    pixels = Pixels(np.empty((height, width), np.uint8 if facts.bits == 8 else np.uint16))
    pixels.alpha = np.empty_like(pixels.luma) if facts.has_alpha else None
    kept = facts.colors + facts.has_alpha
    for row, column, segment in _plain(facts) if is_plain(facts) else _by_tifffile(facts):
        for start, stop in strips(*segment.shape[:2]):  # a segment may be the whole picture
            samples = filled(segment[start:stop, :, :kept], facts.bits)
            put_strip(pixels, row + start, samples, column, convert=convert, colors=facts.colors)
    if facts.is_associated and pixels.alpha is not None:
        divide_by_alpha(pixels.luma, pixels.alpha)
    if facts.photometric == tiff.WHITE_IS_ZERO:
        np.invert(pixels.luma, out=pixels.luma)
    return pixels


def as_stated(luma: np.ndarray, facts: TiffFacts) -> np.ndarray:
    """16-bit gray from Pillow as the tags mean it: all bits used, and zero may be white."""
    luma = filled(luma, facts.bits)
    return np.invert(luma) if facts.photometric == tiff.WHITE_IS_ZERO else luma


def conversion_of(facts: TiffFacts, icc: bytes | None) -> Convert | None:
    """What brings the page's colors to sRGB; None when they are there already, or gray."""
    depth = 8 if facts.bits <= 8 else 16
    if facts.photometric == tiff.CMYK:
        return profiles.cmyk_conversion(icc, depth)
    if facts.photometric in (tiff.LAB, tiff.ICC_LAB):
        return profiles.lab_conversion(depth, as_icc=facts.photometric == tiff.ICC_LAB)
    return profiles.rgb_conversion(icc, depth) if facts.colors == 3 else None


def _plain(facts: TiffFacts) -> Strips:
    """Strips of a page whose rows lie in the file as they are."""
    height, width = facts.size
    kept = facts.colors + facts.has_alpha
    planes, together = (kept, 1) if facts.is_planar else (1, facts.channels)
    dtype = np.dtype(f"{facts.header.order}u{1 if facts.bits == 8 else 2}")
    row_bytes = width * together * dtype.itemsize
    rows = _rows_of(facts.file, facts, row_bytes)
    for start, stop in strips(height, width * -(-together // 4)):  # of many channels, fewer rows
        parts = [
            rows(plane, start, stop).view(dtype).reshape(stop - start, width, together)
            for plane in range(planes)
        ]
        samples = parts[0] if planes == 1 else np.concatenate(parts, -1)
        yield start, 0, samples.astype(dtype.newbyteorder("="), copy=False)


def _rows_of(
    file: BinaryIO, facts: TiffFacts, row_bytes: int
) -> Callable[[int, int, int], np.ndarray]:
    """(plane, start, stop) -> the bytes of those rows, from whichever strips hold them."""
    height, _ = facts.size
    offsets = facts.numbers(tiff.STRIP_OFFSETS)
    per_strip = min(max(1, facts.number(tiff.ROWS_PER_STRIP, height)), height)
    strips_of_plane = -(-height // per_strip)

    def read(plane: int, start: int, stop: int) -> np.ndarray:
        out = np.empty((stop - start) * row_bytes, np.uint8)
        row = start
        while row < stop:
            index, inside = divmod(row, per_strip)
            end = min(stop, (index + 1) * per_strip)
            place = out[(row - start) * row_bytes : (end - start) * row_bytes]
            file.seek(offsets[plane * strips_of_plane + index] + inside * row_bytes)
            if file.readinto(place.data) != place.size:  # type: ignore[attr-defined]
                message = "it is cut short"
                raise UnreadablePhoto(message)
            row = end
        return out

    return read


def _by_tifffile(facts: TiffFacts) -> Strips:
    """Strips or tiles of any page, as tifffile decodes them."""
    try:
        import imagecodecs  # noqa: F401  (tifffile needs it for most compressions)
        import tifffile
    except ImportError as error:
        raise MissingExtra("archive", "reading this kind of TIFF whole") from error
    tifffile.logger().addHandler(_SILENT)
    if facts.photometric == tiff.YCBCR and facts.compression != tiff.JPEG:
        message = "its YCbCr pixels are not packed as JPEG; save it as 8-bit RGB"
        raise UnsupportedPhoto(message)
    check_coding(facts)
    height, width = facts.size
    with tifffile.TiffFile(facts.file_from_here) as whole:
        page = whole.pages.first
        try:
            if facts.is_planar:
                planes = page.asarray(maxworkers=1).reshape(facts.channels, height, width)
                for start, stop in strips(height, width):
                    yield start, 0, np.moveaxis(planes[:, start:stop], 0, 2)
                return
            for segment, index, shape in page.segments(maxworkers=1, buffersize=_READ_BYTES):
                if segment is None:
                    message = "it is cut short"
                    raise UnreadablePhoto(message)
                rows, columns = min(shape[1], height - index[2]), min(shape[2], width - index[3])
                yield index[2], index[3], segment[0, :rows, :columns]
        except (ValueError, NotImplementedError, TypeError) as error:
            said = str(error).lower()
            if any(word in said for word in ("not support", "unsupported", "requires", "unknown")):
                raise UnsupportedPhoto(not_read(facts)) from error
            raise
