"""Pretrained encoders from timm, for gray input.

The contract: ``encoder(x)`` takes ``(B, 1, H, W)`` and returns feature maps at growing strides,
``channels`` their widths, the last being the network's deepest features.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from photochrom.architectures.torchvision_operators import declare_torchvision_operators
from photochrom.errors import MissingExtra, ModelError, UnknownName, WrongInput


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
        self.backbone = _create(name, pretrained)
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


def _create(name: str, pretrained: str) -> Any:
    declare_torchvision_operators()
    try:
        import timm
    except ImportError:
        raise MissingExtra("train", "building an encoder") from None
    if not timm.is_model(name):
        near = difflib.get_close_matches(name, timm.list_models(), n=3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        message = f"timm has no encoder named {name!r}{hint}"
        raise UnknownName(message)
    if pretrained == "timm":
        try:
            return timm.create_model(name, pretrained=True, in_chans=1, num_classes=0)
        except Exception as error:
            message = (
                f"the pretrained weights of {name} cannot be downloaded "
                f"({type(error).__name__}); use pretrained = 'none' or the path of a file"
            )
            raise ModelError(message) from error
    network = timm.create_model(name, pretrained=False, in_chans=1, num_classes=0)
    if pretrained != "none":
        _load(network, Path(pretrained))
    return network


def _first_layers(backbone: Any, reductions: list[int], stride: int) -> list[nn.Module]:
    """The layers up to the end of the last stage of at most this stride, in order."""
    stages = [i for i, reduction in enumerate(reductions) if reduction <= stride]
    if not stages:
        return []
    last = backbone.feature_info[stages[-1]]["module"]
    modules = list(backbone.named_modules())
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
    missing = [k for k in own if k not in state]
    lost = [k for k in state if k not in own and not k.startswith(("classifier", "fc.", "head."))]
    reshaped = [k for k in own if k in state and own[k].shape != state[k].shape]
    if missing or lost or reshaped:
        message = (
            f"{path} does not fit the encoder: missing {missing[:3]}, unexpected {lost[:3]}, "
            f"of another shape {reshaped[:3]}"
        )
        raise ModelError(message)
    network.load_state_dict(state, strict=False)
