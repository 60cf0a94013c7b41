"""Which hues a set has, and whether it has each as often as the truth.

Brown is the safest color: a network that is unsure lands between the colors it hesitates between,
near hue 50 degrees. A figure that compares pixels rewards that; a count of hues shows it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from photochrom.evaluation.metric import MeanOverPictures, Metric, MetricCard
from photochrom.evaluation.pair import Pair

GRAYEST = 10.0
"""Pixels of this chroma or less have no hue worth counting: they are gray."""
SECTORS = {
    "red": (345, 20),
    "orange": (20, 65),
    "yellow": (65, 100),
    "green": (100, 160),
    "cyan": (160, 230),
    "blue": (230, 290),
    "purple": (290, 325),
    "pink": (325, 345),
}
"""Hue in degrees, from the first up to the second. Skin, wood, sepia and mud are "orange"."""
NAMES = ("gray", *SECTORS)

STEP = 5
"""Degrees of one bin of hue; every sector begins and ends at the edge of one."""
HUES = 360 // STEP
CHROMAS = (GRAYEST, 20.0, 40.0)
"""Where bands of chroma begin; the last one has no end."""


def count_hues(lab: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """Shares of a picture's pixels by hue and chroma: ``(1 + 3 * 72,)``, summing to one.

    Args:
        lab: ``(3, H, W)``.
        chroma: ``(H, W)``, the length of its ab.

    Returns:
        First the gray pixels, then 72 hues of 5 degrees for each band of chroma.
    """
    band = np.searchsorted(CHROMAS, chroma, side="left")
    turn = np.arctan2(lab[2], lab[1]) * (HUES / (2 * math.pi)) % HUES
    # Rounding may give a full turn, which is the same hue as none.
    hue = turn.astype(np.int64) % HUES
    index = np.where(band == 0, 0, 1 + (band - 1) * HUES + hue)
    counts = np.bincount(index.ravel(), minlength=1 + len(CHROMAS) * HUES)
    shares: np.ndarray = counts / chroma.size
    return shares


def sector_shares(counts: np.ndarray) -> np.ndarray:
    """What :func:`count_hues` gave, or a sum of it, as shares of gray and the sectors ``(9,)``.

    NaN of no pictures.
    """
    if not counts.any():
        return np.full(len(NAMES), math.nan)
    hues = counts[1:].reshape(-1, HUES).sum(0)
    degrees = np.arange(HUES) * STEP
    each = [counts[0], *(hues[_within(degrees, *ends)].sum() for ends in SECTORS.values())]
    shares: np.ndarray = np.array(each) / counts.sum()
    return shares


def _within(degrees: np.ndarray, low: int, high: int) -> np.ndarray:
    inside: np.ndarray = (degrees - low) % 360 < (high - low) % 360
    return inside


def total_variation(one: np.ndarray, other: np.ndarray) -> float:
    """Half the summed difference of two distributions ``(n,)``, each taken as summing to one.

    0 for equal ones, 1 for those that share nothing: the share that would have to change place.
    NaN if one is empty.
    """
    if not (one.any() and other.any()):
        return math.nan
    return float(np.abs(one / one.sum() - other / other.sum()).sum() / 2)


class HueCounts:
    """Statistics of all metrics here: the hues of the result, then those of the truth."""

    def measure(self, pair: Pair) -> np.ndarray:
        """Both counts of one picture: ``(2 * 217,)``. Pictures of every size weigh alike."""
        true = pair.of_truth("hues", lambda pair: count_hues(pair.true_lab, pair.true_chroma))
        if pair.predicted is pair.true:
            return np.concatenate([true, true])
        return np.concatenate([pair.of_result("hues", _found), true])


def _found(pair: Pair) -> np.ndarray:
    return count_hues(pair.predicted_lab, pair.predicted_chroma)


class Share(HueCounts):
    """The share of gray, or of a sector, among all pixels of the set, in percent."""

    def __init__(self, name: str) -> None:
        """``name`` is one of ``NAMES``."""
        self.index = NAMES.index(name)

    def figure(self, sums: np.ndarray, count: float) -> float:
        """0..100; right where it is the truth's."""
        return 100 * float(sector_shares(sums.reshape(2, -1)[0])[self.index])


class BrownRatio(HueCounts):
    """Pixels of the sector "orange" over those of the truth: above 1 is a wash of sepia."""

    def figure(self, sums: np.ndarray, count: float) -> float:
        """0 and up; 1 is right. NaN where the truth has none."""
        found, true = (sector_shares(part)[NAMES.index("orange")] for part in sums.reshape(2, -1))
        return float(found / true) if true else math.nan


class SectorDistance(HueCounts):
    """Total variation of the set's shares of gray and eight sectors from the truth's."""

    def figure(self, sums: np.ndarray, count: float) -> float:
        """0..1."""
        found, true = map(sector_shares, sums.reshape(2, -1))
        return total_variation(found, true)


class HueDistance(HueCounts):
    """Total variation of the set's 72 hues in three bands of chroma, and gray, from the truth's."""

    def figure(self, sums: np.ndarray, count: float) -> float:
        """0..1."""
        return total_variation(*sums.reshape(2, -1))


class PictureHueDistance(MeanOverPictures):
    """The same of each picture by gray and sectors, and the mean of it: nothing evens out.

    A set may have the right hues with every one of them in the wrong picture.
    """

    def measure(self, pair: Pair) -> np.ndarray:
        """The distance of one picture: ``(1,)``."""
        found, true = map(sector_shares, HueCounts().measure(pair).reshape(2, -1))
        return np.array([total_variation(found, true)])


def _card(name: str, title: str, source: str, **facts: Any) -> MetricCard:
    return MetricCard(name, title, source=source, module=__name__, **facts)


_distance = partial(_card, better="lower", digits=3, bounds=(0.0, 1.0))


CARDS = (
    _card(
        "brown-ratio",
        "brown",
        "pixels of a hue of 20 to 65 degrees and a chroma above 10, over those of the truth; above "
        "1 the set has a wash of sepia, where networks end that hedge",
        better="truth",
        silent="only where the truth has such pixels",
    ),
    _distance(
        "sector-distance",
        "hue TV",
        "total variation of the set's shares of gray (chroma up to 10) and of eight sectors of hue "
        "from the truth's, 0 to 1",
    ),
    _distance(
        "hue-distance",
        "fine hue TV",
        "the same of gray and 72 hues in three bands of chroma (above 10, 20 and 40), 0 to 1",
        usual=False,
    ),
    _distance(
        "picture-hue-distance",
        "hue TV each",
        "hue TV of each picture by itself, mean over pictures, 0 to 1",
        usual=False,
    ),
    *(
        _card(
            f"{name}-share",
            f"{name} %",
            "pixels of the set whose chroma is "
            + (
                "at most 10, in %"
                if name == "gray"
                else "above 10 and whose hue is {} to {} degrees, in %".format(*SECTORS[name])
            ),
            better="truth",
            digits=1,
            bounds=(0.0, 100.0),
            usual=False,
        )
        for name in NAMES
    ),
)
"""Cards of the metrics above, by rising detail."""

_DISTANCES: dict[str, Callable[[], Metric]] = {
    "brown-ratio": BrownRatio,
    "sector-distance": SectorDistance,
    "hue-distance": HueDistance,
    "picture-hue-distance": PictureHueDistance,
}


def build(name: str) -> Metric:
    """Build a distance, or a share such as "gray-share" or "blue-share"."""
    distance = _DISTANCES.get(name)
    return distance() if distance else Share(name.removesuffix("-share"))
