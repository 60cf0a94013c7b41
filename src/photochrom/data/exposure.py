"""The lightness that a network is trained on: varied as films, scanners and printers do."""

from __future__ import annotations

import torch
from torch import Tensor

from photochrom.data.film import film_lightness
from photochrom.data.film_config import Film


def training_lightness(
    rgb: Tensor,
    lightness: Tensor,
    generator: torch.Generator,
    *,
    film: Film,
    noise: float,
    tone: float,
) -> Tensor:
    """What a network sees of crops in training; the colors to be found stay the clean picture's.

    Args:
        rgb: sRGB ``(B, 3, H, W)`` in 0..1.
        lightness: its L ``(B, 1, H, W)`` in 0..100.
        generator: source of all draws, on the CPU.
        film: see :func:`photochrom.data.film.film_lightness`, which comes first.
        noise: see :func:`vary_exposure`.
        tone: the same.

    Returns:
        ``(B, 1, H, W)`` in 0..100.
    """
    lightness = film_lightness(rgb, lightness, generator, film)
    if noise or tone:
        lightness = vary_exposure(lightness, generator, noise=noise, tone=tone)
    return lightness


def vary_exposure(
    lightness: Tensor, generator: torch.Generator, *, noise: float, tone: float
) -> Tensor:
    """Change contrast curve and add noise, by picture, on half of the pictures each.

    Args:
        lightness: ``(B, 1, H, W)`` in 0..100.
        generator: source of the draws, on the CPU whatever the device, so that runs repeat.
        noise: largest standard deviation of the Gaussian noise, in units of L.
        tone: largest strength of the gamma, as its logarithm; 0.3 is a gamma of 0.74 to 1.35.

    Returns:
        The same shape, in 0..100.
    """
    count = len(lightness)
    draw = torch.rand(4, count, 1, 1, 1, generator=generator).to(lightness.device)
    gamma = torch.exp((draw[0] * 2 - 1) * tone * (draw[1] < 0.5))
    varied = (lightness / 100).clamp(0, 1) ** gamma * 100
    grain = torch.randn(lightness.shape, generator=generator).to(lightness.device)
    return (varied + grain * noise * draw[2] * (draw[3] < 0.5)).clamp(0, 100)
