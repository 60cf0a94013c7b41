"""Traces of networks, kept for all tests and test processes: they take most of an export's time."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from photochrom.weights.graph import ColorizationGraph


def kept(trace: Callable[[ColorizationGraph], Any], folder: Path) -> Callable[..., Any]:
    """``trace``, which looks first whether some test had the same graph traced before.

    The parity that every export is held to would show if it were another.
    """

    def traced(graph: ColorizationGraph) -> Any:
        import onnx

        path = folder / f"{_digest(graph)}.onnx"
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                path.write_bytes(trace(graph).SerializeToString())
            return onnx.load(path)

    return traced


def _digest(graph: ColorizationGraph) -> str:
    digest = hashlib.sha256(repr(graph).encode())
    for name, module in graph.named_modules():
        plain = {k: v for k, v in vars(module).items() if isinstance(v, int | float | str | tuple)}
        digest.update(repr((name, plain)).encode())
    for name, values in graph.state_dict().items():
        digest.update(name.encode() + values.numpy().tobytes())
    return digest.hexdigest()
