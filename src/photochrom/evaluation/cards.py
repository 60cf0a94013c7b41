"""What is known of each metric without computing it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from photochrom.evaluation.pair import Pair
from photochrom.registry import Registry


class Metric(Protocol):
    """What a metric's module builds.

    A picture's statistics add up: memory does not grow with the number of pictures, parts of a set
    can be judged by themselves, and any resampling of pictures is a weighted sum.
    """

    def measure(self, pair: Pair) -> np.ndarray | None:
        """Statistics ``(k,)`` of one picture; None if it says nothing of this metric."""

    def figure(self, sums: np.ndarray, count: float) -> float:
        """The figure of pictures whose statistics add up to ``sums``; NaN if there is none."""


@dataclass(frozen=True)
class MetricCard:
    """Facts about a metric.

    Attributes: ``title`` heads its column; ``better`` is "higher", "lower" or "truth" (the nearer
    to the truth's own figure); ``digits`` after the point; ``source`` says who defined it and how
    it is computed here; ``usual`` metrics are computed unless others are asked for; ``weights``
    names what must be downloaded, if anything.
    """

    name: str
    title: str
    better: str
    source: str
    module: str
    digits: int = 2
    usual: bool = True
    weights: str = ""


METRICS: Registry[MetricCard] = Registry("metric")


def _add(name: str, module: str, **facts: Any) -> None:
    METRICS.add(name, MetricCard(name=name, module=f"photochrom.evaluation.{module}", **facts))


_add(
    "auc",
    "auc",
    title="AuC",
    better="higher",
    source="Zhang et al. 2016, 3.1: share of pixels within an ab distance, mean over 0..150, in %",
)
_add(
    "rebalanced-auc",
    "auc",
    title="rAuC",
    better="higher",
    source="the same, every color cell of 10 x 10 with at least 1 pixel in 10,000 weighing alike",
)


def build_metric(name: str) -> Metric:
    """Build the metric ``name`` with its module's ``build(name)``."""
    metric: Metric = importlib.import_module(METRICS[name].module).build(name)
    return metric
