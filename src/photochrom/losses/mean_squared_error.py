"""Squared error of ab."""

from __future__ import annotations

from torch import Tensor, nn

from photochrom.color.scale import CENTERED


class MeanSquaredError(nn.Module):
    """Mean over pixels and both channels of the squared difference of ab / 110."""

    def forward(self, predicted: Tensor, ab: Tensor) -> dict[str, Tensor]:
        """Compare two ``(B, 2, h, w)`` in Lab units."""
        difference = CENTERED.ab_in(predicted.float() - ab)
        return {"mean_squared_error": difference.square().mean()}


def build() -> MeanSquaredError:
    """Build the loss; it has no options."""
    return MeanSquaredError()
