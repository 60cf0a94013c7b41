"""``vgg-bins``: Hsu and Shiau's classification into equally wide bins of U and of V.

The trunk of ``vgg-residual`` with one more 3x3 convolution and a 1x1 convolution to both
distributions; 50 bins of each channel, as Hwang and Zhou 2016, whom the document follows. The
document shows the most probable bin: an exported model does so at the end of its dial
(vividness 1, its default). At 0 it shows the mean of the distribution, as samples and metrics do
during training.
"""

from __future__ import annotations

from torch import Tensor, nn

from photochrom.architectures.blocks import convolution
from photochrom.architectures.prediction import Prediction
from photochrom.architectures.residual_trunk import ResidualTrunk


class VGGBins(nn.Module):
    """Gray ``(B, 1, H, W)``, L in 0..100, to logits ``(B, 2, K, H, W)`` over bins of U and V."""

    def __init__(
        self,
        *,
        bins: int,
        encoder: str = "vgg16",
        pretrained: str = "timm",
        frozen: int = 0,
        deepest: int = 8,
    ) -> None:
        """``bins`` of each channel; the others as for ``vgg-residual``."""
        super().__init__()
        self.trunk = ResidualTrunk(
            encoder=encoder, pretrained=pretrained, frozen=frozen, deepest=deepest
        )
        width = self.trunk.channels
        self.head = nn.Sequential(convolution(width, width, 3), nn.Conv2d(width, 2 * bins, 1))

    def forward(self, lightness: Tensor) -> Prediction:
        """``(B, 1, H, W)`` in 0..100 to two distributions for each place, at the same size."""
        return Prediction(uv_logits=self.head(self.trunk(lightness)).unflatten(1, (2, -1)))


def build(*, bins: int = 50, **options: object) -> VGGBins:
    """Build the network."""
    return VGGBins(bins=bins, **options)  # type: ignore[arg-type]
