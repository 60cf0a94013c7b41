"""Huber's error of ab: squared near the truth, absolute far from it."""

from __future__ import annotations

import math

from torch import Tensor, nn
from torch.nn import functional

from photochrom.color.scale import CENTERED
from photochrom.losses.options import require


class Huber(nn.Module):
    """Mean over pixels and both channels of ``d^2 / (2 delta)`` to delta, ``d - delta / 2`` beyond.

    Then / 110, as the other errors of ab. It is Huber's function divided by delta: far from the
    truth its slope is that of the absolute error, so that a weight means the same at every delta.
    """

    def __init__(self, *, delta: float = 1.0) -> None:
        """``delta`` in Lab units: below it errors count as squares.

        1 is that of Zhang et al. 2017, whose code sets 1 / 110 on ab / 110.

        Raises:
            WrongInput: delta is not above 0.
        """
        super().__init__()
        require(0 < delta < math.inf, "delta", delta, "above 0")
        self.delta = delta

    def forward(self, predicted: Tensor, ab: Tensor) -> dict[str, Tensor]:
        """Compare two ``(B, 2, h, w)`` in Lab units."""
        error = functional.smooth_l1_loss(predicted.float(), ab, beta=self.delta)
        return {"huber": CENTERED.ab_in(error)}


def build(**options: float) -> Huber:
    """Build the loss from a recipe's options."""
    return Huber(**options)
