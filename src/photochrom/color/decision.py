"""Which color is shown, of all that a network thinks possible.

A calibrated network hedges, and what lies between the colors it hesitates between is brown: decided
place by place, brown comes out up to twice as often as it is. One bias for each bin, fitted once so
that the colors decided on occur as often as they do in photographs, mends that without training. It
goes further than dividing the prior out (see :mod:`photochrom.color.prior`), which knows how often
a color occurs, but not how often this network decides on it.

A *decision* is ``(K, 1 + Q)``: for each of K rising temperatures that temperature, and the biases
of the Q bins that were fitted at it. Numpy or torch.
"""

from __future__ import annotations

import numpy as np

from photochrom.color.arrays import Array, constant, namespace, softmax
from photochrom.color.prior import rebalance_logits

_RARE = 1e-9
_STEP, _LARGEST = 0.5, 2.0
"""How much of what is missing a round makes good, and the most, as a factor's logarithm."""


def bias_at(decision: Array, temperature: Array | float) -> Array:
    """Biases ``(Q,)`` at a temperature above 0: between those fitted, by its logarithm.

    Below the lowest and above the highest temperature fitted they are those of that one.
    """
    xp = namespace(decision)
    knots = xp.log(decision[:, 0])
    place = xp.log(constant(temperature, decision))
    position = xp.clip((place - knots[:-1]) / (knots[1:] - knots[:-1]), 0, 1).sum()
    index = constant(np.arange(len(decision)), decision)
    weights = xp.clip(1 - abs(position - index), 0, 1)
    return weights @ decision[:, 1:]


def decide_logits(
    logits: Array, decision: Array, *, rebalance: Array | float, temperature: Array | float
) -> Array:
    """Calibrated logits ``(N, Q, H, W)`` with the biases of a temperature.

    ``rebalance`` is the share of the biases: 0 leaves the network calibrated, at 1 colors occur as
    often as in the photographs that the biases were fitted on.
    """
    bias = rebalance * bias_at(decision, temperature)
    return logits + constant(bias, logits).reshape(1, -1, 1, 1)


def shift_logits(
    logits: Array,
    prior: Array,
    decision: Array | None,
    *,
    rebalance: Array | float,
    temperature: Array | float,
) -> Array:
    """Logits ``(N, Q, H, W)`` as the dial wants them: by the decision, or else by the prior."""
    if decision is None:
        return rebalance_logits(logits, prior, rebalance)
    return decide_logits(logits, decision, rebalance=rebalance, temperature=temperature)


def fit_biases(logits: Array, true: Array, *, temperature: float, rounds: int = 80) -> Array:
    """Biases ``(Q,)`` with which ``softmax((logits + b) / temperature)`` is ``true`` on average.

    Iterative proportional fitting (Deming and Stephan 1940), damped: what is decided on too rarely
    gains, what is decided on too often loses.

    Args:
        logits: calibrated logits ``(n, Q)`` of many places of many pictures.
        true: how often each bin is the nearest to a true color ``(Q,)``, summing to one.
        temperature: above 0.
        rounds: so many; 80 leave less than a hundredth of the places elsewhere.
    """
    xp = namespace(logits)
    bias = xp.zeros_like(logits[0])
    wanted = constant(true, logits) + _RARE
    for _ in range(rounds):
        found = softmax((logits + bias) / temperature, 1).mean(0) + _RARE
        lacking = xp.clip(xp.log(wanted / found), -_LARGEST, _LARGEST)
        bias = bias + _STEP * temperature * lacking
    return bias
