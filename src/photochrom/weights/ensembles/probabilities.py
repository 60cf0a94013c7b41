"""The mean of distributions over bins: members that doubt differently agree before a color is
chosen, so that two saturated guesses do not meet in a gray between them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from photochrom.color.arrays import softmax
from photochrom.color.encoding import annealed_mean
from photochrom.color.prior import rebalance_logits
from photochrom.errors import ModelError
from photochrom.weights.ensembles.blends import Blend
from photochrom.weights.ensembles.joined import Joined
from photochrom.weights.ensembles.members import OpenedMember

FLOOR = 1e-30
"""Probabilities below are taken for this: their logarithms stay finite."""

SAME = 0.01
"""Largest difference, in ab and in percent of confidence, of what logits found in a graph give."""


@dataclass(frozen=True)
class Distribution:
    """Where a member's probabilities are: ``logits`` names the value in its graph, ``trial`` is
    what that was in a trial run ``(N, Q, h, w)``; ``centers`` ``(Q, 2)`` and ``prior`` ``(Q,)``.
    """

    logits: str
    trial: np.ndarray
    centers: np.ndarray
    prior: np.ndarray


def mean_of_probabilities(joined: Joined, shares: np.ndarray) -> Blend:
    """The weighted mean of the members' calibrated probabilities, then rebalanced and annealed.

    The prior is the mean of theirs; the confidence is that of the mean distribution.

    Raises :class:`ModelError` if a member has none, or other bins than the first.
    """
    found = [distribution_of(member, joined.values) for member in joined.members]
    centers = found[0].centers
    for member, one in zip(joined.members, found, strict=True):
        if one.centers.shape != centers.shape or not np.allclose(one.centers, centers, atol=1e-3):
            message = (
                f"{member.label} and {joined.members[0].label} have different bins "
                f"({len(one.centers)} and {len(centers)}): their probabilities have no mean; "
                "leave out --mean probabilities"
            )
            raise ModelError(message)
    graph = joined.graph
    each = [
        graph.add("Softmax", names[one.logits], axis=1)
        for names, one in zip(joined.given, found, strict=True)
    ]
    mean = graph.weighted_sum(joined.aligned(each), shares)
    prior = sum(s * one.prior for s, one in zip(shares, found, strict=True))
    outputs = {
        "confidence": graph.add("ReduceMax", mean, graph.constant([1], np.int64), keepdims=1),
        "logits": graph.add("Log", graph.add("Max", mean, graph.constant(FLOOR))),
        "centers": graph.constant(centers),
        "prior": graph.constant(prior),
    }
    outputs["ab"] = _annealed_mean(joined, outputs["logits"], centers, np.asarray(prior))
    trials = [joined.enlarge(softmax(one.trial, 1)) for one in found]
    expected = sum(s * p for s, p in zip(shares, trials, strict=True))
    logits = np.log(np.maximum(expected, FLOOR))
    values = joined.values
    shifted = rebalance_logits(logits, np.asarray(prior), values["rebalance"])
    ab = annealed_mean(shifted, centers, values["temperature"])
    shapes = {
        "logits": joined.map_of(len(centers)),
        "centers": centers.shape,
        "prior": centers.shape[:1],
    }
    return Blend("mean distribution", outputs, ab, shapes=shapes)


def _annealed_mean(joined: Joined, logits: str, centers: np.ndarray, prior: np.ndarray) -> str:
    """Nodes from mean logits to ab; see :mod:`photochrom.color.encoding` and ``prior``."""
    graph, bins = joined.graph, len(centers)
    channels = graph.constant([1], np.int64)
    rare = graph.add("Mul", "rebalance", graph.constant(prior.reshape(1, -1, 1, 1)))
    evenly = graph.add("Sub", graph.constant(1), "rebalance")
    mixed = graph.add("Add", rare, graph.add("Mul", evenly, graph.constant(1 / bins)))
    cooled = graph.add("Div", graph.add("Sub", logits, graph.add("Log", mixed)), "temperature")
    largest = graph.add("ReduceMax", cooled, channels, keepdims=1)
    weights = graph.add("Exp", graph.add("Sub", cooled, largest))
    colors = graph.add("Conv", weights, graph.constant(centers.T[:, :, None, None]))
    return graph.add("Div", colors, graph.add("ReduceSum", weights, channels, keepdims=1))


def distribution_of(member: OpenedMember, values: dict[str, np.ndarray]) -> Distribution:
    """Find a member's logits, bins and prior in its graph; raises :class:`ModelError`.

    Exported graphs do not name them, so all that could be are tried: the right ones give the
    member's own colors and confidence.
    """
    if not {"temperature", "rebalance"} <= set(member.card.inputs):
        message = (
            f"{member.label} gives no probabilities over bins of ab; leave out --mean probabilities"
        )
        raise ModelError(message)
    names = sorted({n.input[0] for n in member.proto.graph.node if n.op_type == "ReduceMax"})
    ab, confidence, *tried = member.trial(values, ["ab", "confidence", *names])
    for name, logits in zip(names, tried, strict=True):
        if logits.ndim != 4 or logits.shape[2:] != ab.shape[2:]:
            continue
        if 100 * np.abs(softmax(logits, 1).max(1, keepdims=True) - confidence).max() > SAME:
            continue
        for centers, prior in _bins(member, logits.shape[1]):
            shifted = rebalance_logits(logits, prior, values["rebalance"])
            if np.abs(annealed_mean(shifted, centers, values["temperature"]) - ab).max() < SAME:
                return Distribution(name, logits, centers, prior)
    message = (
        f"the probabilities of {member.label} cannot be found in its graph; name its run folder "
        "or checkpoint instead, or the members of an ensemble"
    )
    raise ModelError(message)


def _bins(member: OpenedMember, count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of constants that could be the centers and the prior of so many bins."""
    from onnx import numpy_helper

    arrays = [
        numpy_helper.to_array(tensor)
        for tensor in member.proto.graph.initializer
        if sorted(tensor.dims) in ([count], sorted((2, count)))
    ]
    tables = [a for a in arrays if a.ndim == 2]
    priors = [a for a in arrays if a.ndim == 1 and (a > 0).all() and abs(a.sum() - 1) < SAME]
    for table, prior in itertools.product(tables, priors):
        yield (table.T if table.shape[0] == 2 else table), prior
