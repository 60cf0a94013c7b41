"""Colors of pictures as counts that add up: memory does not grow with the number of pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from photochrom.color.colorfulness import colorfulness
from photochrom.color.spaces import rgb_to_lab
from photochrom.data.statistics import AXIS, bin_sums, cell_sums

CHROMA_STEP = 2
HUE_STEP = 10
LEAST_CHROMA = 10.0
"""Nearer to gray than this, a pixel's hue is noise."""


@dataclass
class ColorCounts:
    """Counts over the pixels of any number of pictures.

    Attributes: ``ab`` ``(220, 220)`` pixels in one-unit cells of a and b from -110, and
    ``lightness_sums`` the sum of their L; ``lightness`` ``(100,)`` pixels by unit of L;
    ``colorfulness`` ``(200,)`` pictures by unit of signed Hasler-Suesstrunk colorfulness, the last
    with all above, and ``colorfulness_sum`` its sum.
    """

    pictures: int = 0
    ab: np.ndarray = field(default_factory=lambda: np.zeros((220, 220)))
    lightness_sums: np.ndarray = field(default_factory=lambda: np.zeros((220, 220)))
    lightness: np.ndarray = field(default_factory=lambda: np.zeros(100))
    colorfulness: np.ndarray = field(default_factory=lambda: np.zeros(200))
    colorfulness_sum: float = 0.0

    @property
    def pixels(self) -> int:
        """All pixels counted."""
        return int(self.ab.sum())

    def add(self, other: ColorCounts) -> None:
        """Take in the counts of other pictures."""
        self.pictures += other.pictures
        self.ab += other.ab
        self.lightness_sums += other.lightness_sums
        self.lightness += other.lightness
        self.colorfulness += other.colorfulness
        self.colorfulness_sum += other.colorfulness_sum

    def mean_colorfulness(self) -> float:
        """Mean over pictures."""
        return self.colorfulness_sum / max(self.pictures, 1)

    def median_colorfulness(self) -> float:
        """Median over pictures, to within half a unit: the middle of the unit that it lies in."""
        return int(np.searchsorted(np.cumsum(self.colorfulness), self.pictures / 2)) + 0.5

    def chroma_shares(self) -> np.ndarray:
        """Share of pixels by chroma in steps of 2, from 0 to 156, to within a unit: ``(78,)``."""
        chroma = np.hypot(AXIS[:, None], AXIS[None, :])
        step = (chroma // CHROMA_STEP).astype(int)
        return np.bincount(step.ravel(), self.ab.ravel(), 78) / max(self.pixels, 1)

    def mean_chroma(self) -> float:
        """Mean over pixels."""
        chroma = np.hypot(AXIS[:, None], AXIS[None, :])
        return float((self.ab * chroma).sum() / max(self.pixels, 1))

    def hue_shares(self) -> np.ndarray:
        """Share of all pixels by hue in steps of 10 degrees, of those with a chroma from 10."""
        angle = np.degrees(np.arctan2(AXIS[None, :], AXIS[:, None])) % 360
        colored = self.ab * (np.hypot(AXIS[:, None], AXIS[None, :]) >= LEAST_CHROMA)
        step = (angle // HUE_STEP).astype(int)
        return np.bincount(step.ravel(), colored.ravel(), 36) / max(self.pixels, 1)


def color_counts(rgb: np.ndarray) -> ColorCounts:
    """Count one picture, sRGB ``(3, H, W)`` uint8."""
    lab = rgb_to_lab(rgb.astype(np.float32) / 255)
    value = colorfulness(rgb)
    by_colorfulness = np.zeros(200)
    by_colorfulness[min(int(value), 199)] = 1
    step = np.clip(lab[0].ravel(), 0, 99.5).astype(int)
    return ColorCounts(
        pictures=1,
        ab=cell_sums(lab[1:]),
        lightness_sums=cell_sums(lab[1:], lab[0]),
        lightness=np.bincount(step, minlength=100).astype(np.float64),
        colorfulness=by_colorfulness,
        colorfulness_sum=value,
    )


def lightness_of_bins(counts: ColorCounts, owner: np.ndarray, bins: int) -> np.ndarray:
    """Mean L of the pixels in each bin ``(Q,)``; 50 where there is none.

    ``owner`` is :func:`photochrom.data.statistics.cell_bins` of the bins.
    """
    pixels = bin_sums(counts.ab, owner, bins)
    sums = bin_sums(counts.lightness_sums, owner, bins)
    return np.where(pixels > 0, sums / np.maximum(pixels, 1), 50.0)
