"""Pretrained encoders from timm, for gray input.

The contract: ``encoder(x)`` takes ``(B, 1, H, W)`` and returns feature maps at growing strides,
``channels`` their widths, the last being the network's deepest features.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from photochrom.backbones.creation import create_backbone
from photochrom.errors import WrongInput


class Encoder(nn.Module):
    """A timm backbone that returns its maps at strides 4, 8 and 16 and its final features."""

    channels: tuple[int, ...]

    def __init__(
        self, name: str = "mobilenetv2_100", *, pretrained: str = "timm", frozen: int = 0
    ) -> None:
        """Create the backbone.

        Args:
            name: as in timm.
            pretrained: "timm" (downloaded), "none", or the path of a safetensors file.
            frozen: layers up to this stride keep their pretrained weights and statistics. Edges
                and textures are the same in every picture, and at stride 4 they are half of a
                training step on a CPU.
        """
        super().__init__()
        self.backbone = create_backbone(name, pretrained)
        reductions = [info["reduction"] for info in self.backbone.feature_info]
        if not {4, 8, 16} <= set(reductions):
            message = f"the encoder {name} gives no maps at the strides 4, 8 and 16"
            raise WrongInput(message)
        self.frozen = _first_layers(self.backbone, reductions, frozen)
        for module in self.frozen:
            module.requires_grad_(False)
        self.indices = [max(i for i, r in enumerate(reductions) if r == s) for s in (4, 8, 16)]
        widths = [self.backbone.feature_info[i]["num_chs"] for i in self.indices]
        self.channels = (*widths, self.backbone.num_features)

    def train(self, mode: bool = True) -> Encoder:
        """Frozen layers stay in evaluation mode."""
        super().train(mode)
        for module in self.frozen:
            module.eval()
        return self

    def forward(self, x: Tensor) -> list[Tensor]:
        """``(B, 1, H, W)`` to four maps, strides 4, 8, 16 and 32."""
        deepest, maps = self.backbone.forward_intermediates(x, indices=self.indices)
        return [*maps, deepest]


def _first_layers(backbone: Any, reductions: list[int], stride: int) -> list[nn.Module]:
    """The layers up to the end of the last stage of at most this stride, in order."""
    stages = [i for i, reduction in enumerate(reductions) if reduction <= stride]
    if not stages:
        return []
    last = backbone.feature_info[stages[-1]]["module"]
    modules = list(backbone.named_modules())
    end = max(i for i, (name, _) in enumerate(modules) if f"{name}.".startswith(f"{last}."))
    return [m for _, m in modules[: end + 1] if list(m.parameters(recurse=False))]
