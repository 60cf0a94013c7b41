"""What a GIF says beside its pictures: comments, and XMP, which Pillow passes over.

Source: GIF89a; XMP in GIF by ISO 16684-3.
"""

from __future__ import annotations

from typing import BinaryIO

from photochrom.photo.photo import Text
from photochrom.photo.texts import comments_of

_HEADER = 13
_EXTENSION, _PICTURE = b"!", b","
_COMMENT, _APPLICATION = b"\xfe", b"\xff"
_XMP = b"\x0bXMP DataXMP"
_XMP_END = b"\1\xff\xfe\xfd"  # 258 bytes that lead any reader of blocks to the packet's end
_MOST_BYTES = 16 << 20  # of the comments


def words_of_gif(file: BinaryIO) -> tuple[tuple[Text, ...], bytes | None]:
    """The comments, wherever they stand, and the XMP packet, if any.

    A file that is damaged has those before the damage.
    """
    file.seek(0)
    comments, xmp, room = [], None, _MOST_BYTES
    _skip_colors(file, file.read(_HEADER)[10:11])
    while kind := file.read(1):
        if kind == _PICTURE:
            _skip_colors(file, file.read(9)[8:9])
            file.read(1)
            _blocks(file)
        elif kind == _EXTENSION:
            label, start = file.read(1), file.tell()
            data = _blocks(file, kept=label == _COMMENT)
            room -= len(data)
            if data and room >= 0:
                comments.append(data)
            if label == _APPLICATION and xmp is None:
                xmp = _xmp_between(file, start)
        else:
            break
    file.seek(0)
    return comments_of(comments), xmp


def _skip_colors(file: BinaryIO, flags: bytes) -> None:
    """Skip the table of colors that these flags announce."""
    if flags and flags[0] & 0x80:
        file.seek(3 << ((flags[0] & 7) + 1), 1)


def _blocks(file: BinaryIO, *, kept: bool = False) -> bytes:
    """Go to the end of the blocks that follow; their bytes if they are to be kept."""
    parts = []
    while (size := file.read(1)) not in (b"", b"\0"):
        if kept:
            parts.append(file.read(size[0]))
        else:
            file.seek(size[0], 1)
    return b"".join(parts)


def _xmp_between(file: BinaryIO, start: int) -> bytes | None:
    """The packet of an application's blocks from ``start`` to here; it is not cut into blocks."""
    end = file.tell()
    file.seek(start)
    is_xmp = file.read(len(_XMP)) == _XMP
    data = file.read(min(end - file.tell(), _MOST_BYTES)) if is_xmp else b""
    file.seek(end)
    return data.rpartition(_XMP_END)[0] or None
