"""What a network over bins of color thinks of every place, before one color is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from photochrom.color.arrays import softmax
from photochrom.color.encoding import annealed_mean
from photochrom.color.prior import rebalance_logits
from photochrom.errors import ModelError
from photochrom.weights.cards import DISTRIBUTION, ModelCard


@dataclass(frozen=True)
class Distribution:
    """Calibrated ``logits`` ``(N, Q, h, w)`` of bins with ``centers`` ``(Q, 2)`` in Lab units.

    ``prior`` ``(Q,)`` is how often each bin occurs in photographs.
    """

    logits: np.ndarray
    centers: np.ndarray
    prior: np.ndarray

    @property
    def probabilities(self) -> np.ndarray:
        """``(N, Q, h, w)``, summing to one over Q."""
        probabilities: np.ndarray = softmax(self.logits, 1)
        return probabilities

    def ab(self, *, rebalance: float, temperature: float) -> np.ndarray:
        """``(N, 2, h, w)`` in Lab units: what the graph's own ``ab`` is at these settings."""
        shifted = rebalance_logits(self.logits, self.prior, rebalance)
        ab: np.ndarray = annealed_mean(shifted, self.centers, temperature)
        return ab


def distribution_from(outputs: Mapping[str, np.ndarray], card: ModelCard) -> Distribution:
    """Of the outputs of a graph by name; raises :class:`ModelError` where it has none."""
    if not set(DISTRIBUTION) <= set(outputs):
        message = (
            f"the model {card.name} does not say how probable each color is: it has no bins of "
            "color, or was exported before files said so (export it again)"
        )
        raise ModelError(message)
    return Distribution(*(outputs[name] for name in DISTRIBUTION))
