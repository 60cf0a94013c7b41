"""What is judged: anything that makes colors of gray. Gray itself and the truth are two of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Guess:
    """Colors for one gray picture ``(H, W)``.

    Attributes: ``rgb`` ``(3, H, W)`` uint8; the others, of models that classify, at the network's
    size: ``confidence`` ``(h, w)`` of the most probable bin and that bin's color, ``mode``
    ``(2, h, w)``; ``logits`` ``(Q, h, w)`` over the bins at ``centers`` ``(Q, 2)``.
    """

    rgb: np.ndarray
    confidence: np.ndarray | None = None
    mode: np.ndarray | None = None
    logits: np.ndarray | None = None
    centers: np.ndarray | None = None


@dataclass(frozen=True)
class Method:
    """A way to color: ``open`` gives the function from gray ``(H, W)`` uint8 to a guess.

    It is opened in every process that judges, so it must be importable there. ``facts`` are for
    the table: version, parameters, settings.
    """

    name: str
    open: Callable[[], Callable[[np.ndarray], Guess]]
    facts: dict[str, Any] = field(default_factory=dict)


GRAY, TRUTH = "gray", "truth"


def gray_guess(gray: np.ndarray) -> Guess:
    """No colors at all: what every model has to beat."""
    return Guess(np.repeat(gray[None], 3, 0))
