"""Models by name, and where their files are."""

from __future__ import annotations

from pathlib import Path

from photochrom.errors import ModelError
from photochrom.registry import Registry

DEFAULT = "photochrom"
EMBEDDED = Path(__file__).parent / "embedded"

MODELS: Registry[Path] = Registry("model")
MODELS.add("photochrom", EMBEDDED / "photochrom.onnx")

CHECKPOINT = "checkpoint.safetensors"
"""What a run folder calls its last state."""


def find_model(model: str | Path) -> Path:
    """File of a model given by name, as an exported file, or as a run folder.

    Raises :class:`UnknownName` for an unknown name, :class:`ModelError` for a missing file.
    """
    path = Path(model)
    if isinstance(model, str) and model in MODELS:
        return MODELS[model]
    if path.is_dir():
        return checkpoint_path(path)
    if path.suffix or len(path.parts) > 1:
        if path.is_file():
            return path
        message = f"no model file at {path}"
        raise ModelError(message)
    return MODELS[str(model)]


def checkpoint_path(run: Path) -> Path:
    """The checkpoint of a run folder, or the file itself; :class:`ModelError` if there is none."""
    path = run / CHECKPOINT if run.is_dir() else run
    if not path.is_file():
        message = f"no checkpoint at {path}"
        raise ModelError(message)
    return path


def is_checkpoint(path: Path) -> bool:
    """Whether the file is a training checkpoint, which needs torch, and not an exported graph."""
    return path.suffix == ".safetensors"
