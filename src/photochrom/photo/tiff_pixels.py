"""Samples of a TIFF's page as stored, and what they mean.

Plain strips and tiles are read directly, all else by tifffile.
Source: TIFF 6.0.
"""

from __future__ import annotations

import logging

import numpy as np

from photochrom.errors import MissingExtra, UnreadablePhoto, UnsupportedPhoto
from photochrom.photo import profiles
from photochrom.photo import tiff_tags as t
from photochrom.photo.photo import strips
from photochrom.photo.pixels import (
    Pixels,
    divide_by_alpha,
    filled,
    narrowed,
    put_strip,
    within_16_bits,
)
from photochrom.photo.profiles import Convert
from photochrom.photo.tiff import TiffFacts
from photochrom.photo.tiff_codings import check_coding, not_read
from photochrom.photo.tiff_plain import Strips, is_plain, plain_strips

_READ_BYTES = 16 << 20  # at once; tifffile's own choice is 256 MB
_ADVICE = "save it as 8 or 16-bit gray or RGB"

# Without any handler, Python would print tifffile's remarks on odd files to the user's terminal.
_SILENT = logging.NullHandler()


def read_samples(facts: TiffFacts, convert: Convert | None) -> Pixels:
    """Pixels of a page that is plain, or that Pillow does not read whole.

    ``convert`` is that of :func:`conversion_of`.

    Raises:
        MissingExtra: tifffile or imagecodecs is needed and not installed.
        UnsupportedPhoto: a depth or packing that is not read. The text is the reason alone.
    """
    is_indexed = facts.photometric == t.PALETTE
    if facts.bits < 8 and not is_indexed:
        message = f"its {facts.bits}-bit pixels are not read; {_ADVICE}"
        raise UnsupportedPhoto(message)
    height, width = facts.size
    pixels = Pixels(np.empty((height, width), np.uint8 if facts.bits <= 8 else np.uint16))
    pixels.alpha = np.empty_like(pixels.luma) if facts.has_alpha else None
    kept = facts.colors + facts.has_alpha
    convert = _through_palette(facts, convert) if is_indexed else convert
    for row, column, segment in plain_strips(facts) if is_plain(facts) else _by_tifffile(facts):
        for start, stop in strips(*segment.shape[:2]):  # a segment may be the whole picture
            samples = segment[start:stop, :, :kept]
            samples = samples if is_indexed else filled(within_16_bits(samples), facts.bits)
            put_strip(pixels, row + start, samples, column, convert=convert, colors=facts.colors)
    if facts.is_wide:
        return narrowed(pixels)
    if facts.is_associated and pixels.alpha is not None and not is_indexed:
        divide_by_alpha(pixels.luma, pixels.alpha)
    if facts.photometric == t.WHITE_IS_ZERO:
        np.invert(pixels.luma, out=pixels.luma)
    return pixels


def as_stated(luma: np.ndarray, facts: TiffFacts) -> np.ndarray:
    """16-bit gray from Pillow as the tags mean it: all bits used, and zero may be white."""
    luma = filled(luma, facts.bits)
    return np.invert(luma) if facts.photometric == t.WHITE_IS_ZERO else luma


def conversion_of(facts: TiffFacts, icc: bytes | None) -> Convert | None:
    """What brings the page's colors to sRGB; None when they are there already, or gray."""
    depth = 8 if facts.bits <= 8 else 16
    if facts.photometric == t.CMYK:
        return profiles.cmyk_conversion(icc, depth)
    if facts.photometric in (t.LAB, t.ICC_LAB):
        return profiles.lab_conversion(depth, as_icc=facts.photometric == t.ICC_LAB)
    is_rgb = facts.colors == 3 or facts.photometric == t.PALETTE
    return profiles.rgb_conversion(icc, depth) if is_rgb else None


def _through_palette(facts: TiffFacts, convert: Convert | None) -> Convert:
    """From places in the page's palette to its colors, and through ``convert``."""
    levels = facts.array(t.COLOR_MAP).astype(np.uint16).reshape(3, -1).T
    colors = levels if facts.bits > 8 else (levels >> 8).astype(np.uint8)

    def found(places: np.ndarray) -> np.ndarray:
        rgb = np.take(colors, places[..., 0].astype(np.intp), axis=0)
        return rgb if convert is None else convert(rgb)

    return found


def _by_tifffile(facts: TiffFacts) -> Strips:
    """Strips or tiles of any page, as tifffile decodes them."""
    try:
        import imagecodecs  # noqa: F401  (tifffile needs it for most compressions)
        import tifffile
    except ImportError as error:
        raise MissingExtra("archive", "reading this kind of TIFF whole") from error
    tifffile.logger().addHandler(_SILENT)
    if facts.photometric == t.YCBCR and facts.compression != t.JPEG:
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
