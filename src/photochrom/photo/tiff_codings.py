"""How a TIFF's strips and tiles are packed: which codings are read, and how large they may be.

Some codings are pictures with headers of their own, which may claim far more pixels than the page
has room for: then the decoder would take memory for those.
"""

from __future__ import annotations

import importlib
import io

from photochrom.errors import UnreadablePhoto, UnsupportedPhoto
from photochrom.photo import tiff
from photochrom.photo.tiff import TiffFacts

_OF_BYTES = {tiff.PLAIN, 5, 8, 32773, 32946, 34925, 34926, 50000}
"""LZW, deflate, PackBits, LZMA and Zstandard: unpacked no further than the page has room."""
_JPEG = ("JpegImagePlugin", "JpegImageFile")
_JPEG_2000 = ("Jpeg2KImagePlugin", "Jpeg2KImageFile")
_WEBP = ("WebPImagePlugin", "WebPImageFile")
_OF_PICTURES = {
    tiff.JPEG: _JPEG,
    33007: _JPEG,
    34892: _JPEG,
    33003: _JPEG_2000,
    33004: _JPEG_2000,
    33005: _JPEG_2000,
    34712: _JPEG_2000,
    34927: _WEBP,
    50001: _WEBP,
    34933: ("PngImagePlugin", "PngImageFile"),
}
"""By which plugin Pillow reads the header; whose size decides how much memory is taken."""


def check_coding(facts: TiffFacts) -> None:
    """Refuse a packing that is not read, and pictures larger than their strips or tiles.

    Raises:
        UnsupportedPhoto: a packing whose size cannot be known before it is unpacked, or of none.
        UnreadablePhoto: a picture within the page is larger than its place, or none at all. The
            texts are the reasons alone.
    """
    if facts.compression in _OF_BYTES:
        return
    if facts.compression not in _OF_PICTURES:
        raise UnsupportedPhoto(not_read(facts))
    module, name = _OF_PICTURES[facts.compression]
    plugin = getattr(importlib.import_module(f"PIL.{module}"), name)
    height, width = _room(facts)
    for offset, length in zip(*facts.segments, strict=False):
        facts.file.seek(offset)
        with plugin(io.BytesIO(facts.file.read(length)), "") as picture:
            across, down = picture.size
        if down * across > height * width:
            message = (
                f"it is damaged (a strip or tile of {width} x {height} pixels holds a picture of "
                f"{across} x {down})"
            )
            raise UnreadablePhoto(message)


def not_read(facts: TiffFacts) -> str:
    """The reason for a packing that nothing here unpacks."""
    advice = "save it as a plain, LZW or deflate TIFF"
    return f"its packing (compression {facts.compression}) is not read; {advice}"


def _room(facts: TiffFacts) -> tuple[int, int]:
    """Height and width of a whole strip or tile."""
    height, width = facts.size
    if tiff.TILE_OFFSETS in facts.tags:
        return facts.number(tiff.TILE_HEIGHT, 0), facts.number(tiff.TILE_WIDTH, 0)
    return min(max(1, facts.number(tiff.ROWS_PER_STRIP, height)), height), width
