"""``siggraph17``: Zhang et al. 2017, "Real-Time User-Guided Image Colorization", names as released.

Takes hints beside the lightness. The release has a classification branch over 529 bins, which the
authors trained first and whose output inference does not use; it is kept for the weights' sake.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from photochrom.architectures.blocks import zhang_stage
from photochrom.architectures.cards import NETWORKS
from photochrom.architectures.prediction import Prediction

CLASSES = 529


class SIGGRAPH17(nn.Module):
    """``(B, 4, H, W)``: L, the hinted a and b, their mask; or L alone; to ab ``(B, 2, H, W)``."""

    frames = 1

    def __init__(self) -> None:
        super().__init__()
        self.scale = NETWORKS["siggraph17"].scale
        self.model1 = zhang_stage(4, 64, 64)
        self.model2 = zhang_stage(64, 128, 128)
        self.model3 = zhang_stage(128, 256, 256, 256)
        self.model4 = zhang_stage(256, 512, 512, 512)
        self.model5 = zhang_stage(512, 512, 512, 512, dilation=2)
        self.model6 = zhang_stage(512, 512, 512, 512, dilation=2)
        self.model7 = zhang_stage(512, 512, 512, 512)
        self.model8up = nn.Sequential(nn.ConvTranspose2d(512, 256, 4, stride=2, padding=1))
        self.model3short8 = nn.Sequential(nn.Conv2d(256, 256, 3, padding=1))
        self.model8 = nn.Sequential(nn.ReLU(), *zhang_stage(256, 256, 256))
        self.model9up = nn.Sequential(nn.ConvTranspose2d(256, 128, 4, stride=2, padding=1))
        self.model2short9 = nn.Sequential(nn.Conv2d(128, 128, 3, padding=1))
        self.model9 = nn.Sequential(nn.ReLU(), *zhang_stage(128, 128))
        self.model10up = nn.Sequential(nn.ConvTranspose2d(128, 128, 4, stride=2, padding=1))
        self.model1short10 = nn.Sequential(nn.Conv2d(64, 128, 3, padding=1))
        self.model10 = nn.Sequential(
            nn.ReLU(), nn.Conv2d(128, 128, 3, padding=1), nn.LeakyReLU(0.2)
        )
        self.model_class = nn.Sequential(nn.Conv2d(256, CLASSES, 1))
        self.model_class.requires_grad_(False)
        self.model_out = nn.Sequential(nn.Conv2d(128, 2, 1), nn.Tanh())

    def forward(self, lightness: Tensor) -> Prediction:
        """L in 0..100, hints in Lab units beside their 0 or 1; multiples of 8; to ab."""
        x = self.scale.lightness_in(lightness[:, : self.frames])
        hints = lightness[:, self.frames :]
        if hints.shape[1]:
            x = torch.cat([x, self.scale.ab_in(hints[:, :2]), hints[:, 2:]], 1)
        else:
            x = functional.pad(x, (0, 0, 0, 0, 0, 3))
        first = self.model1(x)
        second = self.model2(first[:, :, ::2, ::2])
        third = self.model3(second[:, :, ::2, ::2])
        x = self.model4(third[:, :, ::2, ::2])
        x = self.model7(self.model6(self.model5(x)))
        x = self.model8(self.model8up(x) + self.model3short8(third))
        x = self.model9(self.model9up(x) + self.model2short9(second))
        x = self.model10(self.model10up(x) + self.model1short10(first))
        return Prediction(ab=self.scale.ab_out(self.model_out(x)))


def build() -> SIGGRAPH17:
    """Build the network; it has no options."""
    return SIGGRAPH17()
