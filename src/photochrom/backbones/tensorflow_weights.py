"""Weights that TensorFlow trained, in timm's plain network of the same name.

timm runs such weights in networks of their own, ``tf_...``, that pad one side more than the other
by the picture's size: an exported graph would have to work that out for every picture. The plain
network pads both sides. What it sees is shifted by a pixel where it halves the size, which
training on gray makes good; all else is the same function.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def tensorflow_twin(name: str) -> str | None:
    """The name under which timm has weights for a network that it has none for."""
    import timm

    twin = f"tf_{name}"
    lacks = not timm.get_pretrained_cfg(name).has_weights
    return twin if lacks and timm.is_model(twin) else None


def adapted(twin: Any, network: Any) -> dict[str, Tensor]:
    """State of ``twin`` for ``network``: its own input scale and BatchNorm's epsilon undone.

    Both are timm's and of the same layers; the first of them is a convolution, then a BatchNorm.
    """
    state = {key: value.clone() for key, value in twin.state_dict().items()}
    for (key, theirs), ours in zip(_norms(twin), (m for _, m in _norms(network)), strict=True):
        state[f"{key}.running_var"] += theirs.eps - ours.eps
    stem = next(k for k, m in twin.named_modules() if isinstance(m, nn.Conv2d))
    weight = state[f"{stem}.weight"]
    scale, shift = _between(network.default_cfg, twin.default_cfg, weight)
    first = next(iter(_norms(twin)))[0]
    # (x - mean) / std as they take it is scale * ours + shift.
    state[f"{first}.running_mean"] -= (weight * shift).sum((1, 2, 3))
    state[f"{stem}.weight"] = weight * scale
    return state


def _norms(network: nn.Module) -> list[tuple[str, nn.BatchNorm2d]]:
    return [(k, m) for k, m in network.named_modules() if isinstance(m, nn.BatchNorm2d)]


def _between(ours: Any, theirs: Any, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Scale and shift of each input channel; of their mean where there is one channel."""
    mean, std, their_mean, their_std = (
        torch.tensor(config[key], dtype=weight.dtype)[None, :, None, None]
        for config in (ours, theirs)
        for key in ("mean", "std")
    )
    if weight.shape[1] == 1:
        mean, std, their_mean, their_std = (
            values.mean(1, keepdim=True) for values in (mean, std, their_mean, their_std)
        )
    return std / their_std, (mean - their_mean) / their_std
