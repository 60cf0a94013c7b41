"""Where the blocks of a Huffman coded scan of one component begin and end."""

from __future__ import annotations

import numpy as np

from photochrom.photo.jpeg_lanes import Lanes, Walk, run
from photochrom.photo.jpeg_scan import CodedScan

_NEVER = np.iinfo(np.int64).max


def block_bounds(scan: CodedScan) -> tuple[np.ndarray, np.ndarray]:
    """First bits of all blocks, and the bits behind their last ones, int64.

    Raises:
        ValueError: the data has not so many blocks.
    """
    lanes = Lanes.of(scan)
    ends = _true_ends(scan, lanes, *run(scan, lanes))
    parts = np.append(scan.parts, len(scan.data)) * 8
    counts = np.full(len(scan.parts), scan.restart)
    counts[-1] = scan.blocks - counts[:-1].sum()
    first = np.searchsorted(ends, parts[:-1], side="right")
    places = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(scan.blocks)
    if len(ends) <= places[-1] or (counts < 1).any():
        message = "fewer blocks than there should be"
        raise ValueError(message)
    ends = ends[places]
    heads = np.cumsum(counts) - counts
    begins = np.append(0, ends[:-1])
    begins[heads] = parts[:-1]
    if (ends <= begins).any() or (ends > np.repeat(parts[1:], counts)).any():
        message = "a part of the data has fewer blocks than it should have"
        raise ValueError(message)
    rests = zip(ends[heads + counts - 1].tolist(), parts[1:].tolist(), strict=True)
    # Bytes of ones may follow: filling before a mark, or half of one that was cut off.
    if any(scan.data[-(-end // 8) : stop // 8].strip(b"\xff") for end, stop in rests):
        message = "a part of the data has more than its blocks"
        raise ValueError(message)
    return begins, ends


def _true_ends(scan: CodedScan, lanes: Lanes, owner: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Of all ends that lanes found, those on the way from the beginnings of the parts."""
    own = ends < lanes.stops[owner]
    members, of_lane = ends[own], owner[own]
    # Where lanes come to an end that another has found.
    far = np.flatnonzero(~own & (ends < lanes.lasts[owner]))
    at = np.searchsorted(members, ends[far])
    met = members[np.minimum(at, len(members) - 1)] == ends[far]
    leaving, which = np.unique(owner[far[met]], return_index=True)
    # From which bit on a lane is on that way, and to which it is needed.
    enters = np.where(lanes.is_first, lanes.starts, _NEVER)
    leaves = np.full(len(enters), _NEVER)
    leaves[leaving] = ends[far[met]][which]
    joined = np.full(len(enters), -1)
    joined[leaving] = of_lane[at[met][which]]
    walked, walk = list[int](), Walk(scan)
    for lane in np.flatnonzero(lanes.stops <= lanes.lasts).tolist():
        if enters[lane] == _NEVER:
            continue
        if joined[lane] >= 0:
            enters[joined[lane]] = leaves[lane]
            continue
        start = int(ends[np.searchsorted(owner, lane, side="right") - 1])
        for end in walk(start, int(lanes.lasts[lane])):
            walked.append(end)
            place = members.searchsorted(end)
            if place < len(members) and members[place] == end and of_lane[place] > lane:
                enters[of_lane[place]] = end
                break
    kept = (ends > enters[owner]) & (ends <= leaves[owner])
    return np.sort(np.append(ends[kept], walked)) if walked else ends[kept]
