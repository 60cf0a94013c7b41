"""Models by name, and where their files are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from photochrom.errors import ModelError, UnknownName
from photochrom.photo.atomic import reason_of
from photochrom.photo.folders import is_file, is_folder, refusal
from photochrom.registry import Registry, suggestion

DEFAULT = "photochrom"
FOLDER_KEY = "PHOTOCHROM_MODELS"
"""The variable of the environment that says where added models lie."""
SUFFIX = ".onnx"
EMBEDDED = Path(__file__).parent / "embedded"

MODELS: Registry[Path] = Registry("model")
MODELS.add("photochrom", EMBEDDED / "photochrom.onnx")

CHECKPOINT = "checkpoint.safetensors"
"""What a run folder calls its last state."""


def models_folder() -> Path:
    """Where the models lie that were added; it need not exist."""
    told = os.environ.get(FOLDER_KEY)
    if told:
        return Path(told)
    home = Path.home()
    if sys.platform == "win32":
        data = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        data = home / "Library" / "Application Support"
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return data / "photochrom" / "models"


def added_models() -> dict[str, Path]:
    """The models that were added, by name; none where their folder cannot be read."""
    try:
        files = sorted(models_folder().iterdir())
    except (OSError, RuntimeError):  # RuntimeError: nobody knows where home is
        return {}
    return {
        path.stem: path
        for path in files
        if path.suffix == SUFFIX and not path.name.startswith(".") and path.stem not in MODELS
    }


def find_model(model: str | Path) -> Path:
    """File of a model given by name, as an exported file, or as a run folder.

    Raises :class:`UnknownName` for an unknown name, :class:`ModelError` for a missing file.
    """
    path = Path(model)
    if isinstance(model, str) and model in MODELS:
        return MODELS[model]
    if isinstance(model, str) and model in (added := added_models()):
        return added[model]
    if is_folder(path):
        return checkpoint_path(path)
    if path.suffix or len(path.parts) > 1:
        if is_file(path):
            return path
        raise ModelError(_missing("model file", path))
    message = f"no model named {str(model)!r}; {suggestion(str(model), (*MODELS, *added_models()))}"
    raise UnknownName(message)


def checkpoint_path(run: Path) -> Path:
    """The checkpoint of a run folder, or the file itself; :class:`ModelError` if there is none."""
    path = run / CHECKPOINT if is_folder(run) else run
    if not is_file(path):
        raise ModelError(_missing("checkpoint", path))
    return path


def _missing(what: str, path: Path) -> str:
    reason = refusal(path)
    return f"cannot read the model {path}: {reason}" if reason else f"no {what} at {path}"


def model_bytes(path: Path) -> bytes:
    """The content of a model's file; raises :class:`ModelError` if the system refuses it."""
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"cannot read the model {path}: {reason_of(error, missing='file')}"
        raise ModelError(message) from error


def is_checkpoint(path: Path) -> bool:
    """Whether the file is a training checkpoint, which needs torch, and not an exported graph."""
    return path.suffix == ".safetensors"
