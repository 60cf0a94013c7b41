"""LPIPS: distance of two pictures in AlexNet's features, weighted as people judge."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from photochrom.errors import MissingExtra
from photochrom.evaluation.learned import open_network
from photochrom.evaluation.metric import MeanOverPictures
from photochrom.evaluation.pair import Pair

LAYERS = (1, 4, 7, 9, 11)
"""AlexNet's five non-linearities."""
LEAST_SIDE = 32
_TINY = 1e-8


class LPIPS(MeanOverPictures):
    """Mean over pictures of LPIPS 0.1 with AlexNet (Zhang et al. 2018).

    The weights of the features are those that torchmetrics carries; AlexNet's are torchvision's.
    """

    backbone = "alexnet"

    def __init__(self, path: str | None = None, *, device: str = "cpu") -> None:
        """Open AlexNet; arguments and errors as for ``learned.open_network``."""
        network: Any = open_network("alexnet", path, device=device)
        self._layers = network.features[: LAYERS[-1] + 1]
        self._weights = [weights.to(device) for weights in feature_weights()]
        self._mean, self._std = (
            torch.tensor(network.default_cfg[key], device=device).reshape(1, 3, 1, 1)
            for key in ("mean", "std")
        )
        self.device = device

    def measure(self, pair: Pair) -> np.ndarray | None:
        """The distance of one picture, ``(1,)``; None if a side is shorter than 32 pixels."""
        if min(pair.true.shape[1:]) < LEAST_SIDE:
            return None
        return np.array([self.distance(pair.predicted, pair.true)])

    @torch.no_grad()
    def distance(self, one: np.ndarray, other: np.ndarray) -> float:
        """LPIPS of two pictures ``(3, H, W)`` of bytes: 0 and up, symmetric."""
        rgb = torch.from_numpy(np.stack([one, other])).to(self.device).float() / 255
        x = (rgb - self._mean) / self._std
        total = 0.0
        found = 0
        for index, layer in enumerate(self._layers):
            x = layer(x)
            if index in LAYERS:
                unit = x / (x.square().sum(1, keepdim=True) + _TINY).sqrt()
                difference = (unit[:1] - unit[1:]).square()
                total += float((difference * self._weights[found]).sum(1).mean())
                found += 1
        return total


def feature_weights() -> list[Tensor]:
    """The published weights of AlexNet's features, ``(1, C, 1, 1)`` for each layer."""
    library = importlib.util.find_spec("torchmetrics")
    if library is None or library.origin is None:
        raise MissingExtra("train", "the metric lpips")
    # Only the file is taken: importing the library takes seconds.
    path = Path(library.origin).parent / "functional" / "image" / "lpips_models" / "alex.pth"
    state = torch.load(path, map_location="cpu", weights_only=True)
    return [state[f"lin{index}.model.1.weight"] for index in range(len(LAYERS))]


def build(_name: str, *, path: str | None = None, device: str = "cpu") -> LPIPS:
    """Build the metric."""
    return LPIPS(path, device=device)
