"""The losses by name; no torch here."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from photochrom.registry import Registry

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class LossCard:
    """Facts about a loss.

    ``compares`` is what its ``forward(predicted, true)`` takes: "bins" (logits, and ab at their
    size, with ``centers`` and ``prior``), "uv-bins" (likewise for U and V), or, for networks with
    any head, "ab" (Lab units), "uv" (BT.601), both at the network's output size, or "rgb" (0..1,
    at the full size of the picture). ``forward`` returns the loss by the name of each part.
    """

    name: str
    summary: str
    source: str
    module: str
    compares: str

    def trains(self, head: str) -> bool:
        """Whether a network with this head can be trained with it."""
        return self.compares not in ("bins", "uv-bins") or self.compares == head


LOSSES: Registry[LossCard] = Registry("loss")
LOSSES.add(
    "cross-entropy",
    LossCard(
        name="cross-entropy",
        summary="cross-entropy over color bins, soft or hard targets, rare colors reweighted",
        source="Zhang et al. 2016, section 2.2",
        module="photochrom.losses.cross_entropy",
        compares="bins",
    ),
)
LOSSES.add(
    "mean-squared-error",
    LossCard(
        name="mean-squared-error",
        summary="squared ab error, in units of (ab / 110)",
        source="the regression that every later paper compares with",
        module="photochrom.losses.mean_squared_error",
        compares="ab",
    ),
)


def build_loss(name: str, **options: Any) -> nn.Module:
    """Build the loss ``name`` with its module's ``build(**options)``; imports torch."""
    card = LOSSES[name]
    loss: nn.Module = importlib.import_module(card.module).build(**options)
    return loss
