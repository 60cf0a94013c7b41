"""Colorfulness of Hasler and Suesstrunk (2003), in its two published forms."""

from __future__ import annotations

import numpy as np


def colorfulness(rgb: np.ndarray, *, absolute: bool = False) -> float:
    """Colorfulness of ``(3, H, W)`` RGB in 0..255; 0 for gray, about 40 for photographs.

    Signed (the paper's) by default; ``absolute`` takes the opponent channels' absolute values
    first, as the code of several colorization papers does, about 3 lower.
    """
    r, g, b = rgb.astype(np.float64)
    rg, yb = r - g, (r + g) / 2 - b
    if absolute:
        rg, yb = np.abs(rg), np.abs(yb)
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))
