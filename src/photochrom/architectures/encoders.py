"""Pretrained encoders for gray input: any of timm's, and torchvision's AlexNet.

The contract: ``encoder(L)`` takes ``(B, 1, H, W)``, L in 0..100, normalizes it as the backbone was
trained, and returns feature maps at growing strides; ``channels`` are their widths.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from photochrom.color.scale import Scale
from photochrom.errors import MissingExtra, ModelError, UnknownName, WrongInput
from photochrom.torchvision_operators import declare_torchvision_operators

_LEFT_OUT = ("classifier", "fc.", "head.", "pre_logits.")


class Encoder(nn.Module):
    """A backbone that returns its maps at the asked strides, and its final features if asked."""

    channels: tuple[int, ...]

    def __init__(
        self,
        name: str,
        *,
        strides: tuple[int, ...] = (4, 8, 16),
        deepest: bool = True,
        pretrained: str = "timm",
        frozen: int = 0,
    ) -> None:
        """Create the backbone.

        Args:
            name: as in timm, or "alexnet".
            strides: where maps are taken, the last layer before each reduction.
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
        if not set(strides) <= set(reductions):
            message = (
                f"the encoder {name} gives no maps at the strides {', '.join(map(str, strides))}"
            )
            raise WrongInput(message)
        self.scale = _scale(self.backbone)
        self.indices = [max(i for i, r in enumerate(reductions) if r == s) for s in strides]
        widths = [self.backbone.feature_info[i]["num_chs"] for i in self.indices]
        self.deepest = deepest
        self.channels = (*widths, self.backbone.num_features) if deepest else tuple(widths)
        if not deepest:
            self.backbone.prune_intermediate_layers(self.indices)
        elif hasattr(self.backbone, "pre_logits"):
            # VGG's dense layers: nine tenths of its weights, and no map.
            self.backbone.pre_logits = nn.Identity()
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
        """``(B, 1, H, W)`` in 0..100 to ``(B, size)``."""
        with torch.no_grad():
            scores: Tensor = self.backbone(self.scale.lightness_in(lightness))
        return scores


def _scale(backbone: Any) -> Scale:
    """Gray as the backbone was trained on RGB: its means and spreads averaged over channels."""
    mean, std = backbone.default_cfg["mean"], backbone.default_cfg["std"]
    return Scale(lightness_center=100 * sum(mean) / 3, lightness_span=100 * sum(std) / 3)


def create_backbone(name: str, pretrained: str, *, classes: int = 0) -> Any:
    """Create a backbone for gray input, its first convolution summed over RGB.

    Raises:
        UnknownName: there is none of this name.
        ModelError: its weights cannot be had, or do not fit.
    """
    declare_torchvision_operators()
    try:
        import timm
    except ImportError:
        raise MissingExtra("train", "building an encoder") from None
    from photochrom.architectures.alexnet import AlexNet

    if name != "alexnet" and not timm.is_model(name):
        near = ", ".join(timm.list_models(f"*{name.split('_')[0]}*")[:5])
        message = f"timm has no encoder named {name!r}" + (f"; near it: {near}" if near else "")
        raise UnknownName(message)

    def create(*, download: bool) -> Any:
        if name == "alexnet":
            return AlexNet(pretrained=download, classes=classes)
        return timm.create_model(name, pretrained=download, in_chans=1, num_classes=classes)

    if pretrained == "timm":
        try:
            return create(download=True)
        except Exception as error:
            message = (
                f"the pretrained weights of {name} cannot be downloaded "
                f"({type(error).__name__}); use pretrained = 'none' or the path of a file"
            )
            raise ModelError(message) from error
    network = create(download=False)
    if pretrained != "none":
        _load(network, Path(pretrained))
    return network


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


def _load(network: nn.Module, path: Path) -> None:
    """Load a safetensors file of an RGB backbone; its first convolution is summed over RGB."""
    from safetensors.torch import load_file

    try:
        state = load_file(path)
    except Exception as error:
        message = f"cannot read encoder weights from {path}: {error}"
        raise ModelError(message) from error
    own = network.state_dict()
    for key, tensor in state.items():
        if key in own and tensor.ndim == 4 and tensor.shape[1] == 3 and own[key].shape[1] == 1:
            state[key] = tensor.float().sum(1, keepdim=True)
    state = {k: v.float() if v.is_floating_point() else v for k, v in state.items()}
    missing = [k for k in own if k not in state and not k.startswith("pre_logits.")]
    lost = [k for k in state if k not in own and not k.startswith(_LEFT_OUT)]
    reshaped = [k for k in own if k in state and own[k].shape != state[k].shape]
    if missing or lost or reshaped:
        message = (
            f"{path} does not fit the encoder: missing {missing[:3]}, unexpected {lost[:3]}, "
            f"of another shape {reshaped[:3]}"
        )
        raise ModelError(message)
    network.load_state_dict(state, strict=False)
