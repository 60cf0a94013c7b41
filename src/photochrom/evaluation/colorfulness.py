"""Colorfulness (Hasler and Suesstrunk 2003) of the results, and how far it is from the truth's."""

from __future__ import annotations

import math

import numpy as np

from photochrom.evaluation.metric import MeanOverPictures
from photochrom.evaluation.pair import Pair


class MeanColorfulness(MeanOverPictures):
    """Mean over pictures of the result's colorfulness: best where it is the truth's own."""

    def __init__(self, *, absolute: bool) -> None:
        """``absolute`` as for :func:`photochrom.color.colorfulness.colorfulness`."""
        self.absolute = absolute

    def measure(self, pair: Pair) -> np.ndarray:
        """Of the result and of the truth: ``(2,)``."""
        if self.absolute:
            values = pair.predicted_absolute_colorfulness, pair.true_absolute_colorfulness
        else:
            values = pair.predicted_colorfulness, pair.true_colorfulness
        return np.array(values)


class DifferenceOfMeans(MeanColorfulness):
    """``|mean C - mean C of the truth|``, as papers print it: too much here hides too little there.

    Of a set, not of pictures: it is no mean of differences.
    """

    def figure(self, sums: np.ndarray, count: float) -> float:
        """0 for the truth."""
        return abs(float(sums[0] - sums[1])) / count if count else math.nan


class MeanDifference(MeanColorfulness):
    """Mean over pictures of ``|C - C of the truth|``: nothing hides."""

    def measure(self, pair: Pair) -> np.ndarray:
        """The difference of one picture: ``(1,)``."""
        result, truth = super().measure(pair)
        return np.array([abs(result - truth)])


_KINDS = {
    "colorfulness": MeanColorfulness,
    "colorfulness-difference": MeanDifference,
    "colorfulness-difference-of-means": DifferenceOfMeans,
}


def build(name: str) -> MeanColorfulness:
    """Build one of the three kinds, signed, or with "absolute-" before its name."""
    return _KINDS[name.removeprefix("absolute-")](absolute=name.startswith("absolute-"))
