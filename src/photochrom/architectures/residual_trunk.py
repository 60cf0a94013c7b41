"""The trunk of Hsu and Shiau's two networks (ASU), after Dahl's "residual encoder" of 2016.

The deepest map of the encoder is reduced, upscaled and merged with the next shallower one by
elementwise sum, until the first. BatchNorm before every ReLU.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from photochrom.architectures.blocks import convolution
from photochrom.architectures.encoders import Encoder
from photochrom.errors import WrongInput

STRIDES = (1, 2, 4, 8, 16, 32)


class ResidualTrunk(nn.Module):
    """Gray ``(B, 1, H, W)`` to ``(B, channels, H, W)`` features of the same size."""

    def __init__(self, *, encoder: str, pretrained: str, frozen: int, deepest: int) -> None:
        """``deepest`` is the stride of the deepest map used: 8 in Dahl's network.

        An encoder without maps at the first strides (AlexNet begins at 4) is merged from those
        that it has, and upscaled at the end.
        """
        super().__init__()
        if deepest not in STRIDES:
            message = f"deepest must be one of {', '.join(map(str, STRIDES))}, not {deepest!r}"
            raise WrongInput(message)
        self.encoder = Encoder(
            encoder,
            strides=STRIDES[: STRIDES.index(deepest) + 1],
            partial=True,
            deepest=False,
            pretrained=pretrained,
            frozen=frozen,
        )
        *shallower, deep = self.encoder.channels
        self.norms = nn.ModuleList(nn.BatchNorm2d(c) for c in self.encoder.channels)
        self.reduce = nn.ModuleList()
        for number, width in enumerate(shallower[::-1]):
            # Dahl reduces the deepest map with a 1x1 convolution, the others with 3x3.
            self.reduce.append(convolution(deep, width, 1 if number == 0 else 3))
            deep = width
        self.channels = deep

    def forward(self, lightness: Tensor) -> Tensor:
        """``(B, 1, H, W)`` in 0..100 to features of the same size."""
        maps = [norm(m) for norm, m in zip(self.norms, self.encoder(lightness), strict=True)]
        *shallower, x = maps
        for reduce, skip in zip(self.reduce, shallower[::-1], strict=True):
            x = functional.interpolate(reduce(x), size=skip.shape[-2:], mode="bilinear") + skip
        if x.shape[-2:] != lightness.shape[-2:]:
            x = functional.interpolate(x, size=lightness.shape[-2:], mode="bilinear")
        return x
