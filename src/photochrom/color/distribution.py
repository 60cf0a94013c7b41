"""What a network over bins of color thinks of every place, before one color is chosen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photochrom.color.arrays import softmax
from photochrom.color.decision import shift_logits
from photochrom.color.encoding import annealed_mean


@dataclass(frozen=True)
class Distribution:
    """Calibrated ``logits`` ``(N, Q, h, w)`` of bins with ``centers`` ``(Q, 2)`` in Lab units.

    ``prior`` ``(Q,)`` is how often each bin occurs in photographs; ``decision`` ``(K, 1 + Q)`` the
    biases that were fitted to this model, if any were, see :mod:`photochrom.color.decision`.
    """

    logits: np.ndarray
    centers: np.ndarray
    prior: np.ndarray
    decision: np.ndarray | None = None

    @property
    def probabilities(self) -> np.ndarray:
        """``(N, Q, h, w)``, summing to one over Q."""
        probabilities: np.ndarray = softmax(self.logits, 1)
        return probabilities

    def ab(self, *, rebalance: float, temperature: float) -> np.ndarray:
        """``(N, 2, h, w)`` in Lab units: what the graph's own ``ab`` is at these settings."""
        dial = {"rebalance": rebalance, "temperature": temperature}
        shifted = shift_logits(self.logits, self.prior, self.decision, **dial)
        ab: np.ndarray = annealed_mean(shifted, self.centers, temperature)
        return ab
