"""Whether a WebP was packed without loss, which Pillow does not say.

Source: RFC 9649 (WebP), sections 2.3 to 2.7.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

_FIRST_CHUNK = 12  # behind "RIFF", the size and "WEBP"
_HEAD = 8
_FRAME = 16  # bytes of an ANMF chunk before the chunks inside it


def is_lossless(file: BinaryIO) -> bool:
    """Whether the picture of a WebP, of an animation the first frame's, is VP8L.

    False where no picture is found. Transparency is packed without loss beside lossy colors, too,
    and does not count.
    """
    position = _FIRST_CHUNK
    while True:
        file.seek(position)
        head = file.read(_HEAD)
        if len(head) < _HEAD:
            return False
        kind, size = struct.unpack("<4sI", head)
        if kind in (b"VP8L", b"VP8 "):
            return bool(kind == b"VP8L")
        position += _HEAD + (_FRAME if kind == b"ANMF" else size + size % 2)
