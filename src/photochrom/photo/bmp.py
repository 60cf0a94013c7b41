"""The color profile of a BMP, which Pillow's plugin leaves unread.

Source: Microsoft, BITMAPV5HEADER (wingdi.h); all numbers are little-endian.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

_HEADER = 14  # where the picture's header begins, behind the file's
_V5_SIZE = 124
_SPACE, _PROFILE = 56, 112  # within the header
_EMBEDDED = 0x4D424544
_LEAST = 128  # an ICC profile's own header


def profile_of_bmp(file: BinaryIO) -> bytes | None:
    """The ICC profile embedded in a BMP; None without one, or where it is not all in the file."""
    file.seek(0)
    head = file.read(_HEADER + _V5_SIZE)
    if len(head) < _HEADER + _V5_SIZE or struct.unpack_from("<I", head, _HEADER)[0] < _V5_SIZE:
        return None
    (space,) = struct.unpack_from("<I", head, _HEADER + _SPACE)
    start, size = struct.unpack_from("<II", head, _HEADER + _PROFILE)
    end = file.seek(0, 2)
    if space != _EMBEDDED or size < _LEAST or start < _V5_SIZE or _HEADER + start + size > end:
        return None
    file.seek(_HEADER + start)
    return file.read(size)
