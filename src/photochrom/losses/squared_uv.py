"""Squared error of U and V."""

from __future__ import annotations

from torch import Tensor, nn


class SquaredUV(nn.Module):
    """``|U_p - U_a|^2 + |V_p - V_a|^2``, the mean over pixels.

    As printed it is a sum over pixels; the mean makes one learning rate fit every size of picture.
    """

    def forward(self, predicted: Tensor, uv: Tensor) -> dict[str, Tensor]:
        """Compare two ``(B, 2, h, w)``, U and V of BT.601."""
        return {"squared_uv": (predicted.float() - uv).square().sum(1).mean()}


def build() -> SquaredUV:
    """Build the loss; it has no options."""
    return SquaredUV()
