"""Varies the lightness that a network sees, as scanners, films and printers do."""

from __future__ import annotations

import torch
from torch import Tensor

from photochrom.data.draws import Draws


def vary_exposure(lightness: Tensor, draws: Draws, *, noise: float, tone: float) -> Tensor:
    """Change contrast curve and add noise, by picture, on half of the pictures each.

    Args:
        lightness: ``(B, 1, H, W)`` in 0..100.
        draws: the pictures' random numbers.
        noise: largest standard deviation of the Gaussian noise, in units of L.
        tone: largest strength of the gamma, as its logarithm; 0.3 is a gamma of 0.74 to 1.35.

    Returns:
        The same shape, in 0..100. The colors to be found stay those of the clean picture.
    """
    draw = draws.uniform(4, 1, 1, 1).movedim(1, 0).to(lightness.device)
    gamma = torch.exp((draw[0] * 2 - 1) * tone * (draw[1] < 0.5))
    varied = (lightness / 100).clamp(0, 1) ** gamma * 100
    grain = draws.normal(*lightness.shape[1:]).to(lightness.device)
    return (varied + grain * noise * draw[2] * (draw[3] < 0.5)).clamp(0, 100)
