"""Runs a training checkpoint directly: to look at a run before it is exported."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import torch

from photochrom.color.distribution import Distribution
from photochrom.inference.distribution import distribution_from
from photochrom.inference.session import Chroma, cannot_run, feeds
from photochrom.weights.export import describe
from photochrom.weights.graph import ColorizationGraph, load_graph


class TorchSession:
    """The averaged weights of a checkpoint, in torch on the CPU."""

    def __init__(self, path: Path, *, threads: int | None = None) -> None:
        """Load; raises :class:`ModelError` if the checkpoint is damaged or foreign."""
        self._graph, facts = load_graph(path)
        card = describe(self._graph, facts)
        digest = _weights_sha256(self._graph)
        self.card = dataclasses.replace(card, version="checkpoint", sha256=digest)
        self.device = "cpu"
        self._threads = threads

    @torch.inference_mode()
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
        outputs = self._outputs(feed)
        return Chroma(outputs["ab"], outputs.get("confidence"))

    @torch.inference_mode()
    def distribution(
        self, lightness: np.ndarray, *, hints: np.ndarray | None = None
    ) -> Distribution:
        """How probable each color is; see :class:`~photochrom.inference.session.Session`."""
        feed = feeds(self.card, lightness, hints=hints, temperature=None, rebalance=None)
        return distribution_from(self._outputs(feed), self.card)

    def _outputs(self, feed: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        if self._threads:
            torch.set_num_threads(self._threads)
        inputs = [torch.from_numpy(np.asarray(feed[name])) for name in self._graph.inputs]
        try:
            found = self._graph(*inputs)
        except RuntimeError as error:
            raise cannot_run(self.card, feed, error) from error
        values = zip(self._graph.outputs, found, strict=True)
        return {name: value.numpy() for name, value in values}


def _weights_sha256(graph: ColorizationGraph) -> str:
    """Digest of the weights in force: a run that was trained on is another model."""
    digest = hashlib.sha256()
    for name, tensor in sorted(graph.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).contiguous().view(torch.uint8).numpy())
    return digest.hexdigest()
