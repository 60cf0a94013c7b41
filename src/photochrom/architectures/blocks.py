"""Groups of layers that several networks are made of."""

from __future__ import annotations

from itertools import pairwise

from torch import nn


def convolution(inputs: int, outputs: int, size: int, *, stride: int = 1) -> nn.Sequential:
    """Convolution, BatchNorm, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def zhang_stage(*widths: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    """Zhang et al. 2016 and 2017: 3x3 convolutions with ReLU between ``widths``, then BatchNorm.

    The last convolution has the stride. Layers are numbered as in the released weights.
    """
    layers: list[nn.Module] = []
    for number, (inputs, outputs) in enumerate(pairwise(widths), 2):
        step = stride if number == len(widths) else 1
        layers += [
            nn.Conv2d(inputs, outputs, 3, stride=step, padding=dilation, dilation=dilation),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers, nn.BatchNorm2d(widths[-1]))
