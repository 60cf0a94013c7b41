"""Error of the color edges: color that bleeds over an edge is seen here, and hardly by others."""

from __future__ import annotations

from torch import Tensor, nn

from photochrom.color.scale import CENTERED


class ABGradient(nn.Module):
    """Mean absolute difference of the steps of ab / 110 to the right and to the lower neighbor.

    A color that is wrong by the same everywhere costs nothing: use it beside another loss.
    """

    def forward(self, predicted: Tensor, ab: Tensor) -> dict[str, Tensor]:
        """Compare two ``(B, 2, h, w)`` in Lab units."""
        difference = CENTERED.ab_in(predicted.float() - ab)
        steps = difference.diff(dim=-1).abs(), difference.diff(dim=-2).abs()
        # A single row or column has no steps, and the mean of nothing is not a number.
        across, down = (step.sum() / max(step.numel(), 1) for step in steps)
        return {"ab_gradient": across + down}


def build() -> ABGradient:
    """Build the loss; it has no options."""
    return ABGradient()
