"""How often each bin occurs, and what to do about the rare ones.

``prior`` is ``(Q,)``, above 0, summing to one.
"""

from __future__ import annotations

from photochrom.color.arrays import Array, namespace
from photochrom.errors import WrongInput

_FLOOR = 1e-7


def normalize_prior(counts: Array) -> Array:
    """Counts ``(Q,)`` to a prior; empty bins get a floor, so that logarithms stay finite."""
    xp = namespace(counts)
    if not counts.sum() > 0:
        message = "no prior can be made from empty counts"
        raise WrongInput(message)
    share = xp.clip(counts / counts.sum(), _FLOOR, None)
    return share / share.sum()


def rebalancing_weights(prior: Array, *, uniform: float = 0.5) -> Array:
    """Loss weights ``(Q,)`` for rare colors: ``1 / ((1 - uniform) p + uniform / Q)``, E_p[w] = 1.

    Zhang et al. 2016, equation 4; ``uniform`` (their lambda, 0..1) mixes in the uniform
    distribution: 1 gives equal weights.
    """
    weights = 1 / ((1 - uniform) * prior + uniform / prior.shape[0])
    return weights / (prior * weights).sum()


def rebalance_logits(logits: Array, prior: Array, rebalance: Array | float) -> Array:
    """Shift the logits of a calibrated network towards rare colors, ``(N, Q, H, W)``.

    ``logits - log(rebalance * p + (1 - rebalance) / Q)``: 0 leaves the distribution as it is,
    0.5 corresponds to training with Zhang's weights, 1 divides the prior out. After Menon et al.
    2021, "Long-tail learning via logit adjustment".
    """
    mixed = rebalance * prior + (1 - rebalance) / prior.shape[0]
    return logits - namespace(logits).log(mixed).reshape(1, -1, 1, 1)
