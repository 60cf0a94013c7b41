"""Narrower storage of weights: half precision, or 8 bits with a scale for each output channel.

What half precision cannot hold stays as it is.

The graph still computes in fp32: the runtime widens constants once, when it loads the file.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from photochrom.errors import WrongInput

SMALLEST = 2048
"""Tensors of fewer values (biases, bins, priors, decisions) stay as they are."""

LARGEST = float(np.finfo(np.float16).max)
"""65,504: channels that say next to nothing are scaled up by more than that where the BatchNorm
after them is folded in, and beyond it every number would be infinite."""


def check_storage(storage: str) -> None:
    """Raise :class:`WrongInput` for one that there is not."""
    if storage not in ("fp32", "fp16", "int8"):
        message = f"storage must be fp32, fp16 or int8, not {storage!r}"
        raise WrongInput(message)


def store_weights(proto: Any, storage: str) -> Any:
    """Return a copy of the ONNX model whose large float tensors are stored as ``storage``."""
    import onnx

    check_storage(storage)
    narrowed = onnx.ModelProto()
    narrowed.CopyFrom(proto)
    if storage == "fp32":
        return narrowed
    nodes = []
    for tensor in list(narrowed.graph.initializer):
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < SMALLEST or values.ndim < 2:
            continue
        if storage == "fp16" and np.abs(values).max() > LARGEST:
            continue
        narrowed.graph.initializer.remove(tensor)
        narrow = _half if storage == "fp16" else _eight_bits
        initializers, widening = narrow(tensor.name, values)
        narrowed.graph.initializer.extend(initializers)
        nodes.extend(widening)
    kept = list(narrowed.graph.node)
    del narrowed.graph.node[:]
    narrowed.graph.node.extend(nodes + kept)
    return narrowed


def _half(name: str, values: np.ndarray) -> tuple[list[Any], list[Any]]:
    from onnx import TensorProto, helper, numpy_helper

    stored = numpy_helper.from_array(values.astype(np.float16), f"{name}_fp16")
    return [stored], [helper.make_node("Cast", [stored.name], [name], to=TensorProto.FLOAT)]


def _eight_bits(name: str, values: np.ndarray) -> tuple[list[Any], list[Any]]:
    """Symmetric, one scale for each output channel (axis 0).

    Cast and Mul rather than DequantizeLinear: a runtime folds those two into a constant, and keeps
    the latter to compute it again for every picture.
    """
    from onnx import TensorProto, helper, numpy_helper

    scale = np.abs(values).reshape(len(values), -1).max(1) / 127
    scale = np.where(scale > 0, scale, 1).astype(np.float32)
    scale = scale.reshape(-1, *[1] * (values.ndim - 1))
    stored = np.round(values / scale).astype(np.int8)
    initializers = [
        numpy_helper.from_array(stored, f"{name}_int8"),
        numpy_helper.from_array(scale, f"{name}_scale"),
    ]
    levels = f"{name}_levels"
    return initializers, [
        helper.make_node("Cast", [f"{name}_int8"], [levels], to=TensorProto.FLOAT),
        helper.make_node("Mul", [levels, f"{name}_scale"], [name]),
    ]
