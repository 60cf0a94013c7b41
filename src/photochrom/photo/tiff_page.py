"""A page of a TIFF, by whichever reader keeps it whole, and by another where one cannot read it.

Pillow opens 16-bit color silently as 8-bit, and refuses very large pictures and many kinds: those
are read sample by sample.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from PIL import Image, TiffImagePlugin

from photochrom.errors import (
    MissingExtra,
    PhotoError,
    PhotoTooLarge,
    UnreadablePhoto,
    UnsupportedPhoto,
)
from photochrom.photo import tiff_tags as t
from photochrom.photo.exif import ORIENTATION
from photochrom.photo.photo import Metadata
from photochrom.photo.pixels import Pixels, converted
from photochrom.photo.plugins import open_plugin
from photochrom.photo.profiles import srgb_profile
from photochrom.photo.tiff import WIDE, Tiff, TiffFacts
from photochrom.photo.tiff_codings import name_of
from photochrom.photo.tiff_ends import roomy, with_true_ends
from photochrom.photo.tiff_old_jpeg import read_old_jpeg
from photochrom.photo.tiff_pixels import as_stated, conversion_of, read_samples
from photochrom.photo.tiff_plain import is_plain

_PILLOWS_COMPRESSIONS = {1, 2, 3, 4, 5, 6, 7, 8, 32771, 32773, 32946, 34925, 50000}
# What some builds of libtiff lack, and kinds of JPEG that it does not know.
_NOT_ALWAYS_PILLOWS = {t.JPEG, 34925, 50000}


def read_page(
    whole: Tiff, page: int, metadata: Metadata, orientation: int
) -> tuple[Pixels, Metadata, bool]:
    """Pixels of a page that was checked, the metadata that they have then, and if they are upright.

    Raises:
        UnreadablePhoto: damaged or cut short.
        UnsupportedPhoto: a kind that is not read.
        MissingExtra: what reads it is not installed.
    """
    facts = whole.page(page)
    if facts.compression == t.OLD_JPEG:
        return _old_jpeg(facts, metadata, orientation)
    facts = with_true_ends(facts)
    try:
        return _read(facts, metadata, orientation)
    except (MissingExtra, MemoryError, UnsupportedPhoto, PhotoTooLarge):
        raise
    except Exception as error:  # decoders fail in every way there is
        others = roomy(facts)
        if others.tags != facts.tags:
            with suppress(Exception):
                # Strips that seem cut may go on: some writers count their bytes wrong.
                return _read(others, metadata, orientation)
        raise _explained(error, facts) from error


def _read(facts: TiffFacts, metadata: Metadata, orientation: int) -> tuple[Pixels, Metadata, bool]:
    """As :func:`read_page`, of the page as these facts have it."""
    if is_plain(facts) or not _is_pillows(facts):
        return _by_samples(facts, metadata)
    try:
        image = open_plugin("TIFF", facts.file_from_here)
        image.getexif()[ORIENTATION] = orientation  # by this Pillow turns it, and has its own rule
        image.load()
    except OSError:
        if facts.compression in _NOT_ALWAYS_PILLOWS:
            with suppress(Exception):
                return _by_samples(facts, metadata)
        raise
    pixels, metadata = converted(image, metadata)
    if image.mode.startswith("I"):
        pixels.luma = as_stated(pixels.luma, facts)
    return pixels, metadata, True


def _by_samples(facts: TiffFacts, metadata: Metadata) -> tuple[Pixels, Metadata, bool]:
    """As :func:`read_page`, sample by sample."""
    convert = conversion_of(facts, metadata.icc)
    pixels = read_samples(facts, convert)
    if convert is not None:
        metadata = replace(metadata, icc=srgb_profile())
    return pixels, metadata, False


def _old_jpeg(
    facts: TiffFacts, metadata: Metadata, orientation: int
) -> tuple[Pixels, Metadata, bool]:
    """As :func:`read_page`, of old-style JPEG: libtiff knows most of it, but not of gray."""
    try:
        return *read_old_jpeg(facts, metadata), False
    except (UnreadablePhoto, PhotoTooLarge, MemoryError):
        raise
    except Exception as error:
        if _is_pillows(facts):
            with suppress(Exception):
                return _read(facts, metadata, orientation)
        raise _explained(error, facts) from error


def _explained(error: Exception, facts: TiffFacts) -> Exception:
    """What to say of a decoder's error: theirs says little to people."""
    if isinstance(error, PhotoError):
        return error
    if facts.is_cut or "truncat" in str(error):
        return UnreadablePhoto("it is cut short")
    if facts.compression == t.PLAIN:
        return UnreadablePhoto("it is damaged (its tags contradict each other)")
    return UnreadablePhoto(f"it is damaged (its {name_of(facts)} data cannot be unpacked)")


def _is_pillows(facts: TiffFacts) -> bool:
    """Whether Pillow reads the page whole."""
    height, width = facts.size
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and height * width > 2 * limit:
        return False
    if facts.header.big and facts.header.order == ">":
        return False  # Pillow knows a BigTIFF by its third byte, which is the other one here
    if facts.compression not in _PILLOWS_COMPRESSIONS:
        return False
    if facts.photometric in (t.LAB, t.ICC_LAB):
        return False
    if facts.is_planar and (facts.colors != 3 or t.TILE_OFFSETS in facts.tags):
        return False  # of gray and alpha in planes it loses the second
    if facts.channels > max(4, facts.colors) or not _is_in_pillows_table(facts):
        return False
    extra = facts.channels - facts.colors
    if facts.bits > 8:
        # Of 32 bits that were packed it swaps the bytes of this machine's order, too.
        wide = (WIDE,) if facts.header.order == "<" else ()
        known = (12, 16, *wide) if facts.photometric == t.BLACK_IS_ZERO else (16,)
        is_known = facts.bits in known and not facts.has_bits_reversed
        return is_known and facts.channels == 1
    return facts.colors == 3 or extra == 0 or (extra == 1 and facts.has_alpha)


def _is_in_pillows_table(facts: TiffFacts) -> bool:
    """Whether Pillow knows pixels of this byte order, color, depth and order of bits.

    Where a tag is missing, it supposes something else than TIFF 6.0 does.
    """
    is_old_jpeg = facts.compression == t.OLD_JPEG
    color = t.YCBCR if is_old_jpeg else facts.number(t.PHOTOMETRIC, t.WHITE_IS_ZERO)
    bits, extra = facts.numbers(t.BITS) or (1,), facts.numbers(t.EXTRA_SAMPLES)
    formats = facts.numbers(t.SAMPLE_FORMAT) or (1,)
    channels = facts.number(t.SAMPLES, 3 if is_old_jpeg else 1)
    if facts.number(t.PLANAR, 1) == 2 and extra and max(extra) == 0:
        bits, channels, extra = bits[: -len(extra)], channels - len(extra), ()
    bits = bits * channels if len(bits) == 1 else bits[:channels]
    formats = formats[:1] if len(set(formats)) == 1 else formats
    order = b"II" if facts.header.order == "<" else b"MM"
    filled = facts.number(t.FILL_ORDER, 1)
    return (order, color, formats, filled, bits, extra) in TiffImagePlugin.OPEN_INFO
