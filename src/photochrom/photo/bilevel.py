"""Pictures that can hold little color or none: scans of black and white alone, halftones, blanks.

The bounds are our own: of dithered and screened pictures that went through a JPEG, even a coarse
one, a thousandth lies between black and white, and of photographs a third and more.
"""

from __future__ import annotations

import numpy as np

_SAMPLES = 1 << 18
_BLOCK = 1 << 16  # pixels looked at together: of a photograph the first of them decide
_RARE = 1e-3  # of the pixels: dust, and the ringing of a coder
_FEWEST_LEVELS = 64  # between black and white that are worth the names
_BETWEEN = 0.01
_NEARLY = 2  # levels from black or white, where color is not seen


def is_bilevel(luma: np.ndarray) -> bool:
    """Whether ``luma`` (H, W), uint8 or uint16, has black and white and hardly a gray.

    Both may be any two levels; a JPEG of such a picture counts as well.
    """
    rows = luma[:: max(1, luma.size // _SAMPLES)]
    rows = rows if rows.dtype == np.uint8 else (rows >> 8).astype(np.uint8)
    counts = np.bincount(rows.reshape(-1), minlength=256)
    total = counts.sum()
    if np.count_nonzero(counts) == 2:
        return True
    low, high = np.searchsorted(np.cumsum(counts), (total * _RARE, total * (1 - _RARE)))
    middle = (low + high) // 2 + 1
    black, white = _median(counts[:middle]), middle + _median(counts[middle:])
    levels, margin = np.arange(256), (white - black) / 5
    between = (np.abs(levels - black) > margin) & (np.abs(levels - white) > margin)
    return bool(white - black >= _FEWEST_LEVELS and counts[between].sum() <= _BETWEEN * total)


def holds_color(luma: np.ndarray) -> bool:
    """Whether any pixel of ``luma`` is other than black or white, which have no color."""
    level = 257 if luma.dtype == np.uint16 else 1
    least, most = _NEARLY * level, (255 - _NEARLY) * level
    rows = max(1, _BLOCK // luma.shape[1])
    blocks = (luma[start : start + rows] for start in range(0, luma.shape[0], rows))
    return any(bool(((block > least) & (block < most)).any()) for block in blocks)


def _median(counts: np.ndarray) -> int:
    """The level below which half of those counted lie; 0 of none."""
    return int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
