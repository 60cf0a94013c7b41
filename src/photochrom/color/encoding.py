"""Colors to bins and back: hard and soft encoding, the annealed mean.

``ab`` is ``(N, 2, H, W)``, ``centers`` ``(Q, 2)``, both in Lab units; distributions and logits are
``(N, Q, H, W)``. Numpy or torch.
"""

from __future__ import annotations

import numpy as np

from photochrom.color.arrays import (
    Array,
    below_max,
    constant,
    full_precision,
    namespace,
    softmax,
)
from photochrom.errors import WrongInput


def _affinity(ab: Array, centers: Array) -> Array:
    """``(N, H, W, Q)``: minus half the squared distance, but for a term that all bins share.

    A product of matrices with bins last: both are what softmax and sums run fastest on.
    """
    centers = constant(centers, ab)
    points = namespace(ab).moveaxis(ab, 1, -1)
    # Rounded to bfloat16, one nearest bin in thirteen would be another.
    with full_precision(ab):
        return points @ centers.T - (centers**2).sum(1) / 2


def encode_hard(ab: Array, centers: Array) -> Array:
    """Index of the nearest bin, ``(N, H, W)`` integers."""
    return _affinity(ab, centers).argmax(-1)


def encode_each_hard(values: Array, centers: Array) -> Array:
    """Nearest bin of each channel by itself: ``(N, C, H, W)`` and centers ``(K, C)`` to integers.

    The result has the shape of ``values``. Halfway between two centers the lower bin is taken.
    """
    centers = namespace(values).moveaxis(constant(centers, values), 0, 1)
    return abs(values[:, :, None] - centers[None, :, :, None, None]).argmin(2)


def encode_soft(
    ab: Array, centers: Array, *, sigma: float = 5.0, neighbors: int | None = 10
) -> Array:
    """Gaussian weights of the nearest bins, ``(N, Q, H, W)``, summing to one over Q.

    Zhang et al. 2016, section 2.2: ``sigma`` 5 Lab units; the paper says 5 neighbors, the
    authors' code uses 10. ``neighbors=None`` takes all bins, which is faster where Q is small.
    """
    xp = namespace(ab)
    affinity = _affinity(ab, centers)
    code = softmax(affinity / sigma**2, -1)
    if neighbors is not None and neighbors < affinity.shape[-1]:
        # The last neighbor's affinity as threshold: ties at the border of a cell are all kept.
        if xp is np:
            last = np.partition(affinity, -neighbors, -1)[..., -neighbors]
        else:
            last = affinity.topk(neighbors, -1).values[..., -1]
        code = xp.where(affinity >= last[..., None], code, xp.zeros_like(code))
        code = code / code.sum(-1)[..., None]
    return xp.moveaxis(code, -1, 1)


def mean_color(probabilities: Array, centers: Array) -> Array:
    """Sum of the bins' colors by weight, ``(N, 2, H, W)``: the mean color of distributions."""
    return _mean_color(namespace(probabilities).moveaxis(probabilities, 1, -1), centers)


def _mean_color(probabilities: Array, centers: Array) -> Array:
    """The same of distributions ``(N, H, W, Q)``."""
    with full_precision(probabilities):
        ab = probabilities @ constant(centers, probabilities)
    return namespace(probabilities).moveaxis(ab, -1, 1)


def annealed_mean(logits: Array, centers: Array, temperature: Array | float = 1.0) -> Array:
    """Mean color of ``softmax(logits / temperature)``: 1 is the mean, towards 0 the mode.

    Zhang et al. 2016, equation 5, on logits. ``temperature`` above 0.
    """
    if isinstance(temperature, int | float | np.floating) and not temperature > 0:
        message = f"temperature must be above 0, not {temperature}"
        raise WrongInput(message)
    # Bins last: over channels, softmax and sums are what ONNX Runtime is slowest at.
    logits = below_max(namespace(logits).moveaxis(logits, 1, -1), -1)
    return _mean_color(softmax(logits / temperature, -1), centers)
