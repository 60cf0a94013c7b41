"""A graph's own distribution over bins of color, from its outputs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from photochrom.color.distribution import Distribution
from photochrom.errors import ModelError
from photochrom.weights.cards import DECISION, DISTRIBUTION, ModelCard


def distribution_from(outputs: Mapping[str, np.ndarray], card: ModelCard) -> Distribution:
    """Of the outputs of a graph by name; raises :class:`ModelError` where it has none."""
    if not set(DISTRIBUTION) <= set(outputs):
        message = (
            f"the model {card.name} does not say how probable each color is: it has no bins of "
            "color, or was exported before files said so (export it again)"
        )
        raise ModelError(message)
    logits, centers, prior = (outputs[name] for name in DISTRIBUTION)
    return Distribution(logits, centers, prior, outputs.get(DECISION))
