"""What every network returns, and how each kind of it becomes color."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

from photochrom.color.encoding import annealed_mean
from photochrom.color.spaces import lightness_to_luma, uv_to_ab


@dataclass(frozen=True)
class Prediction:
    """What a network says, by the head on its card; the other fields are None.

    Attributes: ``ab`` ``(B, 2, h, w)`` in Lab units; ``logits`` ``(B, Q, h, w)`` over bins of ab;
    ``uv`` ``(B, 2, h, w)``, U and V of BT.601; ``uv_logits`` ``(B, 2, K, h, w)`` over K bins of U
    and K bins of V.
    """

    ab: Tensor | None = None
    logits: Tensor | None = None
    uv: Tensor | None = None
    uv_logits: Tensor | None = None

    @property
    def size(self) -> tuple[int, int]:
        """``(h, w)`` of what was predicted."""
        for tensor in (self.ab, self.logits, self.uv, self.uv_logits):
            if tensor is not None:
                return (tensor.shape[-2], tensor.shape[-1])
        raise AssertionError

    def to_ab(
        self, lightness: Tensor, centers: Tensor, temperature: Tensor | float = 1.0
    ) -> Tensor:
        """The predicted color, ``(B, 2, h, w)`` in Lab units.

        Args:
            lightness: ``(B, 1, H, W)`` in 0..100 that the network saw: U and V are a color only
                beside it.
            centers: of the bins, ``(Q, 2)``; for ``uv_logits`` ``(K, 2)``, U's beside V's.
            temperature: of the annealed mean, where there are bins.
        """
        if self.ab is not None:
            return self.ab
        if self.logits is not None:
            return annealed_mean(self.logits.float(), centers, temperature)
        uv = self.to_uv(centers, temperature)
        return uv_to_ab(uv, lightness_to_luma(shrink(lightness, uv)))

    def to_uv(self, centers: Tensor, temperature: Tensor | float = 1.0) -> Tensor:
        """U and V ``(B, 2, h, w)`` of a network that predicts them."""
        if self.uv is not None:
            return self.uv
        assert self.uv_logits is not None
        logits = self.uv_logits.float()
        weights = ((logits - logits.amax(2, keepdim=True)) / temperature).exp()
        values = (weights * centers.T[None, :, :, None, None]).sum(2)
        return values / weights.sum(2)


def shrink(values: Tensor, like: Tensor) -> Tensor:
    """``(B, C, H, W)`` averaged down to the height and width of ``like``, a whole fraction."""
    factor = values.shape[-1] // like.shape[-1]
    return values if factor == 1 else functional.avg_pool2d(values, factor)
