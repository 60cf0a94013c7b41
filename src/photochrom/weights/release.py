"""Weights that their authors released, as models of ours.

Pickled files are read by torch with ``weights_only``: tensors come out, code does not run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from photochrom.architectures.cards import NETWORKS, NetworkCard, build_network
from photochrom.errors import ModelError, UnknownName
from photochrom.photo.atomic import reason_of
from photochrom.weights.cards import ModelCard
from photochrom.weights.ddcolor import CARD as DDCOLOR
from photochrom.weights.ddcolor import load_ddcolor
from photochrom.weights.export import Exported, write_graph
from photochrom.weights.graph import ColorizationGraph

RELEASED = {
    "eccv16": (
        "weights released by Zhang, Isola and Efros, trained on ImageNet",
        "BSD-2-Clause, as the release",
    ),
    "siggraph17": (
        "weights released by Zhang et al. 2017, trained on ImageNet",
        "BSD-2-Clause, as the release",
    ),
    "ddcolor": (
        "weights released by Kang et al. 2023, trained on ImageNet",
        "Apache-2.0, as the release",
    ),
}
"""What the authors published: networks with their training data and license."""


def import_release(file: Path, architecture: str, out: Path, *, storage: str = "fp16") -> Exported:
    """Write the released state dict ``file`` (.pth or .safetensors) as a model at ``out``.

    Raises:
        UnknownName: no weights were released for ``architecture``.
        ModelError: the file is not a state dict, or that of another network.
    """
    if architecture not in RELEASED:
        message = f"released weights can be read of {', '.join(RELEASED)}; not of {architecture!r}"
        raise UnknownName(message)
    state = _read_state(file)
    network: Any
    if architecture == "ddcolor":
        network, card = load_ddcolor(file, state), DDCOLOR
    else:
        network, card = _fill(architecture, file, state), NETWORKS[architecture]
    centers = network.centers() if card.has_bins else torch.zeros(0, 2)
    # How often each bin occurred in their training is not part of the release.
    prior = torch.full((len(centers),), 1 / max(len(centers), 1))
    graph = ColorizationGraph(network, card, centers, prior).eval()
    return write_graph(graph, _card(graph, card, file), out, storage=storage)


def _fill(architecture: str, file: Path, state: dict[str, Tensor]) -> Any:
    """One of our networks with the released tensors, which must be exactly its own."""
    network = build_network(architecture)
    own = network.state_dict()
    missing = [k for k in own if k not in state and not k.endswith("num_batches_tracked")]
    lost = [k for k in state if k not in own]
    reshaped = [k for k in own if k in state and own[k].shape != state[k].shape]
    if missing or lost or reshaped:
        message = (
            f"{file} does not hold the weights of {architecture}: missing {missing[:3]}, "
            f"unexpected {lost[:3]}, of another shape {reshaped[:3]}"
        )
        raise ModelError(message)
    network.load_state_dict(state, strict=False)
    return network


def _card(graph: ColorizationGraph, network: NetworkCard, file: Path) -> ModelCard:
    training_data, terms = RELEASED[network.name]
    return ModelCard(
        name=network.name,
        version=file.stem,
        architecture=network.name,
        parameters=sum(p.numel() for p in graph.network.parameters()),
        working_size=network.working_size,
        multiple_of=network.multiple_of,
        inputs=graph.inputs,
        # The authors' code takes the plain mean; their paper's temperature is on the dial.
        dial=((0.0, 0.0, 1.0), (0.5, 0.0, 0.38), (1.0, 0.0, 0.1)) if network.has_bins else (),
        vividness=0.0,
        summary=network.summary,
        training_data=training_data,
        license=terms,
    )


def _read_state(file: Path) -> dict[str, Tensor]:
    """The tensors of a file by name; wrappings such as "state_dict" and "module." are taken off."""
    try:
        if file.suffix == ".safetensors":
            from safetensors.torch import load_file

            state: Any = load_file(file)
        else:
            state = torch.load(file, map_location="cpu", weights_only=True)
    except OSError as error:
        message = f"cannot read weights from {file}: {reason_of(error, missing='file')}"
        raise ModelError(message) from error
    except Exception as error:  # of torch's words, which advise to run what is in the file, none
        message = f"{file} is no file of weights, is damaged, or holds more than weights"
        raise ModelError(message) from error
    for wrapping in ("state_dict", "params", "model"):
        if isinstance(state, dict) and isinstance(state.get(wrapping), dict):
            state = state[wrapping]
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        message = f"{file} is not a state dict: it does not map names to tensors"
        raise ModelError(message)
    return {k.removeprefix("module."): v for k, v in state.items()}
