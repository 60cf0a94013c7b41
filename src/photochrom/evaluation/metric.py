"""What a metric is: statistics of pictures that add up, and the facts that tables show of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from photochrom.evaluation.pair import Pair


class Metric(Protocol):
    """What a metric's module builds.

    A picture's statistics add up: memory does not grow with the number of pictures, parts of a set
    can be judged by themselves, and any resampling of pictures is a weighted sum.

    But for metrics that compare every picture with every other: their statistics are a row for each
    picture, ``(1, k)``, which are kept, and they have a method ``figures``, which gives for the
    rows of some groups the figure of all and those without each of the groups.
    """

    def measure(self, pair: Pair) -> np.ndarray | None:
        """Statistics ``(k,)`` of one picture; None if it says nothing of this metric."""

    def figure(self, sums: np.ndarray, count: float) -> float:
        """The figure of pictures whose statistics add up to ``sums``; NaN if there is none."""


class MeanOverPictures:
    """What most metrics are: ``measure`` gives a picture's figure first; its card has the range."""

    def figure(self, sums: np.ndarray, count: float) -> float:
        """The mean over ``count`` pictures of what ``measure`` gave; NaN of none."""
        return float(sums[0]) / count if count else math.nan


def refusal_of(metric: Metric, pictures: float) -> str:
    """Why a metric gives no figure of so few pictures, told without measuring; or empty.

    Few metrics refuse: those have a method ``refusal``.
    """
    refusal = getattr(metric, "refusal", None)
    return str(refusal(pictures)) if refusal else ""


@dataclass(frozen=True)
class MetricCard:
    """Facts about a metric.

    Attributes: ``title`` heads its column; ``better`` is "higher", "lower" or "truth" (the nearer
    to the truth's own figure); ``digits`` after the point; ``source`` says who defined it and how
    it is computed here; ``usual`` metrics are computed unless others are asked for; ``weights``
    names what must be downloaded, if anything; ``silent`` says why a row may have no figure;
    ``bounds`` are the least and the largest figure that can be.
    """

    name: str
    title: str
    better: str
    source: str
    module: str
    digits: int = 2
    usual: bool = True
    weights: str = ""
    silent: str = "nothing here that it could be measured by"
    bounds: tuple[float, float] = (0.0, math.inf)
