"""Which library an array belongs to, without importing torch for those who do not use it."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

Array = Any
"""A numpy array or a torch tensor; functions return the kind and dtype they were given."""


def namespace(array: Array) -> Any:
    """Return the module (``numpy`` or ``torch``) whose functions take this array."""
    torch = sys.modules.get("torch")
    return torch if torch is not None and isinstance(array, torch.Tensor) else np


def constant(values: Any, like: Array) -> Array:
    """Return ``values`` as an array of the kind, dtype and device of ``like``."""
    if namespace(like) is np:
        dtype = like.dtype if np.issubdtype(like.dtype, np.floating) else np.float64
        return np.asarray(values, dtype=dtype)
    return namespace(like).as_tensor(values, dtype=like.dtype, device=like.device)


def softmax(logits: Array, axis: int) -> Array:
    """Softmax with the maximum subtracted: ``exp`` alone overflows float16 at a logit of 11."""
    if namespace(logits) is np:
        e = np.exp(logits - logits.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)
    return logits.softmax(axis)
