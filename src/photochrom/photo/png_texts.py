"""Profiles that a PNG holds as hexadecimal text, ImageMagick's way: EXIF, XMP, IPTC.

The text is a line break, a name, the number of bytes, and lines of digits. Its keyword says which
kind it is, but "APP1" may be EXIF or XMP, the two that share a JPEG's segment of that name.
Source: ImageMagick's coders/png.c, which has no other description.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from photochrom.photo.exif import MARKER, trimmed
from photochrom.photo.xmp import SEGMENT

XMP_KEYWORD = "XML:com.adobe.xmp"
_KEYWORD = "Raw profile type "
OTHER_KEYWORDS = (XMP_KEYWORD, _KEYWORD)
"""So begin the keywords of texts that describe nothing by themselves: they hold metadata."""


def data_of_text(text: object) -> bytes | None:
    """The bytes of a text "Raw profile type ..."; None when it is none."""
    # No pattern: it could try many ways to part a megabyte of blanks.
    lines = text.strip().split("\n", 2) if isinstance(text, str) else []
    if len(lines) < 3 or not lines[1].strip().isdecimal():
        return None
    try:
        return bytes.fromhex(lines[2]) or None
    except ValueError:
        return None


def exif_of_texts(info: Mapping[Any, Any]) -> bytes | None:
    """The EXIF block, without its marker, among a PNG's texts as Pillow has them, or None."""
    for data in _found(info, "exif", "APP1"):
        block = trimmed(data.removeprefix(MARKER))  # which some writers put twice
        if block is not None:
            return block
    return None


def xmp_of_texts(info: Mapping[Any, Any]) -> bytes | None:
    """The XMP packet among a PNG's texts as Pillow has them, or None."""
    for data in _found(info, "xmp"):
        return data.removeprefix(SEGMENT) or None
    for data in _found(info, "APP1"):
        if data.startswith(SEGMENT):
            return data.removeprefix(SEGMENT) or None
    return None


def _found(info: Mapping[Any, Any], *names: str) -> Iterator[bytes]:
    for name in names:
        data = data_of_text(info.get(_KEYWORD + name))
        if data is not None:
            yield data
