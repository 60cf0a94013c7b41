"""The coded luma of a gray JPEG and chroma joined to a color one, whose luma stays the same.

A progressive picture has scans of one component each: luma's are taken as they are. A baseline one
has all components in one scan, block by block, as every program reads it: there the blocks change
places, which changes the differences of their DC, and nothing else.
Source: ITU-T T.81, A.2 (order of blocks), B.2 (syntax), F.1.2 (DC differences, AC codes).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from photochrom.photo.jpeg_bits import WORD, bits_at, joined_bits
from photochrom.photo.jpeg_blocks import block_bounds
from photochrom.photo.jpeg_huffman import DC_CODES, codes_of, dc_codes
from photochrom.photo.jpeg_luma import (
    DHT,
    DQT,
    DRI,
    END,
    SCANS,
    SOS,
    CodedLuma,
    Segment,
    of_component,
    segments_of,
)
from photochrom.photo.jpeg_scan import AC, CodedScan, coded_scan

_SOI = b"\xff\xd8"
_NO_RESTARTS = Segment(DRI, bytes(2))
_CHROMA_IDS = (2, 3)
_LARGEST_SIZE = 11  # of a DC difference
_SQUARES_AT_ONCE = 1 << 12  # what is computed of them stays in the processor's cache


def joined(luma: CodedLuma, cb: bytes, cr: bytes) -> bytes:
    """A 4:2:0 JPEG of this luma and of two gray JPEGs of half its sides, both of one table.

    ``cb`` and ``cr`` are progressive exactly if the luma is. No JFIF header: ``insert_segments``
    adds it.

    Raises:
        ValueError: the luma is none of an ordinary file that was decoded without complaint.
    """
    number = 1 if luma.table == 0 else 0
    chroma = [list(segments_of(plane)) for plane in (cb, cr)]
    table = next(segment.payload for segment in chroma[0] if segment.marker == DQT)
    frame = struct.pack(">BHHB", 8, luma.height, luma.width, 3)
    frame += bytes((1, 0x22, luma.table))
    for component in _CHROMA_IDS:
        frame += bytes((component, 0x11, number))
    steps = Segment(DQT, bytes((number,)) + table[1:65])
    parts = [_SOI, luma.tables, bytes(steps), bytes(Segment(luma.marker, frame))]
    scans = _one_after_another if luma.is_progressive else _interleaved
    return b"".join((*parts, *map(bytes, scans(luma, chroma)), END))


def _one_after_another(luma: CodedLuma, chroma: Sequence[list[Segment]]) -> Iterable[Segment]:
    """The scans of a progressive picture."""
    yield from (*luma.scans, _NO_RESTARTS)
    for component, segments in zip(_CHROMA_IDS, chroma, strict=True):
        yield from (of_component(s, component) for s in segments if s.marker in SCANS)


def _interleaved(luma: CodedLuma, chroma: Sequence[list[Segment]]) -> Iterable[Segment]:
    """The one scan of a baseline picture, with its tables."""
    rows, columns = (-(-side // 8) for side in (luma.height, luma.width))
    places = _places(rows, columns)
    y = coded_scan(luma.scans, rows * columns)
    both = _one_scan([coded_scan(segments, len(places)) for segments in chroma])
    tables = ((0, DC_CODES), (1, both.dc), (AC, y.ac), (AC + 1, both.ac))
    yield Segment(DHT, b"".join(bytes((number,)) + table for number, table in tables))
    coded = _in_order(y, places, both).replace(b"\xff", b"\xff\0")
    used = bytes((3, 1, 0x00, _CHROMA_IDS[0], 0x11, _CHROMA_IDS[1], 0x11))
    yield Segment(SOS, used + bytes((0, 63, 0)), coded)


def _places(rows: int, columns: int) -> np.ndarray:
    """Which blocks of luma belong together, (n, 4): four of a square each, squares row by row.

    Squares that stick out repeat the blocks at the edge.
    """
    down, across = (
        np.minimum(np.arange(-(-count // 2) * 2), count - 1) for count in (rows, columns)
    )
    places = down[:, None] * columns + across
    squares = places.reshape(len(down) // 2, 2, len(across) // 2, 2)
    return squares.swapaxes(1, 2).reshape(-1, 4)


def _one_scan(scans: Sequence[CodedScan]) -> CodedScan:
    """Scans of as many blocks, coded by the same tables and without restarts, as parts of one."""
    first, *_ = scans
    begins = np.cumsum([0, *(len(scan.data) for scan in scans[:-1])], dtype=np.int64)
    data = b"".join(scan.data for scan in scans)
    return replace(
        first, data=data, parts=begins, blocks=len(scans) * first.blocks, restart=first.blocks
    )


def _in_order(luma: CodedScan, places: np.ndarray, chroma: CodedScan) -> bytes:
    """The blocks of all components in one, without stuffing: luma's at ``places``, then chroma's.

    Chroma, which keeps its order, needs no other differences.
    """
    dc, *rest = _dc_and_ac(luma)
    codes, sizes = _coded_differences(dc[places].reshape(-1))
    windows = np.concatenate((luma.windows, codes, chroma.windows))
    heads = (len(luma.windows) + np.arange(len(codes))) * WORD
    shift = (len(luma.windows) + len(codes)) * WORD
    both = [(bounds + shift).reshape(2, -1).T for bounds in block_bounds(chroma)]

    def strings() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for start in range(0, len(places), _SQUARES_AT_ONCE):
            some = slice(start, start + _SQUARES_AT_ONCE)
            squares = places[some]
            own = slice(4 * start, 4 * (start + len(squares)))
            begins, lengths = np.empty((2, len(squares), 10), np.int64)
            begins[:, 0:8:2] = heads[own].reshape(-1, 4)
            lengths[:, 0:8:2] = sizes[own].reshape(-1, 4)
            begins[:, 1:8:2] = rest[0][squares]
            lengths[:, 1:8:2] = rest[1][squares] - begins[:, 1:8:2]
            begins[:, 8:] = both[0][some]
            lengths[:, 8:] = both[1][some] - both[0][some]
            yield begins.reshape(-1), lengths.reshape(-1)

    return b"".join(joined_bits(windows, strings()))


def _dc_and_ac(scan: CodedScan) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The DC of each block, where its AC codes begin, and where they end."""
    begins, ends = block_bounds(scan)
    coming = bits_at(scan.windows, begins, WORD)
    lengths, symbols = (column[coming >> 16] for column in codes_of(scan.dc))
    difference = (coming << lengths & 0xFFFFFFFF) >> (WORD - symbols)
    difference -= np.where(difference >> np.maximum(symbols - 1, 0) > 0, 0, (1 << symbols) - 1)
    dc = np.cumsum(difference)
    if scan.restart:
        heads = np.arange(0, len(dc), scan.restart)
        dc -= np.repeat((dc - difference)[heads], scan.restart)[: len(dc)]
    return dc, begins + lengths + symbols, ends


def _coded_differences(dc: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How each value's difference to the one before is coded: as windows, and how many bits."""
    difference = np.diff(dc, prepend=0)
    sizes = np.frexp(difference)[1].astype(np.int64)
    if sizes.max() > _LARGEST_SIZE:
        message = "a DC that no picture of 8 bits has"
        raise ValueError(message)
    codes, lengths = (column[sizes] for column in dc_codes())
    codes = codes << sizes | difference + np.where(difference < 0, (1 << sizes) - 1, 0)
    lengths = lengths + sizes
    return (codes << (2 * WORD - lengths)).view(np.uint64), lengths
