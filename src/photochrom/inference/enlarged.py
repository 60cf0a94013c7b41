"""A plane of moderate size enlarged to a photograph's: columns at once, rows when asked for."""

from __future__ import annotations

import numpy as np
from PIL import Image


class Enlarged:
    """Rows of a plane as they are in a photograph.

    Bicubic in columns, and where the plane is shrunk; linear between rows, which is no worse for
    planes that were made smooth at moderate size.
    """

    def __init__(self, plane: np.ndarray, height: int, width: int, *, limit: float) -> None:
        """``plane`` ``(h, w)`` float32; the photograph is ``height`` x ``width``.

        No value is farther from 0 than ``limit``: what is sharp swings over where it is resized.
        """
        image = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
        size = width, min(image.height, height)
        resized = np.asarray(image.resize(size, Image.Resampling.BICUBIC))
        self.stored: np.ndarray = np.clip(resized, -limit, limit)
        """The rows that all others lie between, float32 ``(min(h, height), width)``."""

    def between(self, above: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Rows, float32 ``(n, width)``: below those ``above`` by ``share`` of the way to the next.

        :func:`places` gives both, for all planes of a size at once.
        """
        upper: np.ndarray = self.stored[above]
        lower: np.ndarray = self.stored[np.minimum(above + 1, len(self.stored) - 1)]
        lower -= upper
        lower *= share
        lower += upper
        return lower


def places(first: int, count: int, stored: int, full: int) -> tuple[np.ndarray, np.ndarray]:
    """Where ``count`` rows from ``first`` of ``full`` lie among those ``stored``.

    Returns:
        The row above each, and how far each is from it to the next, ``(count, 1)`` float32 in 0..1.
    """
    exact = (np.arange(first, first + count) + 0.5) * (stored / full) - 0.5
    exact = np.clip(exact, 0, stored - 1)
    above = exact.astype(np.intp)
    return above, (exact - above).astype(np.float32)[:, None]


def strictest(bounds: np.ndarray, pick: np.ufunc) -> np.ndarray:
    """Bounds ``(rows, columns)``, in place, that hold from each row to the next: ``pick`` of both.

    For what is linear between two rows is nowhere greater than at both, nor less.
    """
    bounds[:-1] = pick(bounds[:-1], bounds[1:])
    return bounds
