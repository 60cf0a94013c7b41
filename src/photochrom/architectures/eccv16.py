"""``eccv16``: Zhang et al. 2016, "Colorful Image Colorization", with the names of its release.

The released ``model_out``, a 1x1 convolution over the softmax, holds the bins' colors; it is kept
so that the released weights load, and is what decodes where it was loaded. Targets are means over
4x4 pixels; the authors took every fourth pixel.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from photochrom.architectures.blocks import zhang_stage
from photochrom.architectures.cards import NETWORKS
from photochrom.architectures.prediction import Prediction
from photochrom.color.bins import zhang_313


class ECCV16(nn.Module):
    """Gray ``(B, 1, H, W)``, L in 0..100, to logits ``(B, Q, H/4, W/4)``."""

    def __init__(self, *, bins: int) -> None:
        super().__init__()
        self.scale = NETWORKS["eccv16"].scale
        self.model1 = zhang_stage(1, 64, 64, stride=2)
        self.model2 = zhang_stage(64, 128, 128, stride=2)
        self.model3 = zhang_stage(128, 256, 256, 256, stride=2)
        self.model4 = zhang_stage(256, 512, 512, 512)
        self.model5 = zhang_stage(512, 512, 512, 512, dilation=2)
        self.model6 = zhang_stage(512, 512, 512, 512, dilation=2)
        self.model7 = zhang_stage(512, 512, 512, 512)
        self.model8 = nn.Sequential(
            nn.ConvTranspose2d(512, 256, 4, stride=2, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, bins, 1),
        )
        self.model_out = nn.Conv2d(bins, 2, 1, bias=False)
        self.model_out.requires_grad_(False)
        if bins == 313:
            colors = torch.from_numpy(zhang_313().T)[:, :, None, None]
            self.model_out.weight.copy_(self.scale.ab_in(colors))

    def centers(self) -> Tensor:
        """Colors of the bins ``(Q, 2)`` in Lab units, as ``model_out`` holds them."""
        centers: Tensor = self.scale.ab_out(self.model_out.weight[:, :, 0, 0].detach().T)
        return centers

    def forward(self, lightness: Tensor) -> Prediction:
        """``(B, 1, H, W)`` in 0..100, multiples of 8, to logits at a quarter of the size."""
        x = self.model4(self.model3(self.model2(self.model1(self.scale.lightness_in(lightness)))))
        return Prediction(logits=self.model8(self.model7(self.model6(self.model5(x)))))


def build(*, bins: int = 313) -> ECCV16:
    """Build the network; the paper has 313 bins."""
    return ECCV16(bins=bins)
