"""Perceptual loss: pictures alike to a network that knows what pictures show."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from photochrom.backbones.creation import create_backbone
from photochrom.losses.options import require

_DDCOLOR = {
    "conv1_1": 0.0625,
    "conv2_1": 0.125,
    "conv3_1": 0.25,
    "conv4_1": 0.5,
    "conv5_1": 1.0,
}
_PUBLISHED = re.compile(r"(conv|relu)([1-5])_([1-4])")


class Perceptual(nn.Module):
    """Weighted sum over layers of the mean absolute difference of an encoder's features.

    Johnson et al. 2016; layers and weights by default those of Kang et al. 2023 (DDColor), on VGG16
    without its BatchNorm. The encoder is frozen, and no part of this module to others: it is
    neither trained nor averaged nor saved.
    """

    caution: str | None = None
    mean: Tensor
    std: Tensor

    def __init__(
        self,
        *,
        encoder: str = "vgg16",
        pretrained: str = "timm",
        layers: Sequence[str] = tuple(_DDCOLOR),
        layer_weights: Sequence[float] | None = None,
    ) -> None:
        """Choose what compares the pictures.

        Args:
            encoder: as in timm.
            pretrained: "timm" (downloaded), "none" (for tests: random features judge nothing), or
                the path of a safetensors file.
            layers: names of the encoder's modules, such as "layer1.0"; of a VGG also those of its
                paper, "conv3_1" before and "relu3_1" after the non-linearity. DeOldify takes
                relu3_3, relu4_3 and relu5_3 of vgg16_bn with weights 20, 70 and 10.
            layer_weights: of each layer; None for DDColor's where there are, else 1.

        Raises:
            WrongInput: a layer does not exist, or weights do not fit.
            UnknownName: timm has no such encoder.
            ModelError: its weights cannot be had, or do not fit.
        """
        super().__init__()
        named = isinstance(layers, list | tuple) and all(isinstance(x, str) for x in layers)
        require(named and bool(layers), "layers", layers, "a list of names")
        if layer_weights is None:
            layer_weights = [_DDCOLOR.get(layer, 1.0) for layer in layers]
        require(
            len(layer_weights) == len(layers) and all(w >= 0 for w in layer_weights),
            "layer_weights",
            layer_weights,
            f"{len(layers)} numbers from 0 up, one for each layer",
        )
        if pretrained == "none":
            self.caution = f"untrained features of {encoder} judge nothing: set pretrained"
        backbone = _create(encoder, pretrained)
        self.layer_weights = tuple(map(float, layer_weights))
        # In a tuple, for a module would be saved, averaged and switched to training with this one.
        self._features = (_Features(backbone, [_module_name(backbone, n) for n in layers]),)
        normalization = backbone.default_cfg
        for name in ("mean", "std"):
            values = torch.tensor(normalization[name]).reshape(1, 3, 1, 1)
            self.register_buffer(name, values, persistent=False)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Move the hidden encoder along to another device."""
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self._features[0]._apply(fn, recurse)  # type: ignore[no-untyped-call]
        return self

    def forward(self, predicted: Tensor, true: Tensor) -> dict[str, Tensor]:
        """Compare two ``(B, 3, H, W)`` RGB in 0..1."""
        features = self._features[0]
        with torch.no_grad():
            expected = features((true - self.mean) / self.std)
        found = features((predicted - self.mean) / self.std)
        differences = [
            weight * functional.l1_loss(one.float(), other.float())
            for weight, one, other in zip(self.layer_weights, found, expected, strict=True)
        ]
        return {"perceptual": torch.stack(differences).sum()}


class _Enough(Exception):
    """The deepest layer has been seen: what follows it is not computed."""


class _Features(nn.Module):
    """A frozen network that returns what some of its modules gave, in their order."""

    def __init__(self, backbone: nn.Module, names: list[str]) -> None:
        super().__init__()
        self.backbone = backbone.requires_grad_(False)
        for module in backbone.modules():
            if getattr(module, "inplace", False):
                # It would overwrite what the layer before it gave.
                module.inplace = False  # type: ignore[assignment]
        self.names = names
        self.eval()

    def forward(self, x: Tensor) -> list[Tensor]:
        seen: dict[str, Tensor] = {}

        def keep(name: str) -> Callable[[nn.Module, Any, Tensor], None]:
            def hook(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
                seen[name] = output
                if len(seen) == len(set(self.names)):
                    raise _Enough

            return hook

        modules = {name: self.backbone.get_submodule(name) for name in self.names}
        hooks = [m.register_forward_hook(keep(name)) for name, m in modules.items()]
        try:
            self.backbone(x)
        except _Enough:
            pass
        finally:
            for handle in hooks:
                handle.remove()
        return [seen[name] for name in self.names]


def _create(encoder: str, pretrained: str) -> Any:
    """The RGB backbone; random weights are the same ones each time, so that runs repeat."""
    if pretrained != "none":
        return create_backbone(encoder, pretrained, channels=3)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return create_backbone(encoder, pretrained, channels=3)


def _module_name(backbone: nn.Module, layer: str) -> str:
    """The dotted name of a layer, which may be given by its name in the VGG paper."""
    published = _PUBLISHED.fullmatch(layer)
    stages = getattr(backbone, "features", None)
    name = layer
    if published and isinstance(stages, nn.Sequential):
        kind, block, place = published[1], int(published[2]), int(published[3])
        at = (1, 0)
        for index, module in enumerate(stages):
            if isinstance(module, nn.MaxPool2d):
                at = (at[0] + 1, 0)
            elif isinstance(module, nn.Conv2d):
                at = (at[0], at[1] + 1)
            sought = nn.Conv2d if kind == "conv" else nn.ReLU
            if at == (block, place) and isinstance(module, sought):
                name = f"features.{index}"
                break
    names = [n for n, _ in backbone.named_modules() if n]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5) or names[:3]
    require(name in names, "layers", layer, f"names of its modules, such as {', '.join(near)}")
    return name


def build(**options: object) -> Perceptual:
    """Build the loss from a recipe's options."""
    return Perceptual(**options)  # type: ignore[arg-type]
