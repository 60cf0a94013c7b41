"""Random hints for training: some true colors revealed at a few places."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

MORE = 7 / 8
"""Chance that there is another point: their number is geometric, Zhang et al. 2017, section 3."""
WHOLE = 0.01
"""Chance that all colors are revealed."""
LARGEST = 9
MOST = 64


def reveal(ab: Tensor, generator: torch.Generator) -> Tensor:
    """Reveal points of ``(B, 2, H, W)`` ab as hints ``(B, 3, H, W)``: a, b, and a mask of 0 and 1.

    Zhang et al. 2017, section 3: the number of points is geometric, their places are Gaussian
    around the middle with a quarter of the side as spread, each is a square of 1 to 9 pixels with
    the mean color inside; one picture in a hundred shows everything. Draws are made on the CPU.
    """
    count, _, height, width = ab.shape
    hints = torch.zeros(count, 3, height, width, dtype=ab.dtype, device=ab.device)
    draws = torch.rand(count, 1 + MOST, generator=generator)
    places = torch.randn(count, MOST, 2, generator=generator) / 4 + 0.5
    sizes = torch.randint(1, LARGEST + 1, (count, MOST), generator=generator)
    for n in range(count):
        if draws[n, 0] < WHOLE:
            hints[n, :2], hints[n, 2] = ab[n], 1
            continue
        for k in range(MOST):
            if draws[n, 1 + k] >= MORE:
                break
            size = min(int(sizes[n, k]), height, width)
            top = int((places[n, k, 0].clamp(0, 1) * (height - size)).round())
            left = int((places[n, k, 1].clamp(0, 1) * (width - size)).round())
            patch = (n, slice(None), slice(top, top + size), slice(left, left + size))
            hints[patch][:2] = functional.adaptive_avg_pool2d(ab[patch], 1)
            hints[patch][2] = 1
    return hints
