"""Random hints for training: some true colors revealed at a few places."""

from __future__ import annotations

import torch
from torch import Tensor

from photochrom.data.draws import Draws

MORE = 7 / 8
"""Chance that there is another point: their number is geometric, Zhang et al. 2017, section 3."""
WHOLE = 0.01
"""Chance that all colors are revealed."""
LARGEST = 9
MOST = 64


def reveal(ab: Tensor, draws: Draws, *, share: float = 1.0) -> Tensor:
    """Reveal points of ``(B, 2, H, W)`` ab as hints ``(B, 3, H, W)``: a, b, and a mask of 0 and 1.

    Zhang et al. 2017, section 3: the number of points is geometric, their places are Gaussian
    around the middle with a quarter of the side as spread, each is a square of 1 to 9 pixels with
    the mean color inside; one picture in a hundred shows everything. Only a ``share`` of the
    pictures, 0..1, is given hints at all.
    """
    count, _, height, width = ab.shape
    hints = torch.zeros(count, 3, height, width, dtype=ab.dtype, device=ab.device)
    for n, generator in enumerate(draws.generators):
        chances = torch.rand(2 + MOST, generator=generator).tolist()
        places = (torch.randn(MOST, 2, generator=generator) / 4 + 0.5).clamp(0, 1).tolist()
        sizes = torch.randint(1, LARGEST + 1, (MOST,), generator=generator).tolist()
        if chances[-1] >= share:
            continue
        if chances[0] < WHOLE:
            hints[n, :2], hints[n, 2] = ab[n], 1
            continue
        points = next((k for k in range(MOST) if chances[1 + k] >= MORE), MOST)
        for (down, across), side in zip(places[:points], sizes[:points], strict=True):
            size = min(side, height, width)
            top, left = round(down * (height - size)), round(across * (width - size))
            square = slice(top, top + size), slice(left, left + size)
            hints[n, :2, *square] = ab[n, :, *square].mean((1, 2), keepdim=True)
            hints[n, 2, *square] = 1
    return hints
