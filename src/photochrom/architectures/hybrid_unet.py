"""``hybrid-unet``: U-Net on two encoders side by side, VGG16 and ResNet50v2 (Chen et al., Brown).

Chosen where the poster is silent: both deepest maps at stride 32 concatenated are the "rich"
tensor; the decoder's widths halve from 512; each step is a 2x2 transposed convolution, the VGG16
map of that size concatenated, and one 3x3 convolution with BatchNorm and ReLU; tanh gives ab / 110.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from photochrom.architectures.blocks import convolution
from photochrom.architectures.cards import NETWORKS
from photochrom.architectures.encoders import Encoder
from photochrom.architectures.prediction import Prediction
from photochrom.errors import WrongInput

STRIDES = (1, 2, 4, 8, 16)


class HybridUNet(nn.Module):
    """Gray ``(B, 1, H, W)``, L in 0..100, to ab ``(B, 2, H, W)``."""

    def __init__(
        self,
        *,
        encoder: str = "vgg16",
        second: str = "resnetv2_50",
        pretrained: str = "timm",
        second_pretrained: str = "",
        frozen: int = 0,
        widths: tuple[int, ...] = (32, 64, 128, 256, 512),
    ) -> None:
        """Build both encoders and the decoder.

        Args:
            encoder: gives the skips, at all strides from 1 to 16 that it has.
            second: the other encoder.
            pretrained: of the first encoder.
            second_pretrained: of the second; "" for the same, but a file is of one encoder only.
            frozen: layers of both up to this stride are not trained; 32 trains the decoder alone.
            widths: of the decoder at strides 1 to 16.
        """
        super().__init__()
        if len(widths) != len(STRIDES):
            message = f"widths must be {len(STRIDES)} numbers, not {widths!r}"
            raise WrongInput(message)
        self.scale = NETWORKS["hybrid-unet"].scale
        self.encoder = Encoder(
            encoder, strides=STRIDES, partial=True, pretrained=pretrained, frozen=frozen
        )
        usual = pretrained if pretrained in ("timm", "none") else "timm"
        self.second = Encoder(
            second, strides=(16,), pretrained=second_pretrained or usual, frozen=frozen
        )
        *channels, deep = self.encoder.channels
        skips = dict(zip(self.encoder.strides, channels, strict=True))
        deep += self.second.channels[-1]
        self.up, self.merge = nn.ModuleList(), nn.ModuleList()
        for stride, width in zip(STRIDES[::-1], widths[::-1], strict=True):
            self.up.append(nn.ConvTranspose2d(deep, width, 2, stride=2))
            self.merge.append(convolution(width + skips.get(stride, 0), width, 3))
            deep = width
        self.head = nn.Conv2d(deep, 2, 3, padding=1)

    def forward(self, lightness: Tensor) -> Prediction:
        """``(B, 1, H, W)`` in 0..100 to ab of the same size."""
        *maps, first = self.encoder(lightness)
        skips = dict(zip(self.encoder.strides, maps, strict=True))
        *_, second = self.second(lightness)
        x = torch.cat([_fit(deep, lightness, 32) for deep in (first, second)], 1)
        for up, merge, stride in zip(self.up, self.merge, STRIDES[::-1], strict=True):
            x = up(x)
            skip = [_fit(skips[stride], lightness, stride)] if stride in skips else []
            x = merge(torch.cat([x, *skip], 1))
        return Prediction(ab=self.scale.ab_out(self.head(x).tanh()))


def _fit(x: Tensor, lightness: Tensor, stride: int) -> Tensor:
    """A map at the size that its stride says: AlexNet's are a little smaller."""
    size = torch.Size(side // stride for side in lightness.shape[-2:])
    return x if x.shape[-2:] == size else functional.interpolate(x, size=size, mode="bilinear")


def build(**options: object) -> HybridUNet:
    """Build the network."""
    return HybridUNet(**options)  # type: ignore[arg-type]
