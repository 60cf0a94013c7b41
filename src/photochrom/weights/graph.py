"""The graph that inference runs: a trained network with bins, dial and annealed mean inside."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from photochrom.architectures.cards import NETWORKS, NetworkCard, build_network
from photochrom.architectures.frame_stack import as_stack, middle
from photochrom.color.decision import shift_logits
from photochrom.color.encoding import annealed_mean
from photochrom.errors import ModelError, WrongInput
from photochrom.overrides import set_value
from photochrom.weights.cards import DECISION, DISTRIBUTION
from photochrom.weights.checkpoints import part, read_checkpoint

SCALARS: dict[str, tuple[str, ...]] = {
    "ab": (),
    "uv": (),
    "bins": ("temperature", "rebalance"),
    "uv-bins": ("temperature",),
}
"""What the graph of a network takes beside the picture, by its head."""

OF_BINS = ("confidence", *DISTRIBUTION)
"""What the graph of a network over bins of ab gives beside ``ab``."""


class ColorizationGraph(nn.Module):
    """What inference runs: ``lightness``, ``hints`` and the scalars of its head to ``ab``.

    Graphs over bins of ab also give ``confidence`` and, for those who ask, the distribution itself:
    ``logits`` with the ``centers`` and the ``prior`` of the bins. Logits and not probabilities,
    because they are computed anyway: an output that nobody fetches must cost nothing. Where a
    ``decision`` was fitted, it decides in place of the prior, and is given too.
    """

    centers: Tensor
    prior: Tensor
    decision: Tensor | None

    def __init__(
        self,
        network: nn.Module,
        card: NetworkCard,
        centers: Tensor,
        prior: Tensor,
        decision: Tensor | None = None,
    ) -> None:
        """``centers`` and ``prior`` of the bins, empty for networks without; ``decision`` as in
        :mod:`photochrom.color.decision`.
        """
        super().__init__()
        self.network, self.card = network, card
        self.hints, self.multiple_of = card.hints, card.multiple_of
        self.side = math.ceil(card.working_size / card.multiple_of) * card.multiple_of
        self.frames: int = getattr(network, "frames", 1)
        self.inputs = ("lightness", *(("hints",) if card.hints else ()), *SCALARS[card.head])
        self.has_confidence = card.head == "bins"
        named = (*OF_BINS, *((DECISION,) if decision is not None else ()))
        self.outputs = ("ab", *(named if self.has_confidence else ()))
        self.register_buffer("centers", centers)
        self.register_buffer("prior", prior)
        self.register_buffer("decision", decision)

    def deciding(self, decision: Tensor) -> ColorizationGraph:
        """The same graph with a decision."""
        return ColorizationGraph(self.network, self.card, self.centers, self.prior, decision).eval()

    def forward(self, lightness: Tensor, *others: Tensor) -> tuple[Tensor, ...]:
        """``(N, F, H, W)`` in 0..100 and the other ``inputs`` to ab ``(N, 2, h, w)`` in Lab units.

        F frames, or one that stands still; the middle one is colored.

        Hints are ``(N, 3, H, W)``: a, b, and a mask of 0 and 1. The confidence ``(N, 1, h, w)`` is
        the calibrated probability of the most probable bin, whatever the dial says; the logits
        ``(N, Q, h, w)`` are calibrated too, and ``centers`` ``(Q, 2)`` and ``prior`` ``(Q,)`` are
        the same for every picture.
        """
        given = dict(zip(self.inputs[1:], others, strict=True))
        seen = as_stack(lightness, self.frames)
        if self.hints:
            seen = torch.cat([seen, given["hints"]], 1)
        prediction = self.network(seen)
        temperature = given.get("temperature", 1.0)
        if not self.has_confidence:
            return (prediction.to_ab(middle(lightness), self.centers, temperature),)
        # Bins last, as in annealed_mean: then the runtime moves them once for both.
        confidence = prediction.logits.movedim(1, -1).softmax(-1).amax(-1)[:, None]
        logits, dial = prediction.logits, {name: given[name] for name in SCALARS["bins"]}
        shifted = shift_logits(logits, self.prior, self.decision, **dial)
        ab = annealed_mean(shifted, self.centers, temperature)
        known = (logits, self.centers, self.prior, self.decision)
        return ab, confidence, *(found for found in known if found is not None)


def load_graph(path: Path, changes: Sequence[str] = ()) -> tuple[ColorizationGraph, dict[str, Any]]:
    """Rebuild the graph from a checkpoint: averaged weights, evaluation mode.

    ``changes`` such as ``coherence=0.5`` are to options of the network that no weights depend on.
    Also returns the run's facts: its recipe, with the changes, and how many images it saw.
    """
    tensors, facts = read_checkpoint(path)
    recipe = facts["recipe"]
    for change in changes:
        set_value(recipe["network"]["options"], change)
    task, ema = part(tensors, "task"), part(tensors, "ema")
    weights = part(task, "network") | part(ema, "network")
    options = dict(recipe["network"]["options"])
    card = NETWORKS[recipe["network"]["name"]]
    if card.encoder:
        chosen = recipe.get("encoder", {}).get("name")
        options |= {"encoder": chosen} if chosen else {}
        # The checkpoint holds the weights of all encoders; the files they came from may be gone.
        given = [key for key in options if key.endswith("pretrained")]
        options |= dict.fromkeys(["pretrained", *given], "none")
    if card.has_bins:
        options["bins"] = len(task["centers"])
    frames = recipe["network"].get("frames", 1)
    try:
        network = build_network(card.name, frames=frames, **options)
        hinted = part(silent_parts(network), "hinted")
        if hinted and hinted.keys().isdisjoint(part(weights, "hinted")):
            # From before the network took hints: what it never learned it is not offered.
            card = dataclasses.replace(card, hints=False)
            weights |= {f"hinted.{key}": value for key, value in hinted.items()}
        network.load_state_dict(weights)
    except (RuntimeError, TypeError, WrongInput) as error:
        message = f"{path} does not fit the network {card.name}: {str(error).splitlines()[0]}"
        raise ModelError(message) from error
    graph = ColorizationGraph(network, card, task["centers"], task["prior"])
    return graph.eval(), facts


def silent_parts(network: nn.Module) -> dict[str, Tensor]:
    """Weights of parts that change nothing before they have learned; older runs lack them."""
    silent = tuple(getattr(network, "silent_at_first", ()))
    return {k: v for k, v in network.state_dict().items() if silent and k.startswith(silent)}


def example_inputs(graph: ColorizationGraph, *, share: float = 1.0) -> tuple[Tensor, ...]:
    """Inputs to trace with: noise with some hints, and black rising to white with none.

    The scalars are 1 and 0.5. Squares of a ``share`` of the side at which the network sees
    pictures; inference shows it none below half of that, and some can see none much smaller.
    """
    torch.manual_seed(0)
    side = graph.multiple_of * math.ceil(graph.side * share / graph.multiple_of)
    noise = torch.rand(graph.frames, side, side) * 100
    rising = torch.linspace(-20, 100, side).clamp(min=0).expand(graph.frames, side, -1)
    mask = (torch.rand(2, 1, side, side) > 0.9) * torch.tensor([1.0, 0.0]).reshape(2, 1, 1, 1)
    examples = {
        "lightness": torch.stack([noise, rising]),
        "hints": torch.cat([torch.randn(2, 2, side, side) * 20 * mask, mask], 1),
        "temperature": torch.tensor(1.0),
        "rebalance": torch.tensor(0.5),
    }
    return tuple(examples[name] for name in graph.inputs)
