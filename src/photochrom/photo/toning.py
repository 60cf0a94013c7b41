"""Toned photographs: gray pictures in one tint, as sepia prints, cyanotypes and yellowed paper.

In a scan of one, chroma is a function of luma alone: the tone runs along a curve from the deepest
shadow to the bare paper. In a photograph in color, pixels of one brightness differ in chroma.
The bounds are our own: they hold apart toned copies of gray pictures (with grain, JPEG and paper
that yellows towards the border) from scikit-image's color pictures, even at a quarter of their
chroma.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

_SAMPLES = 15_000
_FEWEST = 300  # so that some part of luma has enough for a knot
_EDGES = np.arange(8, 256, 8)  # of luma, between the knots of a curve
_FEWEST_OF_KNOT = 8


@dataclass(frozen=True, eq=False)
class Tone:
    """The curve of a tone: ``luma`` (K,) rising within 0..1, ``cb`` and ``cr`` (K,) there."""

    luma: np.ndarray
    cb: np.ndarray
    cr: np.ndarray

    def chroma(self, luma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Cb and Cr, within -0.5..0.5, of ``luma`` (...) within 0..1."""
        return np.interp(luma, self.luma, self.cb), np.interp(luma, self.luma, self.cr)


def swatches(rgb: np.ndarray, pixels: int) -> np.ndarray:
    """Means (n, 3) uint8 of small squares of ``rgb`` (h, w, 3), uint8 or uint16.

    The squares' size suits a picture of so many ``pixels``, of which ``rgb`` is a part: grain and
    the noise of coders are no color.
    """
    if rgb.dtype == np.uint16:
        rgb = (rgb >> 8).astype(np.uint8)
    factor = max(1, int((pixels / _SAMPLES) ** 0.5))
    small = Image.fromarray(np.ascontiguousarray(rgb)).reduce(factor)
    return np.asarray(small).reshape(-1, 3)


def tone_of(samples: np.ndarray) -> Tone | None:
    """The tone of a picture with these swatches (n, 3) uint8; None when it is gray or in color."""
    if len(samples) < _FEWEST:
        return None
    rgb = samples.astype(np.float64)
    luma = rgb @ [0.299, 0.587, 0.114]
    chroma = np.stack([(rgb[:, 2] - luma) / 1.772, (rgb[:, 0] - luma) / 1.402])
    order = np.argsort(luma, kind="stable")
    luma, chroma = luma[order], chroma[:, order]
    parts = np.split(np.arange(len(luma)), np.searchsorted(luma, _EDGES))
    parts = [part for part in parts if len(part) >= _FEWEST_OF_KNOT]
    at = np.array([luma[part].mean() for part in parts])
    # A median is not moved by a stain or a stamp.
    curve = np.stack([np.median(chroma[:, part], axis=1) for part in parts], axis=1)
    here = np.stack([np.interp(luma, at, line) for line in curve])
    off = np.hypot(*(chroma - here))
    strength = float(np.hypot(*here).mean())
    most, rare, single = np.percentile(off, (90, 99, 99.9))
    is_toned = (
        strength > 1
        and most <= max(2, min(4.5, 0.35 * strength))
        and rare <= max(4, min(10, 0.65 * strength))
        # A thousandth is a painted cheek, a ribbon, a flag: somebody's colors.
        and single <= max(12, min(20, strength))
    )
    return Tone(at / 255, curve[0] / 255, curve[1] / 255) if is_toned else None
