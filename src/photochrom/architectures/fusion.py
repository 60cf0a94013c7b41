"""``fusion``: encoder and decoder, a classifier's opinion of the whole between them.

The poster that describes it counts layers (8 convolutions and 4 norms; 12 convolutions and 3
norms) and prints no widths; it joins a classifier's opinion as Iizuka et al. 2016 do. Chosen: the
encoder of Baldassarre et al. 2017 ("Deep Koalarization"), who follow them and whose 8 convolutions
the count fits, with a BatchNorm at the end of each size; a decoder that halves the width with each
doubling of the size; ReLU; 3x3 kernels, but 1x1 in the last. The classifier's scores are joined at
every place by one more 1x1 convolution, as there.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from photochrom.architectures.cards import NETWORKS
from photochrom.architectures.encoders import Embedding
from photochrom.architectures.prediction import Prediction

WIDTH = 256


class Fusion(nn.Module):
    """Gray ``(B, 1, H, W)``, L in 0..100, to logits ``(B, Q, H, W)``."""

    def __init__(
        self,
        *,
        bins: int,
        fuse: bool = True,
        encoder: str = "inception_resnet_v2",
        pretrained: str = "timm",
    ) -> None:
        """``fuse`` joins the 1000 class scores of the frozen classifier ``encoder``."""
        super().__init__()
        self.scale = NETWORKS["fusion"].scale
        self.analyze = nn.Sequential(
            *_layers((1, 64), (64, 128), first_stride=2),
            *_layers((128, 128), (128, 256), first_stride=2),
            *_layers((256, 256), (256, 512), first_stride=2),
            *_layers((512, 512), (512, WIDTH)),
        )
        self.embedding = Embedding(encoder, pretrained=pretrained) if fuse else None
        if self.embedding is not None:
            self.join = nn.Sequential(nn.Conv2d(WIDTH + self.embedding.size, WIDTH, 1), nn.ReLU())
        self.decode = nn.Sequential(
            *_layers((WIDTH, 128), (128, 128), (128, 128)),
            nn.Upsample(scale_factor=2),
            *_layers((128, 64), (64, 64), (64, 64), (64, 64)),
            nn.Upsample(scale_factor=2),
            *_layers((64, 32), (32, 32), (32, 32), (32, 32)),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(32, bins, 1),
        )

    def forward(self, lightness: Tensor) -> Prediction:
        """``(B, 1, H, W)`` in 0..100 to logits of the same size."""
        x = self.analyze(self.scale.lightness_in(lightness))
        if self.embedding is not None:
            scores = self.embedding(lightness)[:, :, None, None]
            x = self.join(torch.cat([x, scores.expand(-1, -1, *x.shape[-2:])], 1))
        return Prediction(logits=self.decode(x))


def _layers(*widths: tuple[int, int], first_stride: int = 1) -> list[nn.Module]:
    """Convolutions with ReLU, one BatchNorm at their end."""
    layers: list[nn.Module] = []
    for number, (inputs, outputs) in enumerate(widths):
        stride = first_stride if number == 0 else 1
        layers += [nn.Conv2d(inputs, outputs, 3, stride, padding=1), nn.ReLU(inplace=True)]
    return [*layers, nn.BatchNorm2d(widths[-1][1])]


def build(*, bins: int = 112, **options: object) -> Fusion:
    """Build the network; the document has 112 bins."""
    return Fusion(bins=bins, **options)  # type: ignore[arg-type]
