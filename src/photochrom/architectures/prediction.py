"""What every network returns."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Prediction:
    """Either ``ab`` ``(B, 2, h, w)`` in Lab units or ``logits`` ``(B, Q, h, w)`` over bins."""

    ab: Tensor | None = None
    logits: Tensor | None = None
