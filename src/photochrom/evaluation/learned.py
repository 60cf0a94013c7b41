"""Pretrained networks as judges: opened with their weights, and given pictures as they expect.

Their weights are downloaded or read from a file. Where neither can be had, opening one fails with a
text that can stand in a table: no figure is better than a wrong one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from photochrom.backbones.creation import create_backbone
from photochrom.errors import ModelError, NotDownloaded

LACKING = "weights not available"


def open_network(
    name: str, path: str | None = None, *, classes: int = 0, device: str = "cpu"
) -> nn.Module:
    """A network of timm, or torchvision's "alexnet", on RGB, that only judges.

    Args:
        name: as in timm.
        path: of a safetensors file with its weights; None to download them.
        classes: of its classifier; 0 leaves that out.
        device: as in torch.

    Raises:
        ModelError: its weights cannot be read, or do not fit; "weights not available: ...".
        NotDownloaded: they cannot be fetched.
        UnknownName: timm has no such network.
        MissingExtra: timm is not installed.
    """
    if path is not None and not Path(path).is_file():
        message = f"{LACKING}: there is no file {path}"
        raise ModelError(message)
    try:
        network: nn.Module = create_backbone(name, path or "timm", channels=3, classes=classes)
    except NotDownloaded:
        raise
    except ModelError as error:
        message = f"{LACKING}: {error}"
        raise ModelError(message) from error
    return network.requires_grad_(False).eval().to(device)


def preparation(network: nn.Module, device: str = "cpu") -> Callable[[np.ndarray], Tensor]:
    """What makes ``(1, 3, h, w)`` of bytes ``(3, H, W)`` as a network of timm was tested with."""
    from timm.data import create_transform, resolve_model_data_config

    transform: Any = create_transform(**resolve_model_data_config(network), is_training=False)

    def prepare(rgb: np.ndarray) -> Tensor:
        picture = Image.fromarray(np.ascontiguousarray(rgb.transpose(1, 2, 0)))
        prepared: Tensor = transform(picture)
        return prepared[None].to(device)

    return prepare


def features_of(
    name: str, path: str | None = None, *, device: str = "cpu"
) -> Callable[[np.ndarray], np.ndarray]:
    """What makes ``(D,)`` float64 of bytes ``(3, H, W)``: a network's features before its classes.

    Errors as for :func:`open_network`.
    """
    network = open_network(name, path, device=device)
    prepare = preparation(network, device)

    @torch.no_grad()
    def extract(rgb: np.ndarray) -> np.ndarray:
        features = network(prepare(rgb))[0]
        pooled = features.flatten(1).mean(1) if features.ndim > 1 else features
        result: np.ndarray = pooled.double().cpu().numpy()
        return result

    return extract
