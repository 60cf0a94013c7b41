"""Kernel distance between the features of the results and those of the truth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from photochrom.evaluation.fid import INCEPTION, Extract, extractor
from photochrom.evaluation.pair import Pair

LEAST = 20
"""Of fewer pictures, chance is larger than the difference between any two models."""


class KernelDistance:
    """KID (Binkowski et al. 2018), times 1,000: squared MMD of the kernel ``(x.y / D + 1)^3``.

    Unbiased: it does not fall as pictures are added. A result and the truth of the same photograph
    are never compared with each other (Gretton et al. 2012, lemma 6): chance did not bring them
    together. So the truth has 0, and a good set may come out slightly below. Where such pairs are
    counted, as if the sets had nothing to do with each other, figures are lower, by the more the
    fewer pictures there are. It depends on the
    network that gives the features: print ``backbone`` and the number of pictures beside it, and
    never judge by the network that a loss of the model looked through.

    Its statistics are a row for each picture, which do not add up: every picture is compared with
    every other.
    """

    def __init__(self, extract: Extract, backbone: str) -> None:
        """``extract`` makes features ``(D,)`` of bytes ``(3, H, W)``; ``backbone`` is its name."""
        self.extract, self.backbone = extract, backbone

    def measure(self, pair: Pair) -> np.ndarray:
        """Features of the result, then of the truth: ``(1, 2 D)``."""
        true = pair.of_truth(self, lambda pair: self.extract(pair.true))
        found = true if pair.predicted is pair.true else self.extract(pair.predicted)
        return np.concatenate([found, true])[None].astype(np.float32)

    def refusal(self, pictures: float) -> str:
        """Why there is no figure of so few pictures; empty if there is one."""
        few = f"KID of {pictures:g} pictures says nothing: {LEAST} at least"
        return few if pictures < LEAST else ""

    def figure(self, sums: np.ndarray, count: float) -> float:
        """Of rows ``(n, 2 D)``; about 0 and up, NaN of fewer than two."""
        return self.figures([sums])[0]

    def figures(self, parts: Sequence[np.ndarray]) -> tuple[float, np.ndarray]:
        """Of all rows ``(n, 2 D)`` of some groups, and without each of the groups ``(G,)``."""
        counts = np.array([len(part) for part in parts], dtype=np.float64)
        found, true = zip(*(np.split(part, 2, axis=1) for part in parts), strict=True)
        between = _sums(found, true)
        pairs = _sums(found, found) + _sums(true, true) - between - between.T
        alone = _alone(found, found) + _alone(true, true) - 2 * _alone(found, true)

        def distance(kept: np.ndarray) -> float:
            count = float(counts @ kept)
            if count < 2:
                return math.nan
            return 1000 * float(kept @ pairs @ kept - alone @ kept) / (count * (count - 1))

        groups = np.eye(len(parts))
        return distance(np.ones(len(parts))), np.array([distance(1 - one) for one in groups])


def _sums(some: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> np.ndarray:
    """The kernel summed over all pairs of two groups: ``(G, G)``."""
    return np.array([[_kernel(one @ other.T, one).sum() for other in others] for one in some])


def _alone(some: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> np.ndarray:
    """The kernel summed over what is of one photograph: ``(G,)``."""
    pairs = zip(some, others, strict=True)
    return np.array([_kernel((one * other).sum(1), one).sum() for one, other in pairs])


def _kernel(products: np.ndarray, features: np.ndarray) -> np.ndarray:
    values: np.ndarray = (products.astype(np.float64) / features.shape[1] + 1) ** 3
    return values


def build(
    _name: str, *, backbone: str = INCEPTION, path: str | None = None, device: str = "cpu"
) -> KernelDistance:
    """Build the metric on Inception, or on the features of another network of timm."""
    return KernelDistance(extractor(backbone, path, device=device), backbone)
