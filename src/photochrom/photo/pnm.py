"""The header of a PBM, PGM or PPM: its words, and the comments between them.

Source: Netpbm's pages on the formats.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from photochrom.errors import UnsupportedPhoto
from photochrom.photo.photo import Text
from photochrom.photo.texts import comments_of

_MOST_BYTES = 1 << 20
_PIECE = re.compile(rb"#([^\r\n]*)[\r\n]|([^\s#]+)|\s+")
_COLORS, _BITMAPS = (b"P3", b"P6"), (b"P1", b"P4")


def comments_of_pnm(file: BinaryIO) -> tuple[Text, ...]:
    """The lines of comment in the header.

    Raises:
        UnsupportedPhoto: a PPM of more than 8 bits per channel, which Pillow would reduce. The text
            is the reason alone.
    """
    file.seek(0)
    words, comments = _header(file.read(_MOST_BYTES))
    file.seek(0)
    if words[0] in _COLORS and int(words[3]) > 255:
        message = "it is a PPM of 16 bits per channel; save it as PNG or TIFF"
        raise UnsupportedPhoto(message)
    return comments_of(comment for comment in comments if comment)


def _header(data: bytes) -> tuple[list[bytes], list[bytes]]:
    """Kind, width, height and, but for bitmaps, the highest level; and the comments."""
    words, comments = list[bytes](), list[bytes]()
    for found in _PIECE.finditer(data):
        if found[2]:
            words.append(found[2])
            if len(words) == (3 if words[0] in _BITMAPS else 4):
                break
        elif found[1] is not None:
            comments.append(found[1].strip())
    return words, comments
