"""Exported models small enough to compute their colors by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from photochrom.architectures.cards import NetworkCard
from photochrom.architectures.prediction import Prediction
from photochrom.color.scale import UNIT
from photochrom.weights.cards import ModelCard
from photochrom.weights.export import write_graph
from photochrom.weights.graph import ColorizationGraph

CENTERS = np.array([[0, 0], [60, 40], [-40, 20]], np.float32)
PRIOR = np.array([0.7, 0.2, 0.1], np.float32)


class Affine(nn.Module):
    """Slope times the lightness of a block (and of its hints) plus an offset, for each channel.

    Hints count for a window of ``reach`` pixels, odd; 0: for their own pixels.
    """

    def __init__(
        self,
        slopes: list,
        offsets: list,
        *,
        stride: int,
        bins: bool = False,
        frames: int = 1,
        reach: int = 0,
    ) -> None:
        super().__init__()
        self.frames, self.reach = frames, reach
        self.stride, self.bins = stride, bins
        self.slopes = nn.Parameter(torch.tensor(slopes, dtype=torch.float32))
        self.offsets = nn.Parameter(torch.tensor(offsets, dtype=torch.float32))

    def forward(self, seen: Tensor) -> Prediction:
        if self.reach:
            told = functional.avg_pool2d(seen[:, 1:], self.reach, 1, self.reach // 2)
            mean = told[:, :2] / (told[:, 2:] + 1e-4)
            seen = torch.cat([seen[:, :1], mean, told[:, 2:]], 1)
        small = functional.avg_pool2d(seen, self.stride) if self.stride > 1 else seen
        values = functional.conv2d(small, self.slopes[:, :, None, None], self.offsets)
        return Prediction(logits=values) if self.bins else Prediction(ab=values)


def write_small(
    path: Path,
    slopes: list,
    offsets: list,
    *,
    stride: int = 1,
    multiple: int = 4,
    hints: bool = False,
    frames: int = 1,
    centers: np.ndarray | None = None,
    prior: np.ndarray = PRIOR,
    storage: str = "fp32",
    reach: int = 0,
    decision: np.ndarray | None = None,
    **facts: Any,
) -> Path:
    """Export an :class:`Affine`: of ab, or of the logits of ``centers``."""
    card = NetworkCard(
        name="affine", summary="", source="", module="", head="ab" if centers is None else "bins",
        scale=UNIT, stride=stride, multiple_of=multiple, parameters=0, hints=hints,
    )  # fmt: skip
    kind = {"stride": stride, "bins": centers is not None, "frames": frames, "reach": reach}
    network = Affine(slopes, offsets, **kind)
    bins = np.zeros((0, 2), np.float32) if centers is None else centers
    shares = np.zeros(0, np.float32) if centers is None else prior
    fitted = None if decision is None else torch.tensor(decision)
    own_bins = torch.tensor(bins), torch.tensor(shares)
    graph = ColorizationGraph(network, card, *own_bins, fitted).eval()
    own = ModelCard(path.stem, "1", "affine", 4, 64, multiple, graph.inputs, frames=frames)
    if centers is not None:
        own = replace(own, dial=((0.0, 0.0, 1.0), (1.0, 0.5, 1.0)))
    write_graph(graph, replace(own, **facts), path, storage=storage)
    return path


def write_all(folder: Path) -> dict[str, Path]:
    """One model of each kind, by what sets it apart."""
    logits = [[0.02], [0.01], [-0.01]], [1.0, 0.5, 0.2]
    other = [[-0.02], [0.03], [0.01]], [0.5, 0.1, 1.0]
    return {
        name: write_small(folder / f"{name}.onnx", *values, **options)
        for name, values, options in (
            ("fine", ([[0.4], [-0.2]], [3.0, 4.0]), {"license": "MIT", "training_data": "sand"}),
            ("coarse", ([[-0.1], [0.3]], [-5.0, 6.0]), {"stride": 4, "multiple": 12}),
            ("hinted", ([[0.1, 1, 0, 2], [0, 0, 1, 3]], [1.0, 2.0]), {"hints": True}),
            ("bins", logits, {"stride": 4, "centers": CENTERS}),
            ("bins2", other, {"stride": 2, "centers": CENTERS, "prior": PRIOR[::-1].copy()}),
            ("farther", logits, {"stride": 4, "centers": CENTERS * 1.5}),
        )
    }
