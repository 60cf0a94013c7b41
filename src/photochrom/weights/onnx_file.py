"""Exported models as files: read with their cards, checked, written atomically. No torch here."""

from __future__ import annotations

import dataclasses
import hashlib
import tempfile
from pathlib import Path
from typing import Any

from photochrom.errors import ModelError
from photochrom.photo.atomic import atomic_file, reason_of
from photochrom.weights.cards import METADATA_KEY, ModelCard
from photochrom.weights.models import model_bytes


def read_model(path: Path) -> tuple[Any, ModelCard]:
    """The ONNX model in a file and its card; raises :class:`ModelError` if it is not ours."""
    import onnx

    data = model_bytes(path)
    try:
        proto = onnx.load_model_from_string(data)
        onnx.checker.check_model(proto)
    except Exception as error:
        message = f"cannot load the model {path}: not an ONNX file, damaged, or cut short"
        raise ModelError(message) from error
    for entry in proto.metadata_props:
        if entry.key == METADATA_KEY:
            return proto, ModelCard.from_json(entry.value, str(path))
    message = f"{path} is an ONNX file without the card of a photochrom model"
    raise ModelError(message)


def sign(proto: Any, card: ModelCard) -> ModelCard:
    """Put the card, with the digest of the model's weights, into the model; returns that card."""
    import onnx

    card = dataclasses.replace(card, sha256=weights_sha256(proto))
    onnx.helper.set_model_props(proto, {METADATA_KEY: card.to_json()})
    onnx.checker.check_model(proto)
    return card


def make_folder(out: Path) -> None:
    """Make the folder of a file to be written, and see that it can be, before long work."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out.parent):
            pass
    except OSError as error:
        message = f"{out} cannot be written: {reason_of(error)}"
        raise ModelError(message) from error


def write_model(data: bytes, out: Path) -> None:
    """Write a serialized model, making its folder where there is none."""
    make_folder(out)
    with atomic_file(out) as file:
        file.write(data)


def runtime(data: bytes) -> Any:
    """A serialized model in ONNX Runtime on the CPU, silent."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def weights_sha256(proto: Any) -> str:
    """Digest of all weights of an ONNX model, by name and stored value."""
    digest = hashlib.sha256()
    for tensor in sorted(proto.graph.initializer, key=lambda t: t.name):
        digest.update(tensor.name.encode())
        digest.update(tensor.SerializeToString(deterministic=True))
    return digest.hexdigest()
