"""Runs an exported model in ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from photochrom.color.distribution import Distribution
from photochrom.errors import ModelError
from photochrom.inference.devices import CPU, PROVIDERS, devices_for
from photochrom.inference.distribution import distribution_from
from photochrom.inference.session import Chroma, cannot_run, feeds
from photochrom.weights.cards import DECISION, DISTRIBUTION, METADATA_KEY, ModelCard
from photochrom.weights.models import model_bytes


class OnnxSession:
    """An exported file in ONNX Runtime."""

    def __init__(self, path: Path, *, threads: int | None = None, device: str = "cpu") -> None:
        """Load and read the card; raises :class:`ModelError` if the file is damaged or foreign.

        So it does where the ``device`` cannot be used though ONNX Runtime knows it.
        """
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = threads or 0
        # Spinning threads would take the core from decoding and encoding between two pictures.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        data = model_bytes(path)
        try:
            # First as every computer can: what fails then is the file.
            self._session = onnxruntime.InferenceSession(data, options, providers=[CPU])
        except Exception as error:
            message = f"cannot load the model {path}: not an ONNX file, damaged, or cut short"
            raise ModelError(message) from error
        self.device = "cpu"
        for name in devices_for(device, data):
            found = _session_on(name, data, options)
            if found is not None:
                self._session, self.device = found, name
                break
            if device != "auto":
                message = f"{name} cannot be used: its driver or a library is missing or fails"
                raise ModelError(message)
        text = self._session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
        if text is None:
            message = f"{path} is an ONNX file without the card of a photochrom model"
            raise ModelError(message)
        self.card = ModelCard.from_json(text, str(path))
        self._outputs = {output.name for output in self._session.get_outputs()}

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
        found = self._fetch(("ab", "confidence"), feed)
        return Chroma(found["ab"], found.get("confidence"))

    def distribution(
        self, lightness: np.ndarray, *, hints: np.ndarray | None = None
    ) -> Distribution:
        """How probable each color is; see :class:`~photochrom.inference.session.Session`."""
        feed = feeds(self.card, lightness, hints=hints, temperature=None, rebalance=None)
        return distribution_from(self._fetch((*DISTRIBUTION, DECISION), feed), self.card)

    def _fetch(self, names: tuple[str, ...], feed: dict[str, np.ndarray]) -> dict[str, Any]:
        """Those of the named outputs that the graph has."""
        known = [name for name in names if name in self._outputs]
        try:
            values: list[Any] = self._session.run(known, feed) if known else []
        except Exception as error:  # ONNX Runtime's have no common class of their own
            raise cannot_run(self.card, feed, error) from error
        return dict(zip(known, values, strict=True))


def _session_on(device: str, data: bytes, options: Any) -> Any | None:
    """A session on another device, where the CPU does what that cannot; None if it fails."""
    import onnxruntime

    providers = [PROVIDERS[device], CPU]
    try:
        # ONNX Runtime would go on with the CPU alone, and say so on stdout, where pictures may go.
        session = onnxruntime.InferenceSession(
            data, options, providers=providers, enable_fallback=0
        )
    except Exception:  # its own have no common class
        return None
    return session if PROVIDERS[device] in session.get_providers() else None
