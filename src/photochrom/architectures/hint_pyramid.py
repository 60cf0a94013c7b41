"""Hinted colors as feature maps at several strides, exactly zero where nothing is hinted."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

SPREAD = 50.0
"""Ab in Lab units that the maps call 1: a strong color."""


class HintPyramid(nn.Module):
    """``(B, 3, H, W)`` hints, as in :mod:`photochrom.data.hints`, to one map for each width.

    Each map holds what the mean hinted color near a place asks for. No bias anywhere, so that maps
    without hints are zero and a network that adds them is then the network without them; the last
    convolutions begin at zero, so that training can begin with such a network.
    """

    def __init__(self, widths: tuple[int, ...], *, first: int, hidden: int = 32) -> None:
        """``widths`` of the maps at the strides ``first``, ``2 first``, ``4 first`` and so on."""
        super().__init__()
        self.first = first
        self.near = nn.ModuleList(nn.Conv2d(3, hidden, 3, padding=1, bias=False) for _ in widths)
        self.out = nn.ModuleList(_silent(hidden, width) for width in widths)

    def forward(self, hints: Tensor) -> list[Tensor]:
        """Maps of the sizes of an encoder's, which round up."""
        mask = hints[:, 2:]
        pooled = torch.cat([hints[:, :2] * mask / SPREAD, mask], 1)
        stride = 1
        maps: list[Tensor] = []
        for near, out in zip(self.near, self.out, strict=True):
            while stride < self.first << len(maps):
                pooled = functional.avg_pool2d(pooled, 3, stride=2, padding=1)
                stride *= 2
            # A point of one pixel counts half of an area that is hinted all over.
            weight = pooled[:, 2:] + stride**-2
            present = pooled[:, 2:] / weight
            colored = torch.cat([pooled[:, :2] / weight, present], 1)
            maps.append(out(functional.relu(near(colored))))
        return maps


def _silent(hidden: int, width: int) -> nn.Conv2d:
    layer = nn.Conv2d(hidden, width, 1, bias=False)
    nn.init.zeros_(layer.weight)
    return layer
