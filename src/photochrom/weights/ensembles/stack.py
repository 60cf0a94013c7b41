"""A learned stage behind the members: convolutions over what they say, added to its mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from photochrom.color.scale import CENTERED
from photochrom.weights.ensembles.blends import Blend, mean_confidence, trial_colors
from photochrom.weights.ensembles.joined import Joined


@dataclass(frozen=True)
class Stack:
    """A learned stage.

    Attributes: ``layers`` are kernels ``(out, in, 3, 3)`` and biases ``(out,)``, a ReLU between two
    of them: the first takes the lightness and the members' ab, the last gives what is added to
    their mean, all scaled as ``CENTERED``; ``run`` is the whole in the library that it was learned
    in, from lightness ``(N, 1, H, W)`` and the members' ab ``(N, 2 * members, h, w)`` to ab;
    ``facts`` are what the card says of how it was learned and judged.
    """

    layers: list[tuple[np.ndarray, np.ndarray]]
    run: Callable[[np.ndarray, np.ndarray], np.ndarray]
    facts: dict[str, Any]


def stacked(joined: Joined, shares: np.ndarray, stack: Stack) -> Blend:
    """What the stage makes of the members' colors; the confidence is the mean of theirs."""
    graph = joined.graph
    colors = joined.aligned([names["ab"] for names in joined.given])
    lightness, side = "lightness", [joined.stride, joined.stride]
    if joined.stride > 1:
        lightness = graph.add("AveragePool", lightness, kernel_shape=side, strides=side)
    dark = graph.add("Sub", lightness, graph.constant(CENTERED.lightness_center))
    seen = graph.add("Div", dark, graph.constant(CENTERED.lightness_span))
    scaled = [graph.add("Div", ab, graph.constant(CENTERED.ab_span)) for ab in colors]
    value = graph.add("Concat", seen, *scaled, axis=1)
    for place, (kernel, bias) in enumerate(stack.layers):
        value = value if place == 0 else graph.add("Relu", value)
        weights = graph.constant(kernel), graph.constant(bias)
        value = graph.add("Conv", value, *weights, pads=[1, 1, 1, 1])
    change = graph.add("Mul", value, graph.constant(CENTERED.ab_span))
    ab = graph.add("Add", graph.weighted_sum(colors, shares), change)
    return Blend(
        "learned stack",
        {"ab": ab, **mean_confidence(joined, shares)},
        stack.run(joined.values["lightness"], np.concatenate(trial_colors(joined), 1)),
        parameters=sum(kernel.size + bias.size for kernel, bias in stack.layers),
        facts=stack.facts,
    )
