"""The graph that inference runs: a trained network with bins, dial and annealed mean inside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from photochrom.architectures.cards import NETWORKS, build_network
from photochrom.color.arrays import exp_below_max
from photochrom.color.encoding import annealed_mean
from photochrom.color.prior import rebalance_logits
from photochrom.errors import ModelError
from photochrom.weights.checkpoints import part, read_checkpoint

INPUTS: dict[str, tuple[str, ...]] = {
    "ab": ("lightness",),
    "uv": ("lightness",),
    "bins": ("lightness", "temperature", "rebalance"),
    "uv-bins": ("lightness", "temperature"),
}
"""What the graph of a network takes, by its head."""


class ColorizationGraph(nn.Module):
    """What inference runs: ``lightness`` and the scalars of its head to ``ab``.

    Graphs over bins of ab also give ``confidence``.
    """

    centers: Tensor
    prior: Tensor

    def __init__(self, network: nn.Module, head: str, centers: Tensor, prior: Tensor) -> None:
        """``centers`` and ``prior`` of the bins; empty for networks without."""
        super().__init__()
        self.network = network
        self.inputs = INPUTS[head]
        self.has_confidence = head == "bins"
        self.outputs = ("ab", "confidence") if self.has_confidence else ("ab",)
        self.register_buffer("centers", centers)
        self.register_buffer("prior", prior)

    def forward(
        self, lightness: Tensor, temperature: Tensor | float = 1.0, rebalance: Tensor | None = None
    ) -> tuple[Tensor, ...]:
        """``(N, 1, H, W)`` in 0..100 and scalars to ab ``(N, 2, h, w)`` in Lab units.

        The confidence ``(N, 1, h, w)`` is the calibrated probability of the most probable bin,
        whatever the dial says.
        """
        prediction = self.network(lightness)
        if not self.has_confidence:
            return (prediction.to_ab(lightness, self.centers, temperature),)
        # The most probable bin has exp(0) = 1 before the division by the sum.
        confidence = 1 / exp_below_max(prediction.logits, 1).sum(1, keepdim=True)
        shifted = rebalance_logits(prediction.logits, self.prior, rebalance)
        return annealed_mean(shifted, self.centers, temperature), confidence


def load_graph(path: Path) -> tuple[ColorizationGraph, dict[str, Any]]:
    """Rebuild the graph from a checkpoint: averaged weights, evaluation mode.

    Also returns the run's facts: its recipe and how many images it saw.
    """
    tensors, facts = read_checkpoint(path)
    recipe = facts["recipe"]
    task, ema = part(tensors, "task"), part(tensors, "ema")
    weights = part(task, "network") | part(ema, "network")
    options = recipe["network"]["options"] | {"pretrained": "none"}
    card = NETWORKS[recipe["network"]["name"]]
    if card.has_bins:
        options["bins"] = len(task["centers"])
    try:
        network = build_network(card.name, **options)
        network.load_state_dict(weights)
    except (RuntimeError, TypeError) as error:
        message = f"{path} does not fit the network {card.name}: {str(error).splitlines()[0]}"
        raise ModelError(message) from error
    graph = ColorizationGraph(network, card.head, task["centers"], task["prior"])
    return graph.eval(), facts


def checkpoint_path(run: Path) -> Path:
    """The checkpoint of a run folder, or the file itself."""
    path = run / "checkpoint.safetensors" if run.is_dir() else run
    if not path.is_file():
        message = f"no checkpoint at {path}"
        raise ModelError(message)
    return path


def example_inputs(graph: ColorizationGraph, size: int) -> tuple[Tensor, ...]:
    """Inputs to trace with: lightness of two square pictures, then the scalars at 1 and 0.5."""
    torch.manual_seed(0)
    lightness = torch.rand(2, 1, size, size) * 100
    return (lightness, torch.tensor(1.0), torch.tensor(0.5))[: len(graph.inputs)]
