"""Runs a model: ONNX Runtime for exported files, torch for training checkpoints."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from photochrom.errors import MissingExtra, ModelError, WrongInput
from photochrom.weights.cards import METADATA_KEY, ModelCard
from photochrom.weights.models import find_model, is_checkpoint


@dataclass(frozen=True)
class Chroma:
    """``ab`` ``(N, 2, h, w)`` float32 in Lab units; ``confidence`` ``(N, 1, h, w)`` in 0..1."""

    ab: np.ndarray
    confidence: np.ndarray | None = None


class Session(Protocol):
    """A loaded model."""

    card: ModelCard

    def run(
        self,
        lightness: np.ndarray,
        *,
        hints: np.ndarray | None = None,
        temperature: float | None = None,
        rebalance: float | None = None,
    ) -> Chroma:
        """Color ``(N, 1, H, W)`` float32 lightness in 0..100."""


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


def feeds(
    card: ModelCard,
    lightness: np.ndarray,
    *,
    hints: np.ndarray | None,
    temperature: float | None,
    rebalance: float | None,
) -> dict[str, np.ndarray]:
    """Inputs of the graph by name, defaults from the card; raises if one is not supported."""
    usual_rebalance, usual_temperature = card.settings(card.vividness)
    given = {"hints": hints, "temperature": temperature, "rebalance": rebalance}
    for name, value in given.items():
        if value is not None and name not in card.inputs:
            message = f"the model {card.name} takes no {name}"
            raise WrongInput(message)
    result = {"lightness": np.ascontiguousarray(lightness, dtype=np.float32)}
    if "temperature" in card.inputs:
        value = usual_temperature if temperature is None else temperature
        result["temperature"] = np.array(value, dtype=np.float32)
    if "rebalance" in card.inputs:
        value = usual_rebalance if rebalance is None else rebalance
        result["rebalance"] = np.array(value, dtype=np.float32)
    if hints is not None:
        result["hints"] = hints.astype(np.float32)
    return result


class OnnxSession:
    """An exported file in ONNX Runtime on the CPU."""

    def __init__(self, path: Path, *, threads: int | None = None) -> None:
        """Load and read the card; raises :class:`ModelError` if the file is damaged or foreign."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = threads or 0
        # Spinning threads would take the core from decoding and encoding between two pictures.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            data = path.read_bytes()
            self._session = onnxruntime.InferenceSession(
                data, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            message = f"cannot load the model {path}: not an ONNX file, damaged, or cut short"
            raise ModelError(message) from error
        text = self._session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
        if text is None:
            message = f"{path} is an ONNX file without the card of a photochrom model"
            raise ModelError(message)
        self.card = ModelCard.from_json(text, str(path))
        self._outputs = [output.name for output in self._session.get_outputs()]

    def run(
        self,
        lightness: np.ndarray,
        *,
        hints: np.ndarray | None = None,
        temperature: float | None = None,
        rebalance: float | None = None,
    ) -> Chroma:
        """Color ``(N, 1, H, W)`` float32 lightness in 0..100."""
        feed = feeds(
            self.card, lightness, hints=hints, temperature=temperature, rebalance=rebalance
        )
        values: list[Any] = self._session.run(self._outputs, feed)
        found = dict(zip(self._outputs, values, strict=True))
        return Chroma(found["ab"], found.get("confidence"))
