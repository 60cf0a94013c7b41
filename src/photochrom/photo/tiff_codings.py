"""How a TIFF's strips and tiles are packed: which codings are read, and how large they may be.

Some codings are pictures with headers of their own, which may claim far more pixels than the page
has room for: then the decoder would take memory for those.
"""

from __future__ import annotations

import io

from photochrom.errors import UnreadablePhoto, UnsupportedPhoto
from photochrom.photo import tiff_tags as t
from photochrom.photo.plugins import open_plugin
from photochrom.photo.tiff import TiffFacts

_NAMES = {
    2: "CCITT", 3: "CCITT Group 3", 4: "CCITT Group 4", 5: "LZW", 6: "old-style JPEG", 7: "JPEG",
    8: "deflate", 9: "JBIG", 10: "JBIG", 32766: "NeXT", 32771: "CCITT", 32773: "PackBits",
    32809: "ThunderScan", 32909: "PixarLog", 32946: "deflate", 33003: "JPEG 2000",
    33004: "JPEG 2000", 33005: "JPEG 2000", 33007: "JPEG", 34661: "JBIG", 34676: "SGILog",
    34677: "SGILog24", 34712: "JPEG 2000", 34887: "LERC", 34892: "JPEG", 34925: "LZMA",
    34926: "Zstandard", 34927: "WebP", 34933: "PNG", 34934: "JPEG XR", 50000: "Zstandard",
    50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL",
}  # fmt: skip
ADVICE = "ImageMagick, GIMP or XnView may open it: save it there as a plain, LZW or deflate TIFF"

_OF_BYTES = {t.PLAIN, t.LZW, t.DEFLATE, t.PACKBITS, t.OLD_DEFLATE, 34925, 34926, 50000}
"""Unpacked no further than the page has room."""
_OF_PICTURES = {
    t.JPEG: "JPEG",
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
    height, width = facts.grid.rows, facts.grid.columns
    for offset, length in zip(*(table.tolist() for table in facts.segments), strict=True):
        facts.file.seek(offset)
        with open_plugin(kind, io.BytesIO(facts.file.read(length))) as picture:
            across, down = picture.size
        if down * across > height * width:
            message = (
                f"it is damaged (a strip or tile of {width} x {height} pixels holds a picture of "
                f"{across} x {down})"
            )
            raise UnreadablePhoto(message)


def name_of(facts: TiffFacts) -> str:
    """What people call the packing."""
    return _NAMES.get(facts.compression, "packed")


def not_read(facts: TiffFacts) -> str:
    """The reason for a packing that nothing here unpacks."""
    number = f"compression {facts.compression}"
    name = _NAMES.get(facts.compression)
    kind = f"{name}, {number}" if name else number
    return f"its packing ({kind}) is not read; {ADVICE}"
