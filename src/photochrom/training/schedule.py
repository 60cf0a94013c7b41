"""Learning rates over a run, as a share of the recipe's."""

from __future__ import annotations

import math


def rate_factor(progress: float, *, schedule: str, warmup: float) -> float:
    """Factor on the learning rate after ``progress`` (0..1) of the run.

    "one-cycle" rises linearly over ``warmup`` and falls to 1 % on a cosine; "cosine" falls from
    the start; "constant" stays after the warmup.
    """
    if schedule != "cosine" and progress < warmup:
        return max(progress / warmup, 0.01)
    if schedule == "constant":
        return 1.0
    start = warmup if schedule == "one-cycle" else 0.0
    fall = min((progress - start) / max(1 - start, 1e-9), 1.0)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * fall))
