"""Cross-entropy over equi-width bins of U and of V."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from photochrom.color.encoding import encode_each_hard
from photochrom.losses.options import require, require_choice


class UVCrossEntropy(nn.Module):
    """Mean over pixels of ``-log p_bin(U) - log p_bin(V)``: two classifications side by side."""

    def __init__(self, *, soft: bool = False, sigma: float = 1.0) -> None:
        """Choose targets: the bin that holds the value, or if ``soft`` a Gaussian around it.

        ``sigma`` is the Gaussian's width, in bins.

        Raises:
            WrongInput: sigma is not above 0.
        """
        super().__init__()
        require_choice("soft", soft)
        require(0 < sigma < math.inf, "sigma", sigma, "above 0")
        self.soft, self.sigma = soft, sigma

    def forward(
        self, logits: Tensor, uv: Tensor, *, centers: Tensor, prior: Tensor
    ) -> dict[str, Tensor]:
        """Compare ``(B, 2, K, h, w)`` logits with ``(B, 2, h, w)`` U and V of BT.601.

        ``centers`` is ``(K, 2)``, U's beside V's; the prior is not used.
        """
        logits = logits.float().flatten(0, 1)
        target = self._soft_target(uv, centers) if self.soft else encode_each_hard(uv, centers)
        entropy = functional.cross_entropy(logits, target.flatten(0, 1), reduction="none")
        return {"uv_cross_entropy": 2 * entropy.mean()}

    def _soft_target(self, uv: Tensor, centers: Tensor) -> Tensor:
        """``(B, 2, K, h, w)``, summing to one over K."""
        width = (centers[1] - centers[0]).reshape(1, 2, 1, 1, 1)
        middle = centers.T.reshape(1, 2, -1, 1, 1)
        distance = (uv[:, :, None] - middle) / (self.sigma * width)
        return torch.softmax(-distance.square() / 2, 2)


def build(**options: object) -> UVCrossEntropy:
    """Build the loss from a recipe's options."""
    return UVCrossEntropy(**options)  # type: ignore[arg-type]
