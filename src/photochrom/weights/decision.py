"""Fits to a trained network the biases by which it decides, on pictures that nobody judges with."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from photochrom.color.decision import fit_biases
from photochrom.color.encoding import encode_hard
from photochrom.errors import WrongInput
from photochrom.weights.graph import ColorizationGraph
from photochrom.weights.squares import lab_squares

PICTURES, PLACES = 2400, 40
"""So many pictures are looked at, and so many places of each, drawn by lot.

Of 600 pictures, results came out more or less colorful by a tenth, as chance would have it.
"""

STEPS = ((0.1, 0.8), (0.12, 0.9), (0.15, 0.95), (0.3, 1.0), (0.6, 1.0))
"""Temperatures from vivid to safe, and the power that each takes of how often a color occurs.

At 1 colors occur as often as in photographs; below, rare ones a little more often.
"""

DIAL = (
    (0.0, 0.0, 1.0),
    (0.25, 1.0, 0.35),
    (0.5, 1.0, 0.25),
    (0.75, 1.0, 0.17),
    (1.0, 1.0, 0.12),
)
"""Vividness, share of the biases and temperature: the dial of a model with a decision."""


def fit_decision(graph: ColorizationGraph, places: Sequence[str], *, size: int) -> Tensor:
    """A decision ``(K, 1 + Q)`` for ``graph``, see :mod:`photochrom.color.decision`.

    Args:
        graph: of a network over bins of ab.
        places: pictures, as for :func:`~photochrom.data.sources.open_pictures`.
        size: side in pixels of the squares that the network is shown.

    Raises:
        WrongInput: the network has no bins of ab.
        DataError: no picture can be read.
    """
    if not graph.has_confidence:
        message = "only networks over bins of ab decide between colors: leave out --decision"
        raise WrongInput(message)
    logits, counts = _seen(graph, places, size)
    rows = []
    for temperature, power in STEPS:
        wanted = counts**power
        biases = fit_biases(logits, wanted / wanted.sum(), temperature=temperature)
        rows.append(torch.cat([torch.tensor([temperature]), biases]))
    return torch.stack(rows)


@torch.no_grad()
def _seen(graph: ColorizationGraph, places: Sequence[str], size: int) -> tuple[Tensor, Tensor]:
    """Logits ``(n, Q)`` of places drawn by lot, and how often each bin is nearest to the truth.

    The nearest bin, not the soft encoding that networks learn from: that one spreads every color
    over its neighbors, and gray with it, so that results fitted to it are a little brown again.
    """
    draws = torch.Generator().manual_seed(0)
    found, counts = [], torch.zeros(len(graph.centers))
    for _, lab in lab_squares(places, size=size, count=PICTURES):
        hints = torch.zeros(1, 3, *lab.shape[2:])
        known = {"hints": hints, "temperature": torch.tensor(1.0), "rebalance": torch.tensor(0.0)}
        outputs = graph(lab[:, :1], *(known[name] for name in graph.inputs[1:]))
        logits = outputs[graph.outputs.index("logits")]
        nearest = encode_hard(
            functional.adaptive_avg_pool2d(lab[:, 1:], logits.shape[2:]), graph.centers
        )
        drawn = torch.randperm(nearest.numel(), generator=draws)[:PLACES]
        found.append(logits[0].flatten(1).T[drawn])
        counts += torch.bincount(nearest.flatten()[drawn], minlength=len(counts))
    return torch.cat(found), counts
