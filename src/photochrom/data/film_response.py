"""How a film renders light beside its stock's response: mixes of stocks, toe, shoulder, fading."""

from __future__ import annotations

import torch
from torch import Tensor

from photochrom.data.draws import Draws
from photochrom.data.film_stocks import EYE, STOCKS


def draw_weights(draws: Draws, *, response: float) -> Tensor:
    """Weights ``(B, 3)`` of linear R, G and B, none negative, each row of sum 1.

    Half of them lie between the eye's and those of a stock, half between the eye's and any mix of
    the three, drawn evenly; ``response`` 0..1 is how far from the eye's they go at most.
    """
    stocks = torch.tensor(list(STOCKS.values()))
    draw = draws.uniform(6, 1).movedim(1, 0)
    known = stocks[(draw[0, :, 0] * len(stocks)).long().clamp(max=len(stocks) - 1)]
    # Logarithms of uniform numbers, divided by their sum, are even on the triangle of mixes.
    logarithms = -torch.cat([draw[1], draw[2], draw[3]], 1).clamp_min(1e-6).log()
    mixed = logarithms / logarithms.sum(1, keepdim=True)
    film = torch.where(draw[4] < 0.5, known, mixed)
    # Towards the film more often than not: old emulsions are far from the eye.
    share = response * draw[5].sqrt()
    return torch.lerp(torch.tensor(EYE).expand(len(draws), 3), film, share)


def tone(lightness: Tensor, toe: Tensor, shoulder: Tensor) -> Tensor:
    """A characteristic curve on L in 0..100 that keeps black and white.

    ``1 - (1 - t^toe)^shoulder`` (the distribution function of Kumaraswamy 1980) rises everywhere;
    a ``toe`` above 1 presses shadows together and below 1 opens them, ``shoulder`` does with lights
    what it does with shadows. Both are positive, ``(B, 1, 1, 1)``.
    """
    t = (lightness / 100).clamp(0, 1)
    return 100 * (1 - (1 - t**toe).clamp(0, 1) ** shoulder)


def fade(lightness: Tensor, black: Tensor, white: Tensor) -> Tensor:
    """Press 0..100 into ``black`` .. ``white``, each ``(B, 1, 1, 1)`` in units of L."""
    return black + lightness * (white - black) / 100
