"""How well a network classifies colors: of pairs that carry its logits."""

from __future__ import annotations

import numpy as np

from photochrom.color.arrays import below_max
from photochrom.color.encoding import encode_hard
from photochrom.evaluation.metric import MeanOverPictures
from photochrom.evaluation.pair import Pair, ab_at


class BinRank(MeanOverPictures):
    """Share of places whose true bin is among the ``top`` most probable ones, in percent."""

    def __init__(self, top: int) -> None:
        self.top = top

    def measure(self, pair: Pair) -> np.ndarray | None:
        """The share in one picture, ``(1,)``; None for models that do not classify colors."""
        bins = true_bins(pair)
        if bins is None or pair.logits is None:
            return None
        chosen = np.take_along_axis(pair.logits, bins[None], 0)
        # Of equal logits the first bin ranks first: a constant network names one bin, not all.
        before = np.arange(len(pair.logits))[:, None, None] < bins
        better = (pair.logits > chosen) | ((pair.logits == chosen) & before)
        return np.array([100 * np.mean(better.sum(0) < self.top)])


class BinEntropy(MeanOverPictures):
    """Cross-entropy of the true bins: ``-log p``, in nats, mean over places."""

    def measure(self, pair: Pair) -> np.ndarray | None:
        """The mean of one picture, ``(1,)``; None for models that do not classify colors."""
        bins = true_bins(pair)
        if bins is None or pair.logits is None:
            return None
        logits = below_max(pair.logits, 0)
        chosen = np.take_along_axis(logits, bins[None], 0)[0]
        return np.array([np.mean(np.log(np.exp(logits).sum(0)) - chosen, dtype=np.float64)])


def true_bins(pair: Pair) -> np.ndarray | None:
    """Index ``(h, w)`` of the bin nearest to the true ab, averaged to the size of the logits.

    None without logits and centers.
    """
    if pair.logits is None or pair.centers is None:
        return None
    height, width = pair.logits.shape[1:]
    true = ab_at(pair.true_lab[1:], (height, width))
    bins: np.ndarray = encode_hard(true[None], pair.centers)[0]
    return bins


def build(name: str) -> BinRank | BinEntropy:
    """Build "top-1", "top-5" or "cross-entropy"."""
    return BinEntropy() if name == "cross-entropy" else BinRank({"top-1": 1, "top-5": 5}[name])
