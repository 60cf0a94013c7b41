"""Networks from timm with their pretrained weights: downloaded, from a file, or none."""

from __future__ import annotations

import contextlib
import difflib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torch import nn

from photochrom.backbones.downloads import downloading
from photochrom.backbones.tensorflow_weights import adapted, tensorflow_twin
from photochrom.backbones.torchvision_operators import declare_torchvision_operators
from photochrom.errors import MissingExtra, ModelError, NotDownloaded, UnknownName

_LEFT_OUT = ("classifier", "fc.", "head.", "pre_logits.")


def create_backbone(name: str, pretrained: str, *, channels: int = 1, classes: int = 0) -> Any:
    """Create a network as timm names it, or "alexnet", which torchvision has.

    Args:
        name: as in timm, or "alexnet".
        pretrained: "timm" (downloaded), "none", or the path of a safetensors file.
        channels: of the input: 3 for RGB, 1 for gray, whose first convolution is summed over RGB.
        classes: of the classifier; 0 leaves it out, with the dense layers before it.

    Raises:
        UnknownName: there is none of this name.
        ModelError: its weights cannot be read, or do not fit.
        NotDownloaded: they cannot be fetched.
        MissingExtra: timm is not installed.
    """
    declare_torchvision_operators()
    try:
        import timm
    except ImportError:
        raise MissingExtra("train", "building an encoder") from None
    from photochrom.backbones.alexnet import AlexNet

    if name != "alexnet" and not timm.is_model(name):
        near = difflib.get_close_matches(name, timm.list_models(), n=3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        message = f"timm has no encoder named {name!r}{hint}"
        raise UnknownName(message)
    shape = {"in_chans": channels, "num_classes": classes}
    if pretrained == "timm":
        network = _downloaded(name, shape)
    elif name == "alexnet":
        network = AlexNet(pretrained=False, channels=channels, classes=classes)
    else:
        network = timm.create_model(name, pretrained=False, **shape)
    if not classes and hasattr(network, "pre_logits"):
        # VGG's dense layers: nine tenths of its weights, and no map.
        network.pre_logits = nn.Identity()
    if pretrained not in ("timm", "none"):
        _load(network, Path(pretrained))
    return network


def _downloaded(name: str, shape: dict[str, int]) -> Any:
    """A network with the weights that timm, or torchvision for "alexnet", fetches or has kept."""
    import timm

    from photochrom.backbones.alexnet import AlexNet, alexnet_url

    if name == "alexnet":
        with downloading(name, alexnet_url()):
            return AlexNet(
                pretrained=True, channels=shape["in_chans"], classes=shape["num_classes"]
            )
    twin = tensorflow_twin(name)
    known = timm.get_pretrained_cfg(twin or name)
    if known is None or not known.has_weights:
        raise NotDownloaded(name, "timm has none of it")
    with _one_line_of_failure(), downloading(name, "" if known.hf_hub_id else known.url):
        if not twin:
            return timm.create_model(name, pretrained=True, **shape)
        trained = timm.create_model(twin, pretrained=True, **shape)
        network = timm.create_model(name, pretrained=False, **shape)
        network.load_state_dict(adapted(trained, network))
    return network


@contextlib.contextmanager
def _one_line_of_failure() -> Iterator[None]:
    """Without a network the hub's library prints each of its twenty trials, and fails anyway."""
    hub = logging.getLogger("huggingface_hub")
    level = hub.level
    hub.setLevel(logging.ERROR)
    try:
        yield
    finally:
        hub.setLevel(level)


def _load(network: nn.Module, path: Path) -> None:
    """Load a safetensors file of an RGB network; for gray its first convolution is summed."""
    from safetensors.torch import load_file

    if not path.is_file():
        message = (
            f"no encoder weights at {path}; pretrained is 'timm', 'none' or the path of a "
            "safetensors file"
        )
        raise ModelError(message)
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
    lost = [k for k in state if k not in own and not k.startswith(_LEFT_OUT)]
    reshaped = [k for k in own if k in state and own[k].shape != state[k].shape]
    if missing or lost or reshaped:
        message = (
            f"{path} does not fit the encoder: missing {missing[:3]}, unexpected {lost[:3]}, "
            f"of another shape {reshaped[:3]}"
        )
        raise ModelError(message)
    network.load_state_dict(state, strict=False)
