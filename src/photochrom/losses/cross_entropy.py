"""Cross-entropy over color bins (Zhang et al. 2016, equations 2 to 4)."""

from __future__ import annotations

import math

from torch import Tensor, nn
from torch.nn import functional

from photochrom.color.encoding import encode_hard, encode_soft
from photochrom.color.prior import rebalancing_weights
from photochrom.losses.options import require, require_choice


class CrossEntropy(nn.Module):
    """Mean over pixels of ``-sum_q z_q log p_q``, weighted by the rarity of the true color."""

    def __init__(
        self,
        *,
        soft: bool = True,
        sigma: float = 5.0,
        neighbors: int | None = None,
        uniform: float = 1.0,
        gray: float = 5.0,
    ) -> None:
        """Choose targets and weights.

        Args:
            soft: Gaussian targets over ``neighbors`` bins (None: all), else the nearest bin alone.
            sigma: their width in Lab units.
            neighbors: how many bins share the target.
            uniform: lambda of the rebalancing weights; 1 means no weights: calibrated.
            gray: pictures whose every abs(a) and abs(b) is at most this give no gradient.

        Raises:
            WrongInput: an option is out of its range.
        """
        super().__init__()
        require_choice("soft", soft)
        require(0 < sigma < math.inf, "sigma", sigma, "above 0")
        require(neighbors is None or neighbors >= 1, "neighbors", neighbors, "at least 1")
        require(0 <= uniform <= 1, "uniform", uniform, "between 0 and 1")
        require(gray >= 0, "gray", gray, "0 or above")
        self.soft, self.sigma, self.neighbors = soft, sigma, neighbors
        self.uniform, self.gray = uniform, gray

    def forward(
        self, logits: Tensor, ab: Tensor, *, centers: Tensor, prior: Tensor
    ) -> dict[str, Tensor]:
        """Compare ``(B, Q, h, w)`` logits with ``(B, 2, h, w)`` ab; returns the loss as a part."""
        # Bins last: the layout in which a channels-last network left them, and the fastest here.
        logits = logits.float().movedim(1, -1)
        if self.soft:
            target = encode_soft(ab, centers, sigma=self.sigma, neighbors=self.neighbors)
            entropy = -(target.movedim(1, -1) * logits.log_softmax(-1)).sum(-1)
        else:
            nearest = encode_hard(ab, centers)
            entropy = functional.cross_entropy(logits.movedim(-1, 1), nearest, reduction="none")
        if self.uniform < 1:
            weights = rebalancing_weights(prior, uniform=self.uniform)
            entropy = entropy * weights[encode_hard(ab, centers)]
        colorful = (ab.abs() > self.gray).flatten(1).any(1)
        return {"cross_entropy": (entropy * colorful[:, None, None]).mean()}


def build(**options: object) -> CrossEntropy:
    """Build the loss from a recipe's options."""
    return CrossEntropy(**options)  # type: ignore[arg-type]
