"""Near places of one gray get one color: features are averaged along edges, not across them.

Of two colors that are as likely a network takes now the one and now the other, and a plain board
breaks up into patches. Here each place is drawn towards the mean of the places that are near it
and as light: a bilateral filter (Tomasi and Manduchi 1998) whose edges are those of the lightness
(Petschnigg et al. 2004). Before a linear head this averages the logits, so that what the neighbors
hold likely multiplies: they decide together instead of meeting between two colors.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from photochrom.color.arrays import full_precision
from photochrom.errors import WrongInput

SAMPLES = 12
"""Places that are asked in each direction, whatever the size: the cost grows with the picture."""


class Coherence(nn.Module):
    """Draws features by ``share`` (0: not at all, 1: all the way) towards their neighbors' mean.

    ``reach`` and ``tones`` are the standard deviations of what counts as near, as a share of each
    side, and as equally light, in units of L. A reach far below the distance of two samples would
    show where they are.
    """

    def __init__(self, share: float, *, reach: float = 1 / 16, tones: float = 4.0) -> None:
        """Raises :class:`WrongInput` unless ``share`` is 0..1."""
        super().__init__()
        if not 0 <= share <= 1:
            message = f"coherence must be between 0 and 1, not {share!r}"
            raise WrongInput(message)
        self.share, self.reach, self.tones = share, reach, tones

    def forward(self, features: Tensor, lightness: Tensor) -> Tensor:
        """``(B, C, h, w)`` beside L ``(B, 1, H, W)`` in 0..100 to the shape of ``features``."""
        height, width = features.shape[-2:]
        asked = (SAMPLES, SAMPLES)
        with full_precision(features):
            light = _resized(lightness.float(), (height, width))
            here, there = self._coordinates(light), self._coordinates(_resized(light, asked))
            # Of -|here - there|² / 2 the rest is the same for all neighbors of a place.
            nearness = here @ there.mT - there.square().sum(-1)[:, None] / 2
            mean = nearness.softmax(-1) @ _resized(features.float(), asked).flatten(2).mT
            drawn = mean.mT.unflatten(2, (height, width))
        return torch.lerp(features, drawn.to(features), self.share)

    def _coordinates(self, light: Tensor) -> Tensor:
        """Row, column and L of every place, ``(B, N, 3)``, from ``(B, 1, h, w)``.

        In standard deviations from the middle: their products are compared, and large ones would
        lose the difference.
        """
        rows, columns = light.shape[-2:]
        y = ((torch.arange(rows).to(light) + 0.5) / rows - 0.5) / self.reach
        x = ((torch.arange(columns).to(light) + 0.5) / columns - 0.5) / self.reach
        tone = (light - 50) / self.tones
        places = [y[:, None].expand_as(light), x[None].expand_as(light), tone]
        return torch.stack(places, -1).flatten(1, -2)


def _resized(values: Tensor, size: tuple[int, int]) -> Tensor:
    return functional.interpolate(values, size=size, mode="bilinear")
