"""Pretrained encoders for gray input: any of timm's, and torchvision's AlexNet.

The contract: ``encoder(L)`` takes ``(B, 1, H, W)``, L in 0..100, normalizes it as the backbone was
trained, and returns feature maps at growing strides; ``channels`` are their widths.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from photochrom.backbones.creation import create_backbone
from photochrom.color.scale import Scale
from photochrom.errors import WrongInput


class Encoder(nn.Module):
    """A backbone that returns its maps at the asked strides, and its final features if asked."""

    channels: tuple[int, ...]

    def __init__(
        self,
        name: str,
        *,
        strides: tuple[int, ...] = (4, 8, 16),
        partial: bool = False,
        deepest: bool = True,
        pretrained: str = "timm",
        frozen: int = 0,
    ) -> None:
        """Create the backbone.

        Args:
            name: as in timm, or "alexnet".
            strides: where maps are taken, the last layer before each reduction; also an attribute.
            partial: leave out strides at which the backbone has no map, all but the last.
            deepest: whether the network's final features (stride 32) follow them; if not, the
                layers after the last map are left out.
            pretrained: "timm" (downloaded), "none", or the path of a safetensors file.
            frozen: layers up to this stride keep their pretrained weights and statistics. Edges
                and textures are the same in every picture, and at stride 4 they are half of a
                training step on a CPU.
        """
        super().__init__()
        self.backbone = create_backbone(name, pretrained)
        reductions = [info["reduction"] for info in self.backbone.feature_info]
        if partial:
            strides = tuple(s for s in strides if s in reductions or s == strides[-1])
        if not set(strides) <= set(reductions):
            message = (
                f"the encoder {name} gives no maps at the strides {', '.join(map(str, strides))}"
            )
            raise WrongInput(message)
        self.scale, self.strides = _scale(self.backbone), strides
        self.indices = [max(i for i, r in enumerate(reductions) if r == s) for s in strides]
        widths = [self.backbone.feature_info[i]["num_chs"] for i in self.indices]
        self.deepest = deepest
        self.channels = (*widths, self.backbone.num_features) if deepest else tuple(widths)
        if not deepest:
            self.backbone.prune_intermediate_layers(self.indices)
            reductions = reductions[: max(self.indices) + 1]
        self.frozen = _first_layers(self.backbone, reductions, frozen)
        for module in self.frozen:
            module.requires_grad_(False)

    def train(self, mode: bool = True) -> Encoder:
        """Frozen layers stay in evaluation mode."""
        super().train(mode)
        for module in self.frozen:
            module.eval()
        return self

    def forward(self, lightness: Tensor) -> list[Tensor]:
        """``(B, 1, H, W)`` in 0..100 to one map for each stride, then the final features."""
        x = self.scale.lightness_in(lightness)
        if not self.deepest:
            maps: list[Tensor] = self.backbone.forward_intermediates(
                x, indices=self.indices, intermediates_only=True, stop_early=True
            )
            return maps
        deepest, maps = self.backbone.forward_intermediates(x, indices=self.indices)
        return [*maps, deepest]


class Embedding(nn.Module):
    """A frozen classifier whose class scores say what a picture shows."""

    def __init__(self, name: str, *, pretrained: str = "timm") -> None:
        """As for :class:`Encoder`; ``size`` is the number of classes."""
        super().__init__()
        self.backbone = create_backbone(name, pretrained, classes=1000)
        self.backbone.requires_grad_(False)
        self.scale = _scale(self.backbone)
        self.size = 1000

    def train(self, mode: bool = True) -> Embedding:
        """Stays in evaluation mode."""
        super().train(mode)
        self.backbone.eval()
        return self

    def forward(self, lightness: Tensor) -> Tensor:
        """``(B, 1, H, W)`` in 0..100 to ``(B, size)``; of several frames it sees the middle one."""
        place = lightness.shape[1] // 2
        seen = self.scale.lightness_in(lightness[:, place : place + 1])
        with torch.no_grad():
            scores: Tensor = self.backbone(seen)
        return scores


def _scale(backbone: Any) -> Scale:
    """Gray as the backbone was trained on RGB: its means and spreads averaged over channels."""
    mean, std = backbone.default_cfg["mean"], backbone.default_cfg["std"]
    return Scale(lightness_center=100 * sum(mean) / 3, lightness_span=100 * sum(std) / 3)


def _first_layers(backbone: Any, reductions: list[int], stride: int) -> list[nn.Module]:
    """The layers up to the end of the last stage of at most this stride, in order."""
    stages = [i for i, reduction in enumerate(reductions) if reduction <= stride]
    if not stages:
        return []
    modules = list(backbone.named_modules())
    if stages[-1] == len(reductions) - 1:
        # With the deepest stage, what follows it.
        return [m for _, m in modules if list(m.parameters(recurse=False))]
    last = backbone.feature_info[stages[-1]]["module"]
    end = max(i for i, (name, _) in enumerate(modules) if f"{name}.".startswith(f"{last}."))
    return [m for _, m in modules[: end + 1] if list(m.parameters(recurse=False))]
