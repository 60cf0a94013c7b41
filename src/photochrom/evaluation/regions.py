"""Skin, sky and foliage: regions of the truth, found by color and place, and how they came out.

A figure over whole pictures hides what people look at first. The rules see colors, not things: a
picture that wood fills counts as skin, so that a set of portraits says more than a mixed one.
"""

from __future__ import annotations

import math

import numpy as np

from photochrom.evaluation.metric import MetricCard
from photochrom.evaluation.pair import Pair

CELLS = 16
"""A picture's shorter side is cut into so many square cells; a region consists of whole cells."""
FILLED = 0.8
LEAST_SHARE = 0.03
"""Smaller regions do not count, as shares of the picture."""
SMOOTH, OF_MIDDLE = 8.0, 0.4
"""Skin changes by less than this L from pixel to pixel, and fills so much of the middle quarter."""
COLORED, GRAYEST = 10.0, 1.0
CHANCE = 90.0
"""Degrees that a gray answer is off: what a hue drawn by lot would be on average."""

SKINS = {"skin-light": (41.0, 91.0), "skin-tan": (10.0, 41.0), "skin-dark": (-91.0, 10.0)}
"""Individual typology angle in degrees (Chardon et al. 1991), from the first up to the second:
very light and light; intermediate and tan; brown and dark."""
GROUPS = (*SKINS, "sky", "foliage")
MEASURES = ("error", "hue", "chroma")


def region_of(pair: Pair, group: str) -> np.ndarray | None:
    """The pixels ``(H, W)`` of the truth that belong to one of ``GROUPS``; None if too few."""
    region = (
        _skin(pair.true_lab)
        if group in SKINS
        else {"sky": _sky, "foliage": _foliage}[group](pair.true_lab)
    )
    if region.mean() < LEAST_SHARE:
        return None
    if group in SKINS:
        low, high = SKINS[group]
        if not low <= typology_angle(pair.true_lab[:, region]) < high:
            return None
    return region


def typology_angle(lab: np.ndarray) -> float:
    """Individual typology angle of a skin's pixels ``(3, n)``: ``atan((L - 50) / b)`` in degrees.

    Of the medians, so that a face's shadows and lights even out. Chardon, Cretois and Hourseau
    1991; high is light.
    """
    lightness, b = (float(np.median(lab[i])) for i in (0, 2))
    return math.degrees(math.atan2(lightness - 50, max(b, 1e-6)))


def _skin(lab: np.ndarray) -> np.ndarray:
    """Orange to pink, smooth, and much of the middle, as in portraits: hues of 25 to 75 degrees."""
    chroma, hue = _polar(lab)
    right = (hue >= 25) & (hue <= 75) & (chroma >= 10) & (chroma <= 42)
    cells = _cells(right & (lab[0] >= 18) & (lab[0] <= 92))
    smooth = _cells(_roughness(lab[0]) < SMOOTH)
    height, width = cells.shape
    middle = np.zeros_like(cells)
    middle[height // 4 : height - height // 4, width // 4 : width - width // 4] = True
    skin: np.ndarray = cells & smooth & middle
    return skin if skin[middle].mean() >= OF_MIDDLE else np.zeros_like(skin)


def _roughness(lightness: np.ndarray) -> np.ndarray:
    """How much L ``(H, W)`` changes from a pixel to its neighbors, the larger of both ways."""
    down = np.abs(np.diff(lightness, axis=0, append=lightness[-1:]))
    across = np.abs(np.diff(lightness, axis=1, append=lightness[:, -1:]))
    return np.maximum(down, across)


def _sky(lab: np.ndarray) -> np.ndarray:
    """Light blue, from the top edge down without a gap: hues of 220 to 295 degrees."""
    chroma, hue = _polar(lab)
    blue = _cells((hue >= 220) & (hue <= 295) & (chroma >= 5) & (lab[0] >= 35))
    connected: np.ndarray = np.logical_and.accumulate(blue, axis=0)
    return connected


def _foliage(lab: np.ndarray) -> np.ndarray:
    """Green that is neither black nor white: hues of 95 to 160 degrees."""
    chroma, hue = _polar(lab)
    return _cells((hue >= 95) & (hue <= 160) & (chroma >= 14) & (lab[0] >= 10) & (lab[0] <= 90))


def _polar(lab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Chroma, and hue in degrees 0..360."""
    return np.hypot(lab[1], lab[2]), np.degrees(np.arctan2(lab[2], lab[1])) % 360


def _cells(mask: np.ndarray) -> np.ndarray:
    """Of a mask ``(H, W)`` the cells that it fills, whole: single pixels of a color are chance."""
    height, width = mask.shape
    side = max(min(height, width) // CELLS, 1)
    rows, columns = -(-height // side), -(-width // side)
    padded = np.pad(mask, ((0, rows * side - height), (0, columns * side - width)), mode="edge")
    filled = padded.reshape(rows, side, columns, side).mean((1, 3)) >= FILLED
    whole: np.ndarray = filled.repeat(side, 0).repeat(side, 1)[:height, :width]
    return whole


class RegionMetric:
    """One measure of one group; pictures weigh alike, those without such a region not at all."""

    def __init__(self, group: str, measure: str) -> None:
        """``group`` is one of ``GROUPS``, ``measure`` one of ``MEASURES``."""
        self.group, self.of = group, measure

    def measure(self, pair: Pair) -> np.ndarray | None:
        """Numerator and denominator of one picture, ``(2,)``."""
        region = pair.of_truth(("region", self.group), lambda pair: region_of(pair, self.group))
        if region is None:
            return None
        if self.of == "error":
            return np.array([pair.ab_error[region].mean(), 1.0])
        if self.of == "chroma":
            predicted, true = pair.predicted_chroma[region], pair.true_chroma[region]
            return np.array([predicted.mean(), true.mean()], np.float64)
        colored = region & (pair.true_chroma > COLORED)
        if not colored.any():
            return None
        return np.array([hue_errors(pair, colored).mean(), 1.0])

    def figure(self, sums: np.ndarray, count: float) -> float:
        """Lab units, degrees, or a ratio."""
        return float(sums[0] / sums[1]) if sums[1] else math.nan


def hue_errors(pair: Pair, where: np.ndarray) -> np.ndarray:
    """Degrees 0..180 between the hues of the pixels ``where``; 90 where the answer is gray."""
    one, other = (np.arctan2(lab[2][where], lab[1][where]) for lab in (pair.predicted_lab,
                                                                      pair.true_lab))  # fmt: skip
    turn = np.degrees(np.abs((one - other + math.pi) % (2 * math.pi) - math.pi))
    return np.where(pair.predicted_chroma[where] < GRAYEST, CHANCE, turn)


_PLACES = {
    "skin-light": (
        "light skin",
        "skin of an individual typology angle (Chardon et al. 1991) of 41 degrees up",
    ),
    "skin-tan": ("tan skin", "skin of an individual typology angle of 10 to 41 degrees"),
    "skin-dark": ("dark skin", "skin of an individual typology angle below 10 degrees"),
    "sky": ("sky", "light blue from the top edge down"),
    "foliage": ("foliage", "green neither black nor white"),
}


def _card(group: str, measure: str) -> MetricCard:
    title, where = _PLACES[group]
    mark, better, largest, what = {
        "error": ("", "lower", math.inf, "mean ab distance in Lab units, lightness left out"),
        "hue": (
            " °",
            "lower",
            180.0,
            "mean error of hue in degrees where the truth's chroma is above 10; 90 where the "
            "answer is gray",
        ),
        "chroma": (" ×", "truth", math.inf, "summed chroma as a ratio to the truth's"),
    }[measure]
    mean = "" if measure == "chroma" else "; mean over their pictures"
    return MetricCard(
        f"{group}-{measure}",
        f"{title}{mark}",
        better=better,
        source=f"{what}, in regions where the truth is {where}{mean}",
        module=__name__,
        usual=False,
        silent="no picture here shows such a region",
        bounds=(0.0, largest),
    )


CARDS = tuple(_card(group, measure) for group in GROUPS for measure in MEASURES)
"""Cards of the metrics above, group by group."""


def build(name: str) -> RegionMetric:
    """Build a metric such as "skin-dark-hue"."""
    group, _, measure = name.rpartition("-")
    return RegionMetric(group, measure)
