"""Who is best by a metric, where the pictures are enough to tell.

All rows are judged on the same pictures, so that a row is compared with another by what the absence
of each group of pictures does to their difference: see ``jackknife``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from photochrom.evaluation.bin_systems import incomparable
from photochrom.evaluation.cards import METRICS
from photochrom.evaluation.jackknife import half_width
from photochrom.evaluation.methods import TRUTH

if TYPE_CHECKING:
    from photochrom.evaluation.verdict import Figure, Row, Verdict


def leaders(verdict: Verdict, metric: str) -> list[str]:
    """The method that a metric ranks first, and those that are not surely behind it, in order.

    Gray takes part, the truth does not. Empty without figures, or with such as cannot be compared.
    """
    rows = rated(verdict, metric)
    if not rows or incomparable(verdict.rows, metric):
        return []
    truth = verdict.row(TRUTH).figures.get(metric)
    lags = {row.method: _lag(row.figures[metric], truth, metric) for row in rows}
    pictures = {row.method: row.figures[metric].pictures for row in rows}
    first, *others = sorted(lags, key=lambda method: float(lags[method][0]))
    behind = {
        method: _is_behind(lags[method], lags[first], paired=pictures[method] == pictures[first])
        for method in others
    }
    return [first, *(method for method in others if not behind[method])]


def best(verdict: Verdict, metric: str) -> str | None:
    """The method that is surely ahead of all others; None where none is, or where none else is."""
    found = leaders(verdict, metric)
    return found[0] if len(found) == 1 and len(rated(verdict, metric)) > 1 else None


def rated(verdict: Verdict, metric: str) -> list[Row]:
    """The rows that a metric has a figure of, the truth's not."""
    return [
        row
        for row in verdict.rows
        if row.method != TRUTH
        and not row.failed
        and metric in row.figures
        and row.figures[metric].value is not None
    ]


def _lag(figure: Figure, truth: Figure | None, metric: str) -> np.ndarray:
    """What a figure lacks, the less the better; behind it the same without each group."""
    values = np.array([figure.value, *figure.without], np.float64)
    better = METRICS[metric].better
    if better != "truth":
        return -values if better == "higher" else values
    goals = np.array([(truth.value if truth else None) or 0.0, *(truth.without if truth else ())])
    lag: np.ndarray = np.abs(values - (goals if len(goals) == len(values) else goals[0]))
    return lag


def _is_behind(lag: np.ndarray, first: np.ndarray, *, paired: bool) -> bool:
    """Whether a lag is larger than the first's by more than other pictures would make of it."""
    if paired and len(lag) == len(first):
        half = half_width(lag[1:] - first[1:])
    else:  # of other pictures: each varies by itself
        one, other = half_width(lag[1:]), half_width(first[1:])
        half = None if one is None or other is None else math.hypot(one, other)
    return half is not None and float(lag[0] - first[0]) > half
