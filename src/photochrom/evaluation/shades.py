"""Chroma and hue of a set's pixels: what colors a method likes to use."""

from __future__ import annotations

import numpy as np

CHROMA = np.arange(0, 101, 2)
COLORED = 10.0
"""Pixels of less chroma have no hue to speak of."""


def count_shades(lab: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """Pixels by chroma (50 steps), then by hue (36 steps), added up.

    ``lab`` is ``(3, H, W)``, ``chroma`` ``(H, W)`` the length of its ab.
    """
    a, b, chroma = lab[1].ravel(), lab[2].ravel(), chroma.ravel()
    step = np.minimum((chroma / 2).astype(int), len(CHROMA) - 2)
    colored = chroma > COLORED
    hue = (np.degrees(np.arctan2(b[colored], a[colored])) % 360 / 10).astype(int) % 36
    return np.concatenate([np.bincount(step, minlength=50), np.bincount(hue, minlength=36)])
