"""A critic that tells predicted from true color, and the hinge losses of both sides."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import spectral_norm

from photochrom.color.arrays import full_precision

WIDTHS = (64, 128, 256, 512)


class PatchCritic(nn.Module):
    """Lightness and ab to a verdict on every 8 x 8 pixels: above 0 for true color, below for not.

    The discriminator of 70 x 70 patches of Isola et al. 2017, with spectral norms (Miyato et al.
    2018) in place of BatchNorm. Patches, because color is judged locally, and a U-Net as DDColor's
    costs several times as much.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 3
        for width in WIDTHS[:-1]:
            layers += [nn.Conv2d(inputs, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
            inputs = width
        # Padded so that the size stays: small crops have a verdict too.
        layers += [nn.ZeroPad2d((1, 2, 1, 2)), nn.Conv2d(inputs, WIDTHS[-1], 4), nn.LeakyReLU(0.2)]
        layers += [nn.ZeroPad2d((1, 2, 1, 2)), nn.Conv2d(WIDTHS[-1], 1, 4)]
        self.layers = nn.Sequential(*layers)
        self.convolutions = [m for m in layers if isinstance(m, nn.Conv2d)]
        for convolution in self.convolutions:
            spectral_norm(convolution)

    def forward(self, colored: Tensor) -> Tensor:
        """``(B, 3, H, W)``, scaled to about -1..1, to ``(B, 1, H / 8, W / 8)``."""
        with parametrize.cached():
            # Norms are estimated step by step over a whole training: rounded, they would drift.
            with full_precision(colored):
                for convolution in self.convolutions:
                    _ = convolution.weight
            verdicts: Tensor = self.layers(colored)
        return verdicts


def critic_loss(true: Tensor, predicted: Tensor) -> Tensor:
    """Hinge loss of the critic from its verdicts: 1 for one that cannot tell, 0 at its best."""
    wrong = torch.relu(1 - true.float()).mean() + torch.relu(1 + predicted.float()).mean()
    return wrong / 2


def deception_loss(predicted: Tensor) -> Tensor:
    """What the generator lowers: minus the mean verdict on what it predicted."""
    return -predicted.float().mean()
