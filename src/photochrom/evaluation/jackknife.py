"""How far a figure would move with other pictures of the same kind: jackknife over groups.

Every group of pictures is left out once (Quenouille 1956, Tukey 1958). Drawing groups with
replacement instead would be wrong for figures that lose something in every draw: rebalanced AuC
loses rare colors, and 95 % of such draws lie around another value than the figure's own. Two rows
of the same pictures are compared by what the same group's absence does to their difference.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np


def leave_one_out(
    sums: np.ndarray, counts: np.ndarray, figure: Callable[[np.ndarray, float], float]
) -> np.ndarray:
    """The figure without each of the groups, ``(G,)``; empty with fewer than two groups.

    Args:
        sums: statistics ``(G, k)`` of each group.
        counts: pictures ``(G,)`` that gave them; groups without any take no part.
        figure: of added statistics and their pictures.
    """
    sums, counts = sums[counts > 0], counts[counts > 0]
    if len(counts) < 2:
        return np.zeros(0)
    total, pictures = sums.sum(0), float(counts.sum())
    return np.array(
        [figure(total - one, pictures - n) for one, n in zip(sums, counts, strict=True)]
    )


def half_width(without: Sequence[float] | np.ndarray) -> float | None:
    """Half of the 95 % interval of a figure, or of a difference, from its values without a group.

    None where it cannot be told: fewer than two groups, or no figure without one of them.
    """
    groups = len(without)
    if groups < 2 or not np.isfinite(without).all():
        return None
    spread = math.sqrt((groups - 1) * float(np.var(without)))
    return _student(groups - 1) * spread


def _student(freedom: int) -> float:
    """The 97.5 % point of Student's t, to 1 % from two degrees of freedom on.

    Abramowitz and Stegun 1964, 26.7.5.
    """
    return float(np.polynomial.polynomial.polyval(1 / freedom, (1.960, 2.372, 2.822, 2.556, 1.590)))
