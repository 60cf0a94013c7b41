"""Quantization tables of JPEG files by quality, as libjpeg makes them.

Source: ITU-T T.81, tables K.1 and K.2; the scaling is that of the Independent JPEG Group.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

DEFAULT_QUALITY = 92

LUMA = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)
CHROMA = np.full((8, 8), 99)
CHROMA[:4, :4] = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]]


def table_of(base: np.ndarray, quality: int) -> list[int]:
    """The 64 steps, row by row, of ``LUMA`` or ``CHROMA`` at a quality of 1..100."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    steps = np.clip((base * percent + 50) // 100, 1, 255)
    return [int(step) for step in steps.ravel()]


def quality_as_fine_as(table: Sequence[int]) -> int:
    """The least quality of ``DEFAULT_QUALITY``..100 whose luma steps are nowhere coarser.

    ``table`` holds 64 steps, row by row. 100 where even that one is: its steps are all 1.
    """
    for quality in range(DEFAULT_QUALITY, 100):
        if all(ours <= theirs for ours, theirs in zip(table_of(LUMA, quality), table, strict=True)):
            return quality
    return 100
