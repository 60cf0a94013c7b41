"""Opens a model with whatever can run it."""

from __future__ import annotations

from os import PathLike

from photochrom.errors import MissingExtra, WrongInput
from photochrom.inference.devices import check_device
from photochrom.inference.names import as_path
from photochrom.inference.onnx_session import OnnxSession
from photochrom.inference.session import Session
from photochrom.inference.settings import check_whole
from photochrom.weights.models import find_model, is_checkpoint

MOST_THREADS = 4096


def open_session(
    model: str | PathLike[str], *, threads: int | None = None, device: str = "cpu"
) -> Session:
    """Load a model by name, exported file, checkpoint or run folder.

    ``threads`` limits the cores used for one picture (default: all); ``device`` is one of
    :mod:`~photochrom.inference.devices`. Raises :class:`WrongInput` for what is neither, and as
    :func:`~photochrom.weights.models.find_model`.
    """
    is_model = isinstance(model, str | PathLike)
    if not is_model:
        message = f"a model is a name or a path, not {model!r}"
        raise WrongInput(message)
    if threads is not None:
        check_whole("threads", threads, 1, MOST_THREADS)
    check_device(device)
    path = find_model(as_path(model))
    if not is_checkpoint(path):
        return OnnxSession(path, threads=threads, device=device)
    if device not in ("auto", "cpu"):
        message = f"the checkpoint {path} runs on the cpu; export it to use {device}"
        raise WrongInput(message)
    try:
        from photochrom.inference.torch_session import TorchSession
    except ImportError as error:
        raise MissingExtra("train", f"running the checkpoint {path}") from error
    return TorchSession(path, threads=threads)
