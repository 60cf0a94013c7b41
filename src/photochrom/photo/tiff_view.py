"""A TIFF file as if one of its pages were its first: decoders need not walk to it."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO, cast

from photochrom.errors import UnsupportedPhoto
from photochrom.photo.tags import Header, Value, write_directory


def starting_at(file: BinaryIO, header: Header, place: int) -> BinaryIO:
    """The file with the directory at the offset ``place`` as its first."""
    return cast(BinaryIO, _StartingAt(file, _head(header, place)))


def with_directory(file: BinaryIO, header: Header, tags: Mapping[int, Value]) -> BinaryIO:
    """The file with a directory of ``tags`` as its first and only one; nothing is copied."""
    end = file.seek(0, 2)
    place = end + end % 2
    if not header.big and place >= 1 << 32:
        message = "its tags are wrong, with no room for others; save it anew with another program"
        raise UnsupportedPhoto(message)
    tail = bytes(end % 2) + write_directory(tags, header.order, place, big=header.big)
    return cast(BinaryIO, io.BufferedReader(_Joined(file, _head(header, place), end, tail)))


def _head(header: Header, place: int) -> bytes:
    """First bytes of a file whose first directory is at ``place``."""
    order = b"II" if header.order == "<" else b"MM"
    if header.big:
        return order + struct.pack(header.order + "HHHQ", 43, 8, 0, place)
    return order + struct.pack(header.order + "HI", 42, place)


class _StartingAt:
    """A file with other first bytes. All else is the file's: decoders may use its descriptor."""

    def __init__(self, file: BinaryIO, head: bytes) -> None:
        self._file, self._head = file, head
        file.seek(0)

    def read(self, count: int = -1, /) -> bytes:
        """The next bytes."""
        position = self._file.tell()
        data = self._file.read(count)
        changed = self._head[position : position + len(data)]
        return changed + data[len(changed) :] if changed else data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _Joined(io.RawIOBase):
    """A file with other first bytes, and more behind its end. It has no descriptor."""

    def __init__(self, file: BinaryIO, head: bytes, end: int, tail: bytes) -> None:
        self._file, self._head, self._end, self._tail = file, head, end, tail
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        start = (0, self._position, self._end + len(self._tail))[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        """Bytes of one of the three parts; whoever wants more asks again."""
        start = self._position
        if start < len(self._head):
            data = self._head[start : start + len(buffer)]
        elif start < self._end:
            self._file.seek(start)
            data = self._file.read(min(len(buffer), self._end - start))
        else:
            data = self._tail[start - self._end : start - self._end + len(buffer)]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
