"""Which library an array belongs to, without importing torch for those who do not use it."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

Array = Any
"""A numpy array or a torch tensor; functions return the kind and dtype they were given."""


def namespace(array: Array) -> Any:
    """Return the module (``numpy`` or ``torch``) whose functions take this array."""
    if isinstance(array, np.ndarray):
        return np
    torch = sys.modules.get("torch")
    return torch if torch is not None and isinstance(array, torch.Tensor) else np


def constant(values: Any, like: Array) -> Array:
    """Return ``values`` as an array of the kind, dtype and device of ``like``."""
    if namespace(like) is np:
        dtype = like.dtype if np.issubdtype(like.dtype, np.floating) else np.float64
        return np.asarray(values, dtype=dtype)
    return namespace(like).as_tensor(values, dtype=like.dtype, device=like.device)


def below_max(logits: Array, axis: int) -> Array:
    """``logits - max``: at most 0, so that neither ``exp`` nor a low temperature overflows."""
    if namespace(logits) is np:
        return logits - logits.max(axis=axis, keepdims=True)
    return logits - logits.amax(axis, keepdim=True)


def exp_below_max(logits: Array, axis: int) -> Array:
    """``exp(logits - max)``: 0..1; ``exp`` alone overflows float16 at a logit of 11."""
    return namespace(logits).exp(below_max(logits, axis))


def full_precision(like: Array) -> AbstractContextManager[Any]:
    """Context that keeps matrix products in the dtype of ``like``: autocast would round them."""
    xp = namespace(like)
    if xp is np:
        return nullcontext()
    device = like.device.type
    # Entered only where needed: an exported graph would record the context.
    if not (xp.amp.is_autocast_available(device) and xp.is_autocast_enabled(device)):
        return nullcontext()
    context: AbstractContextManager[Any] = xp.autocast(device, enabled=False)
    return context


def softmax(logits: Array, axis: int) -> Array:
    """Softmax over one axis."""
    if namespace(logits) is np:
        e = exp_below_max(logits, axis)
        return e / e.sum(axis=axis, keepdims=True)
    return logits.softmax(axis)
