"""The luma of a gray JPEG carried into a color one bit for bit, as it was coded.

A JPEG's components may come in scans of their own, and a gray JPEG is such a scan: its coded blocks
are those that the luma of a 4:2:0 picture has when it is not interleaved. So the color file is the
gray one with two components more: nothing is decoded, rounded or coded again, and gray again is the
photograph exactly, at the source's own quality.
Source: ITU-T T.81, A.2 (order of blocks), B.2 (syntax), B.2.4.2 (tables between scans).
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

_SOI = b"\xff\xd8"
_SOF_FIRST, _SOF_LAST = 0xC0, 0xCF
_FRAMES, _PROGRESSIVE = (0xC0, 0xC1, 0xC2), 0xC2  # Huffman coded, not lossless
_DHT, _SOS, _DQT, _DNL, _DRI = 0xC4, 0xDA, 0xDB, 0xDC, 0xDD
_SCANS = (_DHT, _DRI, _SOS)
_NO_RESTARTS = struct.pack(">BBHH", 0xFF, _DRI, 4, 0)
_CHROMA_IDS = (2, 3)


@dataclass(frozen=True, eq=False)
class CodedLuma:
    """A gray JPEG's coded blocks.

    ``tables`` are its quantization tables (segments), ``table`` the number of the one in use,
    ``scans`` everything from behind the frame header to the end of the picture, of component 1.
    """

    height: int
    width: int
    marker: int
    table: int
    tables: bytes
    scans: bytes

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
        frames = [s for s in segments if _SOF_FIRST <= s.marker <= _SOF_LAST and s.marker != _DHT]
        first_scan = next(n for n, s in enumerate(segments) if s.marker == _SOS)
        unusual = len(frames) != 1 or frames[0].marker not in _FRAMES
        unusual |= any(s.marker == _DNL for s in segments)
        unusual |= any(s.marker == _DQT for s in segments[first_scan:])
        depth, height, width, components = struct.unpack_from(">BHHB", frames[0].payload)
        if unusual or depth != 8 or components != 1 or not height or not width:
            return None
        tables = [bytes(s) for s in segments if s.marker == _DQT]
        is_whole = frames[0].marker != _PROGRESSIVE
        scans = [bytes(_of_component(s, 1, is_whole)) for s in segments if s.marker in _SCANS]
    except (ValueError, IndexError, StopIteration, struct.error):
        return None
    table = frames[0].payload[8]
    return CodedLuma(height, width, frames[0].marker, table, b"".join(tables), b"".join(scans))


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
            elif segment.marker == _SOS and payload[-2] == 63 and payload[-1] & 15 == 0:
                done |= set(payload[1 : 1 + 2 * payload[0] : 2])
    except (ValueError, IndexError, struct.error):
        return False
    return bool(due) and due <= done


def joined(luma: CodedLuma, cb: bytes, cr: bytes) -> bytes:
    """A 4:2:0 JPEG of this luma and of two gray JPEGs of half its sides, both of one table.

    ``cb`` and ``cr`` are progressive exactly if the luma is. No JFIF header: ``insert_segments``
    adds it.
    """
    number = 1 if luma.table == 0 else 0
    parts = [_SOI, luma.tables]
    table = next(s.payload for s in segments_of(cb) if s.marker == _DQT)
    parts.append(bytes(Segment(_DQT, bytes((number,)) + table[1:65])))
    frame = struct.pack(">BHHB", 8, luma.height, luma.width, 3)
    frame += bytes((1, 0x22, luma.table))
    for component in _CHROMA_IDS:
        frame += bytes((component, 0x11, number))
    parts += [bytes(Segment(luma.marker, frame)), luma.scans, _NO_RESTARTS]
    for component, plane in zip(_CHROMA_IDS, (cb, cr), strict=True):
        scans = (s for s in segments_of(plane) if s.marker in _SCANS)
        parts += [bytes(_of_component(s, component)) for s in scans]
    return b"".join((*parts, END))


def _of_component(segment: Segment, component: int, is_whole: bool = False) -> Segment:
    """A scan of one component as a scan of another; other segments as they are.

    ``is_whole``: of all coefficients, whatever it claims.
    """
    if segment.marker != _SOS:
        return segment
    if segment.payload[0] != 1:
        message = "a scan of several components"
        raise ValueError(message)
    rest = segment.payload[2:3] + bytes((0, 63, 0)) if is_whole else segment.payload[2:]
    payload = segment.payload[:1] + bytes((component,)) + rest
    return Segment(_SOS, payload, segment.coded)


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
        if marker != _SOS:
            yield Segment(marker, payload, at=at)
            continue
        stop = int(ends[np.searchsorted(ends, position)])
        yield Segment(marker, payload, memoryview(data)[position:stop], at)
        position = stop
