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
    """Facts about a loss; ``head`` is the kind of network it trains: "bins", "ab" or "any"."""

    name: str
    summary: str
    source: str
    module: str
    head: str


LOSSES: Registry[LossCard] = Registry("loss")
LOSSES.add(
    "cross-entropy",
    LossCard(
        name="cross-entropy",
        summary="cross-entropy over color bins, soft or hard targets, rare colors reweighted",
        source="Zhang et al. 2016, section 2.2",
        module="photochrom.losses.cross_entropy",
        head="bins",
    ),
)
LOSSES.add(
    "mean-squared-error",
    LossCard(
        name="mean-squared-error",
        summary="squared ab error, in units of (ab / 110)",
        source="the regression that every later paper compares with",
        module="photochrom.losses.mean_squared_error",
        head="ab",
    ),
)


def build_loss(name: str, **options: Any) -> nn.Module:
    """Build the loss ``name`` with its module's ``build(**options)``; imports torch."""
    card = LOSSES[name]
    loss: nn.Module = importlib.import_module(card.module).build(**options)
    return loss
