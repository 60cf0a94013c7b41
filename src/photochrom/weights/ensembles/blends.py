"""Ways in which an ensemble's members become one answer, as nodes behind their graphs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from photochrom.weights.ensembles.joined import Joined


@dataclass(frozen=True)
class Blend:
    """An answer made of the members'.

    Attributes: ``kind`` is what people call it; ``outputs`` are the values of the graph by the
    names of its outputs; ``expected`` is the ab that the joined members' trial gives, computed
    outside of the graph; ``parameters`` counts what was learned beside the members; ``facts`` are
    further fields of the card; ``shapes`` are those of the outputs beside ab and confidence.
    """

    kind: str
    outputs: dict[str, str]
    expected: np.ndarray
    parameters: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    shapes: dict[str, tuple[int | str, ...]] = field(default_factory=dict)


Blending = Callable[[Joined, np.ndarray], Blend]
"""From joined members and their shares, which sum to one, to an answer."""


def mean_of_ab(joined: Joined, shares: np.ndarray) -> Blend:
    """The weighted mean of the members' colors, and of the confidences that some of them give."""
    colors = joined.aligned([names["ab"] for names in joined.given])
    ab = joined.graph.weighted_sum(colors, shares)
    expected = sum(s * c for s, c in zip(shares, trial_colors(joined), strict=True))
    return Blend("mean color", {"ab": ab, **mean_confidence(joined, shares)}, np.asarray(expected))


def mean_confidence(joined: Joined, shares: np.ndarray) -> dict[str, str]:
    """The output ``confidence`` where a member with a share gives one; else none."""
    known = [i for i, names in enumerate(joined.given) if "confidence" in names and shares[i] > 0]
    if not known:
        return {}
    like = joined.given[joined.largest]["ab"]
    values = [
        joined.given[i]["confidence"]
        if joined.outputs[i].shape[2:] == joined.size
        else joined.graph.resize_like(joined.given[i]["confidence"], like)
        for i in known
    ]
    return {"confidence": joined.graph.weighted_sum(values, shares[known] / shares[known].sum())}


def trial_colors(joined: Joined) -> list[np.ndarray]:
    """The ab of the members' trial, each at the size of the largest."""
    return [joined.enlarge(ab) for ab in joined.outputs]
