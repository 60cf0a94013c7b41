"""Long pictures seen piece by piece: panoramas, and strips of frames."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from photochrom.inference.view import LONG

Window = tuple[slice, slice]
"""Rows and columns of a view."""

_LENGTH = 1.5
"""Longer side of a window, in working sizes: a film's frame."""
_SHARED = 0.5
"""Share of a window that the next one sees too: what one cuts through is whole in another."""


def windows(view: tuple[int, int], working: int, multiple: int) -> list[Window]:
    """What of a view ``(height, width)`` is shown to the network at a time; mostly all of it.

    ``working`` is the size that it is made for; windows begin and end at multiples of ``multiple``,
    as the view's sides are.
    """
    whole = (slice(0, view[0]), slice(0, view[1]))
    longer = int(view[1] > view[0])
    length = _whole(_LENGTH * working, multiple)
    if view[longer] <= _whole(LONG * working, multiple):
        return [whole]
    room = (view[longer] - length) // multiple
    count = 1 + ceil(room * multiple / (length * (1 - _SHARED)))
    starts = [round(room * n / (count - 1)) * multiple for n in range(count)]
    pieces = [slice(start, start + length) for start in starts]
    return [(whole[0], piece) if longer else (piece, whole[1]) for piece in pieces]


def joined(
    parts: Sequence[np.ndarray], places: Sequence[Window], view: tuple[int, int]
) -> np.ndarray:
    """Outputs ``(N, C, h, w)`` for windows of a view as one, passing over into each other.

    The network's outputs may be of another scale than its view.
    """
    if len(parts) == 1:
        return parts[0]
    scale = parts[0].shape[2] / (places[0][0].stop - places[0][0].start)
    height, width = (round(side * scale) for side in view)
    total = np.zeros((*parts[0].shape[:2], height, width), np.float32)
    weights = np.zeros((height, width), np.float32)
    for part, window in zip(parts, places, strict=True):
        rows, columns = part.shape[2:]
        top, left = (round(side.start * scale) for side in window)
        weight = np.outer(_tent(rows), _tent(columns))
        total[..., top : top + rows, left : left + columns] += part * weight
        weights[top : top + rows, left : left + columns] += weight
    return total / weights


def _whole(length: float, multiple: int) -> int:
    return ceil(length / multiple) * multiple


def _tent(count: int) -> np.ndarray:
    """Weights that rise to the middle and fall again, above 0."""
    places = (np.arange(count, dtype=np.float32) + 0.5) / count
    weights: np.ndarray = np.minimum(places, 1 - places)
    return weights
