"""``vgg-residual``: Hsu and Shiau's regression of U and V, after Dahl 2016.

The document points to the figure of Hwang and Zhou 2016, who follow Dahl: the maps of VGG16 down to
1/8 size, each reduced, upscaled and summed with the next; after these, 3x3 convolutions to few
channels. Chosen: one to the trunk's width with BatchNorm and two without ("the last few layers"),
the last linear, for U and V are of both signs. The encoder's own maps are normalized before they
are summed. From the input the mean of the encoder's training is subtracted, not that of the set.
The loss is the mean over pixels, not their sum, so that one learning rate fits every size.
"""

from __future__ import annotations

from torch import Tensor, nn

from photochrom.architectures.blocks import convolution
from photochrom.architectures.prediction import Prediction
from photochrom.architectures.residual_trunk import ResidualTrunk


class VGGResidual(nn.Module):
    """Gray ``(B, 1, H, W)``, L in 0..100, to U and V ``(B, 2, H, W)``."""

    def __init__(
        self,
        *,
        encoder: str = "vgg16",
        pretrained: str = "timm",
        frozen: int = 0,
        deepest: int = 8,
    ) -> None:
        """As for :class:`~photochrom.architectures.residual_trunk.ResidualTrunk`."""
        super().__init__()
        self.trunk = ResidualTrunk(
            encoder=encoder, pretrained=pretrained, frozen=frozen, deepest=deepest
        )
        width = self.trunk.channels
        self.head = nn.Sequential(
            convolution(width, width, 3),
            nn.Conv2d(width, 32, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(32, 2, 3, padding=1),
        )

    def forward(self, lightness: Tensor) -> Prediction:
        """``(B, 1, H, W)`` in 0..100 to U and V of the same size."""
        return Prediction(uv=self.head(self.trunk(lightness)))


def build(**options: object) -> VGGResidual:
    """Build the network."""
    return VGGResidual(**options)  # type: ignore[arg-type]
