"""``colorunet``: a U-Net over 32 chosen bins for every pixel (Billaut et al. 2018).

Its figure is lost. Chosen: the U-Net of Ronneberger et al. 2015 that it names, four reductions,
two 3x3 convolutions at each size, transposed convolutions and concatenated skips; half of that
network's widths, for a set of 13,000 pictures; BatchNorm and padding, which the original lacked.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from photochrom.architectures.blocks import convolution
from photochrom.architectures.cards import NETWORKS
from photochrom.architectures.prediction import Prediction
from photochrom.errors import WrongInput

REDUCTIONS = 4


class ColorUNet(nn.Module):
    """Gray ``(B, 1, H, W)``, L in 0..100, to logits ``(B, Q, H, W)``."""

    def __init__(self, *, bins: int, widths: tuple[int, ...] = (32, 64, 128, 256, 512)) -> None:
        """``widths`` are the channels at each size, from the picture's down: at most five."""
        super().__init__()
        if not 1 <= len(widths) <= 1 + REDUCTIONS:
            message = f"widths must be 1 to {1 + REDUCTIONS} numbers, not {widths!r}"
            raise WrongInput(message)
        self.scale = NETWORKS["colorunet"].scale
        self.down = nn.ModuleList(
            _pair(inputs, outputs) for inputs, outputs in zip((1, *widths), widths, strict=False)
        )
        self.up, self.merge = nn.ModuleList(), nn.ModuleList()
        for deep, skip in zip(widths[:0:-1], widths[-2::-1], strict=True):
            self.up.append(nn.ConvTranspose2d(deep, skip, 2, stride=2))
            self.merge.append(_pair(2 * skip, skip))
        self.head = nn.Conv2d(widths[0], bins, 1)

    def forward(self, lightness: Tensor) -> Prediction:
        """``(B, 1, H, W)`` in 0..100 to logits of the same size."""
        x = self.scale.lightness_in(lightness)
        skips: list[Tensor] = []
        for number, block in enumerate(self.down):
            x = block(nn.functional.max_pool2d(x, 2) if number else x)
            skips.append(x)
        for up, merge, skip in zip(self.up, self.merge, skips[-2::-1], strict=True):
            x = merge(torch.cat([up(x), skip], 1))
        return Prediction(logits=self.head(x))


def _pair(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(convolution(inputs, outputs, 3), convolution(outputs, outputs, 3))


def build(*, bins: int = 32, **options: object) -> ColorUNet:
    """Build the network; the document has 32 bins."""
    return ColorUNet(bins=bins, **options)  # type: ignore[arg-type]
