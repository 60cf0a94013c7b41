"""``resnet18-half``: half a ResNet-18 and an upsampler, as Bolker and Prochowski print it.

What the code leaves open is that of Melas-Kyriazi, whose implementation they kept: upsampling to
the nearest neighbor, (ab + 128) / 255 without a last non-linearity. Otherwise than there L is
centered and spread as ImageNet's gray, as for every encoder here; the BatchNorm that follows takes
that back but for the borders, and likewise the threefold sum of random kernels, drawn here as one.
Pretrained ones are summed over RGB as printed.
"""

from __future__ import annotations

from torch import Tensor, nn

from photochrom.architectures.blocks import convolution
from photochrom.architectures.cards import NETWORKS
from photochrom.architectures.encoders import Encoder
from photochrom.architectures.prediction import Prediction


class ResNet18Half(nn.Module):
    """Gray ``(B, 1, H, W)``, L in 0..100, to ab ``(B, 2, H, W)``."""

    def __init__(
        self, *, encoder: str = "resnet18", pretrained: str = "none", frozen: int = 0
    ) -> None:
        """The printed code starts from random weights, so ``pretrained`` does too.

        Of the encoder, the layers up to stride 8 are used: the first six children of a ResNet.
        """
        super().__init__()
        self.scale = NETWORKS["resnet18-half"].scale
        self.encoder = Encoder(
            encoder, strides=(8,), deepest=False, pretrained=pretrained, frozen=frozen
        )
        self.upsample = nn.Sequential(
            biased(self.encoder.channels[-1], 128),
            nn.Upsample(scale_factor=2),
            biased(128, 64),
            biased(64, 64),
            nn.Upsample(scale_factor=2),
            biased(64, 32),
            nn.Conv2d(32, 2, 3, padding=1),
            nn.Upsample(scale_factor=2),
        )

    def forward(self, lightness: Tensor) -> Prediction:
        """``(B, 1, H, W)`` in 0..100 to ab of the same size."""
        (features,) = self.encoder(lightness)
        return Prediction(ab=self.scale.ab_out(self.upsample(features)))


def biased(inputs: int, outputs: int) -> nn.Sequential:
    """3x3 convolution, BatchNorm, ReLU; with the bias that the printed code leaves in."""
    block = convolution(inputs, outputs, 3)
    block[0] = nn.Conv2d(inputs, outputs, 3, padding=1)
    return block


def build(**options: object) -> ResNet18Half:
    """Build the network."""
    return ResNet18Half(**options)  # type: ignore[arg-type]
