"""The coded data of a gray baseline JPEG as one string of bits, with what it takes to read it.

Source: ITU-T T.81, B.2.4 (tables), F.1.2.3 (stuffing).
"""

from __future__ import annotations

import functools
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from photochrom.photo.jpeg_bits import windows_of
from photochrom.photo.jpeg_luma import DHT, DRI, SOS, Segment

_FILLED = re.compile(rb"\xff\xff+(?=\0)")  # filling before a stuffed byte, which libjpeg skips
AC = 0x10
"""What the number of an AC table has on top."""


@dataclass(frozen=True, eq=False)
class CodedScan:
    """Coded data without stuffing and restarts; ``parts`` are the bytes where each part begins.

    ``blocks`` are all that there are, ``restart`` those of each part but the last. ``dc`` and
    ``ac`` are tables as a DHT segment has them.
    """

    data: bytes
    parts: np.ndarray
    blocks: int
    restart: int
    dc: bytes
    ac: bytes

    @functools.cached_property
    def windows(self) -> np.ndarray:
        """Of the data, for ``bits_at``."""
        return windows_of(self.data)


def coded_scan(segments: Iterable[Segment], blocks: int) -> CodedScan:
    """The one scan, of so many blocks, among the segments of a gray baseline JPEG.

    Raises:
        ValueError: there are several, a table is missing, or restarts are not where they should be.
    """
    tables: dict[int, bytes] = {}
    known: dict[int, bytes] = {}
    restart = interval = 0
    scan: Segment | None = None
    for segment in segments:
        if segment.marker == DHT:
            tables |= _tables(segment.payload)
        elif segment.marker == DRI:
            (restart,) = struct.unpack(">H", segment.payload)
        elif segment.marker == SOS:
            if scan is not None:
                message = "several scans of one component"
                raise ValueError(message)
            # What is defined behind the scan does not count for it.
            scan, interval, known = segment, restart, dict(tables)
    numbers = 0 if scan is None else scan.payload[2]
    dc, ac = known.get(numbers >> 4), known.get(AC | numbers & 15)
    if scan is None or dc is None or ac is None:
        message = "a scan without its tables"
        raise ValueError(message)
    parts = [_unstuffed(bytes(part)) for part in _parts(scan.coded, interval)]
    if len(parts) != (-(-blocks // interval) if interval else 1):
        message = "restarts are not where they should be"
        raise ValueError(message)
    begins = np.cumsum([0, *map(len, parts[:-1])], dtype=np.int64)
    return CodedScan(b"".join(parts), begins, blocks, interval, dc, ac)


def _unstuffed(part: bytes) -> bytes:
    if b"\xff\xff" in part:
        part = _FILLED.sub(b"\xff", part)
    return part.replace(b"\xff\0", b"\xff")


def _tables(payload: bytes) -> dict[int, bytes]:
    """The tables of a DHT segment by their numbers."""
    tables = {}
    while payload:
        size = 17 + sum(payload[1:17])
        tables[payload[0]], payload = payload[1:size], payload[size:]
    return tables


def _parts(coded: bytes | memoryview, restart: int) -> list[bytes | memoryview]:
    """Coded data between restarts."""
    if not restart:
        return [coded]
    codes = np.frombuffer(coded, np.uint8)
    marks = np.flatnonzero((codes[:-1] == 0xFF) & (codes[1:] & 0xF8 == 0xD0)).tolist()
    bounds = zip([0, *(mark + 2 for mark in marks)], [*marks, len(coded)], strict=True)
    return [coded[start:stop] for start, stop in bounds]
