"""How far a figure would move with other pictures of the same kind: bootstrap over groups."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

ROUNDS, ROUNDS_OF_MANY, MANY = 1000, 200, 1000


def interval(
    sums: np.ndarray, counts: np.ndarray, figure: Callable[[np.ndarray, float], float]
) -> tuple[float, float] | None:
    """The 95 % interval of a figure, by drawing groups of pictures again and again.

    Args:
        sums: statistics ``(G, k)`` of each group.
        counts: pictures ``(G,)`` that gave them; groups without any take no part.
        figure: of added statistics and their pictures.

    Returns:
        (low, high), or None with fewer than two groups. 1,000 draws with a fixed seed, 200 of
        metrics with more than 1,000 statistics; Efron 1979, percentile method.
    """
    sums, counts = sums[counts > 0], counts[counts > 0]
    groups = len(counts)
    if groups < 2:
        return None
    rounds = ROUNDS if sums.shape[1] <= MANY else ROUNDS_OF_MANY
    generator = np.random.default_rng(0)
    weights = generator.multinomial(groups, np.full(groups, 1 / groups), size=rounds)
    # Products of floats are BLAS's, several times as quick.
    weights = weights.astype(float)
    drawn = [figure(w @ sums, float(w @ counts)) for w in weights]
    known = [value for value in drawn if np.isfinite(value)]
    if not known:
        return None
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)
