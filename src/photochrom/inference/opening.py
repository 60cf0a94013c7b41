"""Opens a model with whatever can run it."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from photochrom.errors import MissingExtra, WrongInput
from photochrom.inference.onnx_session import OnnxSession
from photochrom.inference.session import Session
from photochrom.inference.settings import check_whole
from photochrom.weights.models import find_model, is_checkpoint

MOST_THREADS = 4096


def open_session(model: str | Path, *, threads: int | None = None) -> Session:
    """Load a model by name, exported file, checkpoint or run folder.

    ``threads`` limits the cores used for one picture (default: all). Raises :class:`WrongInput` for
    what is neither, and as :func:`~photochrom.weights.models.find_model`.
    """
    is_model = isinstance(model, str | PathLike)
    if not is_model:
        message = f"a model is a name or a path, not {model!r}"
        raise WrongInput(message)
    if threads is not None:
        check_whole("threads", threads, 1, MOST_THREADS)
    path = find_model(model)
    if not is_checkpoint(path):
        return OnnxSession(path, threads=threads)
    try:
        from photochrom.inference.torch_session import TorchSession
    except ImportError as error:
        raise MissingExtra("train", f"running the checkpoint {path}") from error
    return TorchSession(path, threads=threads)
