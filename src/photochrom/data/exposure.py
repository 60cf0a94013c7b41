"""The lightness that a network is trained on: varied as films, scanners and printers do."""

from __future__ import annotations

import torch
from torch import Tensor

from photochrom.data.draws import Draws
from photochrom.data.film import film_lightness
from photochrom.data.film_config import Film


def training_lightness(
    rgb: Tensor, lightness: Tensor, draws: Draws, *, film: Film, noise: float, tone: float
) -> Tensor:
    """What a network sees of crops in training; the colors to be found stay the clean picture's.

    Args:
        rgb: sRGB ``(B, F, 3, H, W)`` in 0..1, of F consecutive frames.
        lightness: its L ``(B, F, H, W)`` in 0..100.
        draws: the pictures' random numbers.
        film: see :func:`photochrom.data.film.film_lightness`, which comes first and is the same in
            all frames; noise is each frame's own.
        noise: see :func:`vary_exposure`.
        tone: the same.

    Returns:
        ``(B, F, H, W)`` in 0..100.
    """
    if film.probability:
        frames = [
            film_lightness(rgb[:, frame], lightness[:, frame : frame + 1], same, film)
            for frame, same in enumerate(draws.twins(lightness.shape[1]))
        ]
        lightness = torch.cat(frames, 1)
    if noise or tone:
        lightness = vary_exposure(lightness, draws, noise=noise, tone=tone)
    return lightness


def vary_exposure(lightness: Tensor, draws: Draws, *, noise: float, tone: float) -> Tensor:
    """Change contrast curve and add noise, by picture, on half of the pictures each.

    Args:
        lightness: ``(B, F, H, W)`` in 0..100, of F frames with noise of their own.
        draws: the pictures' random numbers.
        noise: largest standard deviation of the Gaussian noise, in units of L.
        tone: largest strength of the gamma, as its logarithm; 0.3 is a gamma of 0.74 to 1.35.

    Returns:
        The same shape, in 0..100.
    """
    draw = draws.uniform(4, 1, 1, 1).movedim(1, 0).to(lightness.device)
    gamma = torch.exp((draw[0] * 2 - 1) * tone * (draw[1] < 0.5))
    varied = (lightness / 100).clamp(0, 1) ** gamma * 100
    grain = draws.normal(*lightness.shape[1:]).to(lightness.device)
    return (varied + grain * noise * draw[2] * (draw[3] < 0.5)).clamp(0, 100)
