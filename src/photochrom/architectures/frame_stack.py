"""Stacks of consecutive frames: any network, its first layer widened to see its neighbors in time.

The middle frame (of an even number the later of the two) is the one that is colored.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from photochrom.architectures.encoders import Embedding
from photochrom.errors import WrongInput


def middle(stack: Tensor) -> Tensor:
    """The frame that is colored: ``(B, F, H, W)`` to ``(B, 1, H, W)``."""
    place = stack.shape[1] // 2
    return stack[:, place : place + 1]


def as_stack(lightness: Tensor, frames: int) -> Tensor:
    """``(B, F, H, W)`` as it is; a still picture ``(B, 1, H, W)`` as frames without motion."""
    return lightness.expand(-1, frames, -1, -1) if lightness.shape[1] != frames else lightness


def widen(network: nn.Module, frames: int) -> nn.Module:
    """Let every layer that sees the picture see ``frames`` of them, in place.

    The middle frame keeps the layer's weights and the others begin at zero, so that a pretrained
    network is what it was. Frozen classifiers still see the middle frame alone. Raises
    :class:`WrongInput` if no layer sees a picture.
    """
    if frames == 1:
        return network
    layers = _layers_that_see(network)
    if not layers:
        message = f"{type(network).__name__} has no first convolution to widen to {frames} frames"
        raise WrongInput(message)
    for name, layer in layers.items():
        parent, _, child = name.rpartition(".")
        setattr(network.get_submodule(parent), child, _widened(layer, frames))
    network.frames = frames  # type: ignore[assignment]
    return network


def _layers_that_see(network: nn.Module) -> dict[str, nn.Conv2d]:
    """Convolutions of one channel; else the very first, which takes hints beside the lightness."""
    frozen = [f"{name}." for name, m in network.named_modules() if isinstance(m, Embedding)]
    convolutions = {
        name: module
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d) and not name.startswith(tuple(frozen))
    }
    seeing = {name: layer for name, layer in convolutions.items() if layer.in_channels == 1}
    if seeing:
        return seeing
    return {n: layer for n, layer in list(convolutions.items())[:1] if layer.in_channels == 4}


def _widened(layer: nn.Conv2d, frames: int) -> nn.Conv2d:
    # A copy, because some backbones have convolutions of their own kind.
    wide = copy.deepcopy(layer)
    hints = layer.in_channels - 1
    wide.in_channels = frames + hints
    weight = torch.zeros(layer.out_channels, frames + hints, *layer.kernel_size)
    with torch.no_grad():
        weight[:, frames // 2] = layer.weight[:, 0]
        weight[:, frames:] = layer.weight[:, 1:]
    wide.weight = nn.Parameter(weight)
    return wide
