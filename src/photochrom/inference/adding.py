"""Models of one's own that every command knows by name."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from photochrom.errors import ModelError, UnknownName, WrongInput
from photochrom.inference.onnx_session import OnnxSession
from photochrom.photo.atomic import atomic_file, reason_of
from photochrom.photo.folders import is_folder
from photochrom.registry import suggestion
from photochrom.weights.cards import ModelCard
from photochrom.weights.models import (
    MODELS,
    SUFFIX,
    added_models,
    is_checkpoint,
    models_folder,
)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_BLOCK = 1 << 20


def add_model(file: str | os.PathLike[str], name: str | None = None) -> tuple[str, ModelCard]:
    """Copy an exported model to where models are found by name; returns its name and card.

    It is loaded first, and the copy compared with the file. Without ``name`` it is called as its
    card says. Raises :class:`ModelError` for what is no exported model, :class:`WrongInput` for a
    name that is taken or cannot be one, and :class:`UnwritablePhoto` if it cannot be written.
    """
    path = Path(os.fsdecode(file))
    if is_folder(path) or is_checkpoint(path):
        message = (
            f"{path} is a run that is not exported; add what `photochrom export {path}` writes"
        )
        raise WrongInput(message)
    card = OnnxSession(path).card
    chosen = card.name if name is None else name
    _check_name(chosen)
    folder = models_folder()
    place = folder / f"{chosen}{SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
            source.seek(0)
            with atomic_file(place) as copy:
                while block := source.read(_BLOCK):
                    copy.write(block)
        with place.open("rb") as copied:
            is_whole = hashlib.file_digest(copied, "sha256").hexdigest() == digest
    except OSError as error:
        message = f"{path} cannot be copied to {folder}: {reason_of(error)}"
        raise ModelError(message) from error
    if not is_whole:
        place.unlink(missing_ok=True)
        message = f"{path} changed while it was copied, or the disk of {folder} is faulty"
        raise ModelError(message)
    return chosen, card


def remove_model(name: str) -> Path:
    """Remove a model that was added; returns where it was.

    Raises :class:`UnknownName` if none of that name was, :class:`WrongInput` for those that come
    with photochrom, and :class:`ModelError` if the system refuses.
    """
    if name in MODELS:
        message = f"the model {name} comes with photochrom and stays"
        raise WrongInput(message)
    added = added_models()
    if name not in added:
        hint = suggestion(name, added) if added else "none was added"
        message = f"no model named {name!r} was added; {hint}"
        raise UnknownName(message)
    try:
        added[name].unlink()
    except OSError as error:
        message = f"{added[name]} cannot be removed: {reason_of(error)}"
        raise ModelError(message) from error
    return added[name]


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        message = (
            f"{name!r} cannot be a model's name: take letters, digits, dots and dashes (--name)"
        )
        raise WrongInput(message)
    taken = {known.lower(): known for known in (*MODELS, *added_models())}
    if name.lower() in taken:
        known = taken[name.lower()]
        cure = "" if known in MODELS else f", or `photochrom models remove {known}` first"
        message = f"there is a model named {known} already: give another --name{cure}"
        raise WrongInput(message)
