"""What is known of each network without building it: no torch here."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from photochrom.color.scale import Scale
from photochrom.registry import Registry

if TYPE_CHECKING:
    from torch import nn

IMAGENET_GRAY = Scale(lightness_center=44.9, lightness_span=22.6)
"""Gray as an encoder with ImageNet's normalization expects it: its three means and spreads
averaged (0.449, 0.226), with L / 100 standing in for the gray value."""


@dataclass(frozen=True)
class NetworkCard:
    """Facts about an architecture.

    Attributes: ``head`` is "ab" or "uv" (color itself), "bins" (logits over bins of ab) or
    "uv-bins" (over bins of U and of V); ``stride`` is input size over output size; height and
    width must be multiples of ``multiple_of``; ``working_size`` is the shorter side, in pixels,
    at which its source shows it pictures; ``parameters`` counts them at the default options;
    ``source`` says who described it.
    """

    name: str
    summary: str
    source: str
    module: str
    head: str
    scale: Scale
    stride: int
    multiple_of: int
    parameters: int
    working_size: int = 256

    @property
    def has_bins(self) -> bool:
        """Whether it is built for a bin system."""
        return self.head in ("bins", "uv-bins")


NETWORKS: Registry[NetworkCard] = Registry("network")
NETWORKS.add(
    "photochrom",
    NetworkCard(
        name="photochrom",
        summary="MobileNetV2 encoder, global context, residual decoder to 1/4 size, bins head",
        source="this project",
        module="photochrom.architectures.photochrom",
        head="bins",
        scale=IMAGENET_GRAY,
        stride=4,
        multiple_of=32,
        parameters=5_964_065,
    ),
)


def build_network(name: str, **options: Any) -> nn.Module:
    """Build the network ``name`` with its module's ``build(**options)``; imports torch."""
    card = NETWORKS[name]
    network: nn.Module = importlib.import_module(card.module).build(**options)
    return network
