"""Absolute error of ab."""

from __future__ import annotations

from torch import Tensor, nn

from photochrom.color.scale import CENTERED


class MeanAbsoluteError(nn.Module):
    """Mean over pixels and both channels of the absolute difference of ab / 110."""

    def forward(self, predicted: Tensor, ab: Tensor) -> dict[str, Tensor]:
        """Compare two ``(B, 2, h, w)`` in Lab units."""
        difference = CENTERED.ab_in(predicted.float() - ab)
        return {"mean_absolute_error": difference.abs().mean()}


def build() -> MeanAbsoluteError:
    """Build the loss; it has no options."""
    return MeanAbsoluteError()
