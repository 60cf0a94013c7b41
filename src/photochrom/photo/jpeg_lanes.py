"""Decoding a scan at many places at once, for where its blocks end.

Only decoding tells, code after code. Where it begins in the middle it is soon in step with what is
there, as a code that ends a block does so for either.
Source: Klein and Wiseman, Parallel Huffman decoding with applications to JPEG files (2003).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from photochrom.photo.jpeg_bits import bits_at
from photochrom.photo.jpeg_huffman import (
    END,
    IN_BLOCK,
    PLACE,
    STEP_BITS,
    WINDOW,
    WINDOWS,
    single_steps,
    steps_of,
)
from photochrom.photo.jpeg_scan import CodedScan

_BYTES_PER_LANE = 128
_MOST_LANES = 4096
_OVERLAP = 512  # bits that a lane goes beyond the start of the next: these, or a quarter of its own
_STEPS = 16  # between two looks at which lanes are done

# The state of a lane is its bit and its place in the block, as a step has them.
_FULL = PLACE - (IN_BLOCK - 1)


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
    overlap = np.maximum(_OVERLAP, (lanes.stops - lanes.starts) // 4)
    limits = np.minimum(lanes.stops + overlap, lanes.lasts) << STEP_BITS
    found = [(owners, lanes.starts)]
    states = lanes.starts << STEP_BITS
    in_dc = np.full(len(states), WINDOWS)
    while len(states):
        spare = np.empty_like(states)
        for _ in range(_STEPS):
            coming = _coming(windows, states, spare)
            coming += in_dc
            steps.take(coming, out=spare, mode="clip")
            states += spare
            done = (states & _FULL).nonzero()[0]
            in_dc.fill(0)
            if not len(done):
                continue
            full = states[done]
            too_far = _is_too_far(full & PLACE).nonzero()[0]
            if len(too_far):
                before = full[too_far] - spare[done[too_far]]
                full[too_far] = _code_by_code(scan, before)
            full >>= STEP_BITS
            found.append((owners[done], full))
            states[done] = full << STEP_BITS
            in_dc[done] = WINDOWS
        going = states < limits
        if not going.all():
            states, owners, limits, in_dc = (a[going] for a in (states, owners, limits, in_dc))
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


def _is_too_far(places: Any) -> Any:
    """Whether a step went on behind the last place of a block: for one or for many."""
    return (places & (END - 1) > IN_BLOCK) | (places == END + IN_BLOCK)


def _code_by_code(scan: CodedScan, states: np.ndarray) -> np.ndarray:
    """The states at the ends of their blocks."""
    single, states = single_steps(scan.ac), states.copy()
    going = np.arange(len(states))
    while len(going):
        states[going] += single[bits_at(scan.windows, states[going] >> STEP_BITS, WINDOW)]
        going = going[(states[going] & PLACE) < IN_BLOCK]
    return states


class Walk:
    """Decoding one code after the other, for the few blocks that no lane finds.

    Where a picture repeats itself, lanes can stay out of step.
    """

    def __init__(self, scan: CodedScan) -> None:
        self._scan = scan

    def __call__(self, bit: int, last: int) -> Iterator[int]:
        """The ends of the blocks from ``bit`` on, up to ``last``."""
        data, single, several = self._tables
        while bit < last:
            place, step = 0, several[WINDOWS + _coming_at(data, bit)]
            while True:
                place += step & PLACE
                bit += step >> STEP_BITS
                if place >= IN_BLOCK:
                    break
                coming = _coming_at(data, bit)
                step = several[coming]
                if _is_too_far(place + (step & PLACE)):
                    step = single[coming]
            if bit <= last:
                yield bit

    @functools.cached_property
    def _tables(self) -> tuple[bytes, list[int], list[int]]:
        """Python's own numbers are quicker to ask for one at a time."""
        scan = self._scan
        tables = single_steps(scan.ac), steps_of(scan.dc, scan.ac)
        return scan.data + bytes(4), *(table.tolist() for table in tables)


def _coming_at(data: bytes, bit: int) -> int:
    four = int.from_bytes(data[bit >> 3 : (bit >> 3) + 4])
    return four >> (32 - WINDOW - (bit & 7)) & (WINDOWS - 1)
