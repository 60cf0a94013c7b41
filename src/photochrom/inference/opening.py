"""Opens a model with whatever can run it."""

from __future__ import annotations

from pathlib import Path

from photochrom.errors import MissingExtra
from photochrom.inference.onnx_session import OnnxSession
from photochrom.inference.session import Session
from photochrom.weights.models import find_model, is_checkpoint


def open_session(model: str | Path, *, threads: int | None = None) -> Session:
    """Load a model by name, exported file, checkpoint or run folder.

    ``threads`` limits the cores used for one picture (default: all).
    """
    path = find_model(model)
    if not is_checkpoint(path):
        return OnnxSession(path, threads=threads)
    try:
        from photochrom.inference.torch_session import TorchSession
    except ImportError as error:
        raise MissingExtra("train", f"running the checkpoint {path}") from error
    return TorchSession(path, threads=threads)
