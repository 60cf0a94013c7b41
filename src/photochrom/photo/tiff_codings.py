"""How a TIFF's strips and tiles are packed: which codings are read, and how large they may be.

Some codings are pictures with headers of their own, which may claim far more pixels than the page
has room for: then the decoder would take memory for those.
"""

from __future__ import annotations

import io

from photochrom.errors import UnreadablePhoto, UnsupportedPhoto
from photochrom.photo import tiff
from photochrom.photo.plugins import open_plugin
from photochrom.photo.tiff import TiffFacts

_OF_BYTES = {tiff.PLAIN, 5, 8, 32773, 32946, 34925, 34926, 50000}
"""LZW, deflate, PackBits, LZMA and Zstandard: unpacked no further than the page has room."""
_OF_PICTURES = {
    tiff.JPEG: "JPEG",
    33007: "JPEG",
    34892: "JPEG",
    33003: "JPEG 2000",
    33004: "JPEG 2000",
    33005: "JPEG 2000",
    34712: "JPEG 2000",
    34927: "WEBP",
    50001: "WEBP",
    34933: "PNG",
}
"""Whose headers say how large they are, which decides how much memory is taken."""


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
    kind = _OF_PICTURES[facts.compression]
    height, width = _room(facts)
    offsets, lengths = facts.segments
    # A single strip need not state its length: then it may be all that follows.
    for offset, length in zip(offsets, lengths or (-1,), strict=False):
        facts.file.seek(offset)
        with open_plugin(kind, io.BytesIO(facts.file.read(length))) as picture:
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
