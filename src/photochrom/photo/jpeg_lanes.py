"""Decoding a scan at many places at once, for where its blocks end.

Only decoding tells, code after code. Where it begins in the middle it is soon in step with what is
there, as a code that ends a block does so for either.
Source: Klein and Wiseman, Parallel Huffman decoding with applications to JPEG files (2003).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from photochrom.photo.jpeg_huffman import (
    IN_BLOCK,
    PART_OF_PLACE,
    PLACE,
    STEP_BITS,
    WINDOW,
    WINDOWS,
    steps_of,
)
from photochrom.photo.jpeg_scan import CodedScan

_BYTES_PER_LANE = 128
_MOST_LANES = 4096
_OVERLAP, _SHARE = 512, 16
"""Bits that a lane goes beyond the start of the next, or a sixteenth of its own if that is more."""
_STEPS = 16  # between two looks at which lanes are done


@dataclass(frozen=True, eq=False)
class Lanes:
    """Where decoding begins: int64 bits, one for each lane.

    A lane is to find the blocks from ``starts`` to ``stops``, of a part that ends at ``lasts``.
    ``is_first`` where it is known that a block starts: at the beginning of a part.
    """

    starts: np.ndarray
    stops: np.ndarray
    lasts: np.ndarray
    is_first: np.ndarray

    @classmethod
    def of(cls, scan: CodedScan) -> Lanes:
        """Some for each part, by its length."""
        bounds = np.append(scan.parts, len(scan.data))
        sizes = np.diff(bounds)
        count = np.maximum(1, sizes // max(_BYTES_PER_LANE, len(scan.data) // _MOST_LANES))
        part = np.repeat(np.arange(len(count)), count)
        number = np.arange(len(part)) - (np.cumsum(count) - count)[part]
        starts = (bounds[part] + number * sizes[part] // count[part]) * 8
        lasts = bounds[part + 1] * 8
        is_first = number == 0
        is_last = np.append(is_first[1:], True)
        return cls(starts, np.where(is_last, lasts + 1, np.append(starts[1:], 0)), lasts, is_first)


def run(scan: CodedScan, lanes: Lanes) -> tuple[np.ndarray, np.ndarray]:
    """The start of each lane and the ends of blocks that it finds, and before them whose they are.

    Ordered by lane. A lane goes on for a while after its stop, to meet the next.
    """
    windows, steps = scan.windows, steps_of(scan.dc, scan.ac)
    is_few = len(lanes.starts) <= 1 << 16  # such small numbers are sorted in no time
    owners = np.arange(len(lanes.starts), dtype=np.uint16 if is_few else np.int64)
    overlap = np.maximum(_OVERLAP, (lanes.stops - lanes.starts) // _SHARE)
    limits = np.minimum(lanes.stops + overlap, lanes.lasts) << STEP_BITS
    found = [(owners, lanes.starts)]
    # The state of a lane is its bit and its place in the block, as a step has them.
    states = lanes.starts << STEP_BITS
    while len(states):
        spare, step, place = (
            np.empty_like(states),
            np.empty(len(states), steps.dtype),
            states & PLACE,
        )
        for _ in range(_STEPS):
            coming = _coming(windows, states, spare)
            coming += PART_OF_PLACE.take(place, out=spare, mode="clip")
            states += steps.take(coming, out=step, mode="clip")
            np.bitwise_and(states, PLACE, out=place)
            done = (place >= IN_BLOCK).nonzero()[0]
            if len(done):
                ends = states[done] >> STEP_BITS
                found.append((owners[done], ends))
                states[done] = ends << STEP_BITS
                place[done] = 0
        going = states < limits
        if not going.all():
            states, owners, limits = (a[going] for a in (states, owners, limits))
    owner, ends = (np.concatenate(column) for column in zip(*found, strict=True))
    del found
    order = np.argsort(owner, kind="stable")
    owner, ends = owner[order], ends[order]
    within = ends <= lanes.lasts[owner]
    return owner[within], ends[within]


def _coming(windows: np.ndarray, states: np.ndarray, spare: np.ndarray) -> np.ndarray:
    """The bits that are looked up next, int64: ``bits_at`` without its temporary arrays."""
    np.right_shift(states, 5 + STEP_BITS, out=spare)
    coming: np.ndarray = windows.take(spare, mode="clip")
    np.right_shift(states, STEP_BITS, out=spare)
    np.bitwise_and(spare, 31, out=spare)
    coming <<= spare.view(np.uint64)
    coming >>= np.uint64(64 - WINDOW)
    return coming.view(np.int64)


class Walk:
    """Decoding one code after the other, for the few blocks that no lane finds.

    Where a picture repeats itself, lanes can stay out of step.
    """

    def __init__(self, scan: CodedScan) -> None:
        self._scan = scan

    def __call__(self, bit: int, last: int) -> Iterator[int]:
        """The ends of the blocks from ``bit`` on, up to ``last``."""
        data, steps, part = self._tables
        while bit < last:
            place = 0
            while place < IN_BLOCK:
                step = steps[part[place] + _coming_at(data, bit)]
                place += step & PLACE
                bit += step >> STEP_BITS
            if bit <= last:
                yield bit

    @functools.cached_property
    def _tables(self) -> tuple[bytes, list[int], list[int]]:
        """Python's own numbers are quicker to ask for one at a time."""
        scan = self._scan
        steps = steps_of(scan.dc, scan.ac).tolist()
        return scan.data + bytes(4), steps, PART_OF_PLACE.tolist()


def _coming_at(data: bytes, bit: int) -> int:
    four = int.from_bytes(data[bit >> 3 : (bit >> 3) + 4])
    return four >> (32 - WINDOW - (bit & 7)) & (WINDOWS - 1)
