"""The mean of distributions over bins: members that doubt differently agree before a color is
chosen, so that two saturated guesses do not meet in a gray between them.
"""

from __future__ import annotations

import numpy as np

from photochrom.color.distribution import Distribution
from photochrom.errors import ModelError
from photochrom.weights.cards import DECISION, DISTRIBUTION
from photochrom.weights.ensembles.blends import Blend
from photochrom.weights.ensembles.joined import Joined
from photochrom.weights.ensembles.members import OpenedMember

FLOOR = 1e-30
"""Probabilities below are taken for this: their logarithms stay finite."""


def mean_of_probabilities(joined: Joined, shares: np.ndarray) -> Blend:
    """The weighted mean of the members' calibrated probabilities, then rebalanced and annealed.

    The prior is the mean of theirs, and so is the decision, if they have one; the confidence is
    that of the mean distribution.

    Raises :class:`ModelError` if a member has none, or other bins than the first, or decides
    otherwise.
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
    decision = _mean_decision(joined, found, shares)
    graph = joined.graph
    each = [graph.add("Softmax", names["logits"], axis=1) for names in joined.given]
    mean = graph.weighted_sum(joined.aligned(each), shares)
    prior = sum(s * one.prior for s, one in zip(shares, found, strict=True))
    outputs = {
        "confidence": graph.add("ReduceMax", mean, graph.constant([1], np.int64), keepdims=1),
        "logits": graph.add("Log", graph.add("Max", mean, graph.constant(FLOOR))),
        "centers": graph.constant(centers),
        "prior": graph.constant(prior),
    }
    bias = _prior_bias(joined, np.asarray(prior))
    if decision is not None:
        outputs["decision"] = graph.constant(decision)
        bias = _decision_bias(joined, decision)
    outputs["ab"] = _annealed_mean(joined, outputs["logits"], centers, bias)
    trials = [joined.enlarge(one.probabilities) for one in found]
    expected = sum(s * p for s, p in zip(shares, trials, strict=True))
    blended = Distribution(
        np.log(np.maximum(expected, FLOOR)), centers, np.asarray(prior), decision
    )
    dial = {name: float(joined.values[name]) for name in ("rebalance", "temperature")}
    ab = blended.ab(**dial)
    shapes = {
        "logits": joined.map_of(len(centers)),
        "centers": centers.shape,
        "prior": centers.shape[:1],
    }
    if decision is not None:
        shapes["decision"] = decision.shape
    return Blend("mean distribution", outputs, ab, shapes=shapes)


def _mean_decision(
    joined: Joined, found: list[Distribution], shares: np.ndarray
) -> np.ndarray | None:
    """The mean of the members' decisions; None if none has one."""
    decisions = [one.decision for one in found]
    first = decisions[0]
    for member, one in zip(joined.members, decisions, strict=True):
        if (one is None) is not (first is None) or (
            one is not None and first is not None and not np.allclose(one[:, 0], first[:, 0])
        ):
            message = (
                f"{member.label} and {joined.members[0].label} decide between colors in different "
                "ways: export both with --decision, or leave out --mean probabilities"
            )
            raise ModelError(message)
    if first is None:
        return None
    mean: np.ndarray = sum(
        s * one for s, one in zip(shares, decisions, strict=True) if one is not None
    )
    return mean.astype(np.float32)


def _prior_bias(joined: Joined, prior: np.ndarray) -> str:
    """Nodes for what is added to logits; see :mod:`photochrom.color.prior`."""
    graph, bins = joined.graph, prior.size
    rare = graph.add("Mul", "rebalance", graph.constant(prior.reshape(1, -1, 1, 1)))
    evenly = graph.add("Sub", graph.constant(1), "rebalance")
    mixed = graph.add("Add", rare, graph.add("Mul", evenly, graph.constant(1 / bins)))
    return graph.add("Neg", graph.add("Log", mixed))


def _decision_bias(joined: Joined, decision: np.ndarray) -> str:
    """The same of a decision; see :func:`photochrom.color.decision.bias_at`."""
    graph = joined.graph
    knots = np.log(decision[:, 0])
    ahead = graph.add("Sub", graph.add("Log", "temperature"), graph.constant(knots[:-1]))
    steps = graph.add("Div", ahead, graph.constant(np.diff(knots)))
    zero, one = graph.constant(0), graph.constant(1)
    position = graph.add("ReduceSum", graph.add("Clip", steps, zero, one), keepdims=1)
    apart = graph.add("Sub", position, graph.constant(np.arange(len(knots))))
    weights = graph.add("Clip", graph.add("Sub", one, graph.add("Abs", apart)), zero, one)
    bias = graph.add("MatMul", weights, graph.constant(decision[:, 1:]))
    shaped = graph.add("Reshape", bias, graph.constant([1, -1, 1, 1], np.int64))
    return graph.add("Mul", "rebalance", shaped)


def _annealed_mean(joined: Joined, logits: str, centers: np.ndarray, bias: str) -> str:
    """Nodes from mean logits and a bias to ab; see :mod:`photochrom.color.encoding`."""
    graph = joined.graph
    cooled = graph.add("Div", graph.add("Add", logits, bias), "temperature")
    weights = graph.add("Softmax", graph.add("Transpose", cooled, perm=[0, 2, 3, 1]), axis=-1)
    colors = graph.add("MatMul", weights, graph.constant(centers))
    return graph.add("Transpose", colors, perm=[0, 3, 1, 2])


def distribution_of(member: OpenedMember, values: dict[str, np.ndarray]) -> Distribution:
    """A member's logits, bins and prior; raises :class:`ModelError` if its graph gives none."""
    if not {"temperature", "rebalance"} <= set(member.card.inputs):
        message = (
            f"{member.label} gives no probabilities over bins of ab; leave out --mean probabilities"
        )
        raise ModelError(message)
    if not set(DISTRIBUTION) <= {output.name for output in member.proto.graph.output}:
        message = (
            f"the file {member.label} does not say how probable each color is; name its run "
            "folder or checkpoint instead, or the members of an ensemble"
        )
        raise ModelError(message)
    known = {output.name for output in member.proto.graph.output}
    names = [name for name in (*DISTRIBUTION, DECISION) if name in known]
    return Distribution(*member.trial(values, names))
