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


class RegressionGraph(nn.Module):
    """``lightness`` to ``ab``, for networks that give color itself."""

    inputs: tuple[str, ...] = ("lightness",)
    outputs: tuple[str, ...] = ("ab",)

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, lightness: Tensor) -> tuple[Tensor]:
        """``(N, 1, H, W)`` in 0..100 to ab ``(N, 2, h, w)``."""
        return (self.network(lightness).ab,)


class BinsGraph(nn.Module):
    """``lightness``, ``temperature``, ``rebalance`` to ``ab`` and ``confidence``."""

    inputs: tuple[str, ...] = ("lightness", "temperature", "rebalance")
    outputs: tuple[str, ...] = ("ab", "confidence")
    centers: Tensor
    prior: Tensor

    def __init__(self, network: nn.Module, centers: Tensor, prior: Tensor) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("centers", centers)
        self.register_buffer("prior", prior)

    def forward(
        self, lightness: Tensor, temperature: Tensor, rebalance: Tensor
    ) -> tuple[Tensor, Tensor]:
        """``(N, 1, H, W)`` in 0..100 and two scalars to ab ``(N, 2, h, w)`` in Lab units.

        The confidence ``(N, 1, h, w)`` is the calibrated probability of the most probable bin,
        whatever the dial says.
        """
        logits = self.network(lightness).logits
        # The most probable bin has exp(0) = 1 before the division by the sum.
        confidence = 1 / exp_below_max(logits, 1).sum(1, keepdim=True)
        shifted = rebalance_logits(logits, self.prior, rebalance)
        return annealed_mean(shifted, self.centers, temperature), confidence


def load_graph(path: Path) -> tuple[RegressionGraph | BinsGraph, dict[str, Any]]:
    """Rebuild the graph from a checkpoint: averaged weights, evaluation mode.

    Also returns the run's facts: its recipe and how many images it saw.
    """
    tensors, facts = read_checkpoint(path)
    recipe = facts["recipe"]
    task, ema = part(tensors, "task"), part(tensors, "ema")
    weights = part(task, "network") | part(ema, "network")
    options = recipe["network"]["options"] | {"pretrained": "none"}
    card = NETWORKS[recipe["network"]["name"]]
    if card.head == "bins":
        options["bins"] = len(task["centers"])
    try:
        network = build_network(card.name, **options)
        network.load_state_dict(weights)
    except (RuntimeError, TypeError) as error:
        message = f"{path} does not fit the network {card.name}: {str(error).splitlines()[0]}"
        raise ModelError(message) from error
    if card.head == "bins":
        graph: RegressionGraph | BinsGraph = BinsGraph(network, task["centers"], task["prior"])
    else:
        graph = RegressionGraph(network)
    return graph.eval(), facts


def checkpoint_path(run: Path) -> Path:
    """The checkpoint of a run folder, or the file itself."""
    path = run / "checkpoint.safetensors" if run.is_dir() else run
    if not path.is_file():
        message = f"no checkpoint at {path}"
        raise ModelError(message)
    return path


def example_inputs(graph: RegressionGraph | BinsGraph, size: int) -> tuple[Tensor, ...]:
    """Inputs to trace with: lightness of two square pictures, then the scalars at 1 and 0.5."""
    torch.manual_seed(0)
    lightness = torch.rand(2, 1, size, size) * 100
    return (lightness, torch.tensor(1.0), torch.tensor(0.5))[: len(graph.inputs)]
