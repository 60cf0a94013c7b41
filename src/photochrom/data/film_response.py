"""How a film sees colors and renders light: spectral response, toe and shoulder, fading.

Weights are those of linear red, green and blue in the exposure of the film. They were chosen here
from where the sensitivity of each kind of emulsion ends: silver halide alone at about 500 nm,
orthochromatic at 590, panchromatic at 660 and beyond, where it exceeds the eye's in blue and red.
"""

from __future__ import annotations

import torch
from torch import Tensor

from photochrom.color.spaces import RGB_TO_XYZ, rgb_to_linear_rgb
from photochrom.data.draws import Draws

EYE: tuple[float, ...] = tuple(RGB_TO_XYZ[1].tolist())
STOCKS: dict[str, tuple[float, float, float]] = {
    "blue-sensitive": (0.0, 0.08, 0.92),
    "orthochromatic": (0.02, 0.53, 0.45),
    "panchromatic": (0.31, 0.36, 0.33),
    "panchromatic, yellow filter": (0.42, 0.52, 0.06),
    "panchromatic, red filter": (0.90, 0.09, 0.01),
}


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


def expose(rgb: Tensor, weights: Tensor) -> Tensor:
    """Exposure ``(B, 1, H, W)`` in 0..1 of sRGB ``(B, 3, H, W)`` in 0..1 by ``weights`` ``(B, 3)``.

    A gray of whatever level gives its own linear level, whatever the weights.
    """
    weights = weights.to(rgb).reshape(-1, 3, 1, 1)
    exposure: Tensor = (rgb_to_linear_rgb(rgb) * weights).sum(1, keepdim=True)
    return exposure


def meter(exposure: Tensor, brightness: Tensor) -> Tensor:
    """Set the exposure as a photographer would: a film that sees less of a scene gets more light.

    Args:
        exposure: ``(B, 1, H, W)`` in 0..1.
        brightness: the mean exposure ``(B, 1, 1, 1)`` that it should come near to.

    Returns:
        The same shape, in 0..1: black and white stay, tones keep their order, and a picture that
        has the brightness already is unchanged.
    """
    mean = exposure.mean((1, 2, 3), keepdim=True)
    gain = ((brightness + 1e-3) / (mean + 1e-3)).clamp(1 / 4, 4)
    return gain * exposure / (1 + (gain - 1) * exposure)


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
