"""Paper around a picture, film borders and blank backgrounds, which networks take for skies.

Found are surfaces of one level, without texture, that begin at the picture's border: of any level
where they end in straight edges, as margins do; else near white and near black alone, where
photographs of the world have next to no color either. A wall or a clear sky is neither.
"""

from __future__ import annotations

import numpy as np

_NEAR_BLACK, _NEAR_WHITE = 22, 228
_BAND = 7
"""Levels that a place may lie away from its surface's: light falls off, and paper has grain."""
_MARGIN_GRAIN, _GRAIN = 5.0, 2.5
"""Standard deviation of the levels of a margin, and of another surface, at most."""
_SPILL = 1.15
"""Surfaces end at edges, so that twice the band finds hardly more of them: a pale sky runs on."""
_LEAST = 0.01
"""Share of the picture below which nothing is looked at."""
_WRITING = 0.2
"""Share of a line in a margin that words on it take, at most."""
_NESTED = 3
"""Margins inside each other: the scanner's lid, the paper, a line around the picture."""
_MIXED = 3
"""Lines of the view in which a margin and the picture are mixed, or swing over."""
_RUNS_ON = 0.5
"""Share of the line after those by which a margin ends, that is still like it."""

Box = tuple[slice, slice]


def blank(view: np.ndarray, told: np.ndarray | None = None) -> np.ndarray:
    """Where a picture is bare paper, border or background.

    Args:
        view: luma ``(h, w)`` in 0..1, some 200 pixels on the shorter side.
        told: bool ``(h, w)``: where somebody has said a color, which the surface there then has.

    Returns:
        bool ``(h, w)``.
    """
    levels = np.rint(view * 255).astype(np.int16)
    found = np.zeros(levels.shape, dtype=bool)
    inside, places = levels, found
    for _ in range(_NESTED):
        boxes = []
        for level in _usual(inside):
            near, wide = (np.abs(inside - level) <= width for width in (_BAND, 2 * _BAND))
            is_pale = not _NEAR_BLACK < level < _NEAR_WHITE
            box = _box(inside, near, wide, 1 if is_pale else 2)
            if box is not None:
                boxes.append(box)
                outside = near.copy()
                outside[box] = False
                places |= outside
            if is_pale:
                places |= _surface(inside, near, wide)
        if not boxes:
            break
        within = tuple(slice(s.start + _MIXED, s.stop - _MIXED) for s in boxes[0])
        inside, places = inside[within], places[within]
    if told is not None and found.any():
        found &= ~_connected(told, found)
    return found


def _usual(levels: np.ndarray) -> list[int]:
    """The levels near to which most of a whole side is, if any."""
    found: list[int] = []
    if min(levels.shape) <= 4 * _MIXED:
        return found
    for side in (levels[0], levels[-1], levels[:, 0], levels[:, -1]):
        level = int(np.median(side))
        is_even = (np.abs(side - level) <= _BAND).mean() >= 0.5
        if is_even and all(abs(level - other) > _BAND // 2 for other in found):
            found.append(level)
    return found


def _box(levels: np.ndarray, near: np.ndarray, wide: np.ndarray, sides: int) -> Box | None:
    """What a margin leaves that lies on so many sides or more and ends there in straight edges.

    ``near`` is where levels ``(h, w)`` may be the margin's, ``wide`` where they come close.
    """
    (height, width), turned = near.shape, (near, near[::-1], near.T, near.T[::-1])
    top, bottom, left, right = depths = [_depth(lines) for lines in turned]
    within = (slice(top, max(top, height - bottom)), slice(left, max(left, width - right)))
    if min(wide[within].shape, default=0) <= 4 * _MIXED:
        return None
    inner = wide[within]
    edges = (inner[_MIXED], inner[-1 - _MIXED], inner[:, _MIXED], inner[:, -1 - _MIXED])
    ends = [d for d, edge in zip(depths, edges, strict=True) if d and edge.mean() < _RUNS_ON]
    if len(ends) < sides:
        return None
    # Where the picture is of the margin's own level, it does not show where it begins.
    top, bottom, left, right = (min(depth, max(ends)) for depth in depths)
    box = slice(top, height - bottom), slice(left, width - right)
    outside = near.copy()
    outside[box] = False
    grain = _GRAIN if len(ends) < 2 else _MARGIN_GRAIN
    return box if _is_even(levels[outside], levels.size, grain) else None


def _depth(near: np.ndarray) -> int:
    """How many lines from the first are all near, but for words on them."""
    return int((near.mean(1) < 1 - _WRITING).argmax())


def _surface(levels: np.ndarray, near: np.ndarray, wide: np.ndarray) -> np.ndarray:
    """The surface of any outline that begins at the border: bool ``(h, w)``."""
    border = np.zeros(levels.shape, dtype=bool)
    border[[0, -1]] = border[:, [0, -1]] = True
    places = _connected(border, near)
    is_even = _is_even(levels[places], levels.size, _GRAIN)
    if is_even and _connected(border, wide).sum() <= _SPILL * places.sum():
        return places
    return np.zeros_like(places)


def _is_even(some: np.ndarray, size: int, grain: float) -> bool:
    """Whether these levels, of so many, are enough for a surface, and without texture."""
    return bool(some.size >= _LEAST * size and some.std() <= grain)


def _connected(seeds: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Those of ``places`` from which a seed is reached through others, along rows and columns."""
    found: np.ndarray = seeds & places
    rows, columns = _runs(places), _runs(places.T)
    count = -1
    while count != (count := int(found.sum())):
        found = _whole(rows, found) & places
        found = _whole(columns, found.T).T & places
    return found


def _runs(places: np.ndarray) -> np.ndarray:
    """Each row's unbroken runs of places, numbered, ``(h, w)``; what is none counts to the last."""
    begins = places.copy()
    begins[:, 1:] &= ~places[:, :-1]
    runs: np.ndarray = np.cumsum(begins).reshape(places.shape)
    return runs


def _whole(runs: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Every place of the runs of which some place is found."""
    hit = np.zeros(runs[-1, -1] + 1, dtype=bool)
    hit[runs[found]] = True
    whole: np.ndarray = hit[runs]
    return whole
