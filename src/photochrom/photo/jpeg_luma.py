"""The coded luma of a gray JPEG, to be carried into a color one bit for bit (``jpeg_joined``).

Source: ITU-T T.81, B.2 (syntax), B.2.4.2 (tables between scans).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from photochrom.photo.jpeg_steps import SteppedLuma

END = b"\xff\xd9"
"""What a JPEG ends with."""

_SOF_FIRST, _SOF_LAST = 0xC0, 0xCF
_FRAMES, _PROGRESSIVE = (0xC0, 0xC1, 0xC2), 0xC2  # Huffman coded, not lossless
_DNL = 0xDC
DHT, SOS, DQT, DRI = 0xC4, 0xDA, 0xDB, 0xDD
SCANS = (DHT, DRI, SOS)


@dataclass(frozen=True, eq=False)
class CodedLuma:
    """A gray JPEG's coded blocks.

    ``tables`` are its quantization tables (segments), ``table`` the number of the one in use,
    ``scans`` what codes the blocks: scans of component 1, and the tables and restarts of each.
    """

    height: int
    width: int
    marker: int
    table: int
    tables: bytes
    scans: tuple[Segment, ...]

    @property
    def is_progressive(self) -> bool:
        """Whether the frame is progressive: then so must be what is joined to it."""
        return self.marker == _PROGRESSIVE


@dataclass(frozen=True, eq=False)
class JpegSource:
    """How a JPEG was coded, for a result that is no coarser.

    ``quality`` is the least, from the usual one on, whose luma table is nowhere coarser than the
    file's; ``luma`` the coded blocks, or what makes them again, if they are the photo's luma,
    upright and untouched.
    """

    quality: int
    luma: CodedLuma | SteppedLuma | None = None

    def after(self, *, touched: bool) -> JpegSource:
        """The same without the coded blocks where the photo's luma was touched."""
        return replace(self, luma=None) if touched else self


@dataclass(frozen=True)
class Segment:
    """``coded`` is the entropy-coded data behind a start of scan, ``at`` where the payload was."""

    marker: int
    payload: bytes
    coded: bytes | memoryview = b""
    at: int = 0

    def __bytes__(self) -> bytes:
        head = struct.pack(">BBH", 0xFF, self.marker, len(self.payload) + 2)
        return b"".join((head, self.payload, self.coded))


def coded_luma(data: bytes) -> CodedLuma | None:
    """The coded blocks of a gray JPEG that was decoded without complaint.

    None for a JPEG of other components or of an unusual layout; its pixels still serve.
    """
    try:
        segments = list(segments_of(data))
        frames = [s for s in segments if _SOF_FIRST <= s.marker <= _SOF_LAST and s.marker != DHT]
        first_scan = next(n for n, s in enumerate(segments) if s.marker == SOS)
        unusual = len(frames) != 1 or frames[0].marker not in _FRAMES
        unusual |= any(s.marker == _DNL for s in segments)
        unusual |= any(s.marker == DQT for s in segments[first_scan:])
        depth, height, width, components = struct.unpack_from(">BHHB", frames[0].payload)
        if unusual or depth != 8 or components != 1 or not height or not width:
            return None
        tables = [bytes(s) for s in segments if s.marker == DQT]
        is_whole = frames[0].marker != _PROGRESSIVE
        scans = tuple(of_component(s, 1, is_whole) for s in segments if s.marker in SCANS)
    except (ValueError, IndexError, StopIteration, struct.error):
        return None
    table = frames[0].payload[8]
    return CodedLuma(height, width, frames[0].marker, table, b"".join(tables), scans)


def has_last_scans(data: bytes) -> bool:
    """Whether the scans of a JPEG bring every component to its last coefficient and bit.

    A file cut between two scans is a whole JPEG to decoders, only a coarse one.
    """
    due, done = set[int](), set[int]()
    try:
        for segment in segments_of(data):
            payload = segment.payload
            if segment.marker in _FRAMES:
                due |= set(payload[6 : 6 + 3 * payload[5] : 3])
            elif segment.marker == SOS and payload[-2] == 63 and payload[-1] & 15 == 0:
                done |= set(payload[1 : 1 + 2 * payload[0] : 2])
    except (ValueError, IndexError, struct.error):
        return False
    return bool(due) and due <= done


def of_component(segment: Segment, component: int, is_whole: bool = False) -> Segment:
    """A scan of one component as a scan of another; other segments as they are.

    ``is_whole``: of all coefficients, whatever it claims. ValueError for a scan of several.
    """
    if segment.marker != SOS:
        return segment
    if segment.payload[0] != 1:
        message = "a scan of several components"
        raise ValueError(message)
    rest = segment.payload[2:3] + bytes((0, 63, 0)) if is_whole else segment.payload[2:]
    payload = segment.payload[:1] + bytes((component,)) + rest
    return Segment(SOS, payload, segment.coded)


def headers_of(data: bytes) -> Iterator[Segment]:
    """Segments before the first scan, as far as they can be told."""
    position = 2
    while 0 <= (position := data.find(b"\xff", position)) < len(data) - 3:
        marker = data[position + 1]
        if marker in (SOS, END[1]):
            return
        if marker in (0, 0xFF) or marker & 0xF8 == 0xD0:  # not of a segment
            position += 1
            continue
        (length,) = struct.unpack_from(">H", data, position + 2)
        yield Segment(marker, data[position + 4 : position + 2 + length], at=position + 4)
        position += 2 + max(length, 2)


def segments_of(data: bytes) -> Iterator[Segment]:
    """Segments up to the end of the picture, or of the data where its mark is missing.

    ValueError when something else stands there.
    """
    # In coded data 0xFF is followed by 0, by a restart's number, or by a fill byte.
    codes = np.frombuffer(data, np.uint8)
    found = np.flatnonzero(codes[:-1] == 0xFF)
    following = codes[found + 1]
    ends = found[(following != 0) & (following != 0xFF) & ((following & 0xF8) != 0xD0)]
    ends = np.append(ends, len(data))
    position = 2
    while position < len(data):
        while data[position : position + 2] == b"\xff\xff":
            position += 1
        if data[position] != 0xFF:
            message = "no marker where one should be"
            raise ValueError(message)
        marker = data[position + 1]
        if marker == END[1]:
            return
        length = struct.unpack_from(">H", data, position + 2)[0]
        at = position + 4
        payload = data[at : position + 2 + length]
        position += 2 + length
        if marker != SOS:
            yield Segment(marker, payload, at=at)
            continue
        stop = int(ends[np.searchsorted(ends, position)])
        yield Segment(marker, payload, memoryview(data)[position:stop], at)
        position = stop
