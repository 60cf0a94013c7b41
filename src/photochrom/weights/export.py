"""From a checkpoint to one ONNX file that carries its card, checked against torch."""

from __future__ import annotations

import dataclasses
import gc
import json
import logging
import math
import tomllib
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from photochrom.architectures.cards import NETWORKS
from photochrom.errors import ModelError, RecipeError
from photochrom.weights.cards import ModelCard
from photochrom.weights.decision import DIAL, fit_decision
from photochrom.weights.descent import descended
from photochrom.weights.eight_bits import Feed, calibration_feeds, compute_in_8_bits
from photochrom.weights.graph import ColorizationGraph, example_inputs, load_graph
from photochrom.weights.onnx_file import runtime, sign, write_model
from photochrom.weights.parity import check_difference
from photochrom.weights.storage import check_storage, store_weights

PARITY = 0.01
"""Largest difference in ab, Lab units, between the fp32 graph and torch."""

NARROWED = 1.0
"""Largest mean difference in ab of the file's own, narrowed graph: a fraction of a unit."""


@dataclass(frozen=True)
class Exported:
    """What was written.

    ``parity`` is the largest ab difference of the fp32 graph from torch; ``narrowing`` the mean
    and largest of the file's own graph, on the pictures that it was calibrated with, if any.
    """

    path: Path
    card: ModelCard
    parity: float
    narrowing: tuple[float, float]
    bytes: int


def export(
    checkpoint: Path,
    out: Path,
    *,
    card_file: Path | None = None,
    storage: str = "fp16",
    calibrate: Sequence[str] = (),
    decision: Sequence[str] = (),
    changes: Sequence[str] = (),
) -> Exported:
    """Write ``out`` from a checkpoint; ``storage`` of the weights is fp32, fp16 or int8.

    ``card_file`` is a TOML file with fields of :class:`ModelCard` (name, version, dial, texts,
    metrics); with pictures to ``calibrate`` by, the costliest convolutions compute in 8 bits; with
    pictures for a ``decision``, its colors occur as often as theirs do;
    ``changes`` as for :func:`~photochrom.weights.graph.load_graph`.
    Raises :class:`ModelError` as :func:`write_graph`.
    """
    graph, facts = load_graph(checkpoint, changes)
    card = describe(graph, facts, other_name=out.stem)
    if decision:
        card = dataclasses.replace(card, dial=DIAL)
    if card_file is not None:
        card = dataclasses.replace(card, **_read_card_file(card_file))
    size = math.ceil(card.working_size / card.multiple_of) * card.multiple_of
    if decision:
        graph = graph.deciding(fit_decision(graph, decision, size=size))
    feeds = calibration_feeds(graph, calibrate, size=size) if calibrate else []
    return write_graph(graph, card, out, storage=storage, feeds=feeds)


def write_graph(
    graph: ColorizationGraph,
    card: ModelCard,
    out: Path,
    *,
    storage: str = "fp16",
    feeds: Sequence[Feed] = (),
) -> Exported:
    """Trace, check against torch, and write ``graph`` with its card, atomically.

    ``feeds`` as :func:`~photochrom.weights.eight_bits.compute_in_8_bits` takes them, if it is to.
    Raises :class:`ModelError`, and writes nothing, if weights or colors are not finite, the graph
    differs from torch by more than ``PARITY``, or the file from torch by more than ``NARROWED``.
    """
    check_storage(storage)
    _check_weights(graph)
    proto = _trace(graph)
    examples = [_arrays(graph, example_inputs(graph, share=0.5))]
    parity = _difference(graph, proto.SerializeToString(), examples)[1]
    check_difference(parity, PARITY, of="the exported graph, beside torch,")
    stored = store_weights(compute_in_8_bits(proto, feeds) if feeds else proto, storage)
    card = sign(stored, card)
    data = stored.SerializeToString()
    narrowing = _difference(graph, data, feeds or examples)
    check_difference(
        narrowing[0],
        NARROWED,
        of="the file" + (" computed in 8 bits" if feeds else f" stored as {storage}"),
        advice="leave out --calibrate" if feeds else "--storage fp32 keeps every weight",
    )
    write_model(data, out)
    return Exported(out, card, parity, narrowing, len(data))


def _check_weights(graph: ColorizationGraph) -> None:
    for name, values in graph.state_dict().items():
        if not torch.isfinite(values).all():
            message = (
                f"{name} holds weights that are no numbers: the run went wrong; nothing written; "
                "export an earlier epoch"
            )
            raise ModelError(message)


def _trace(graph: ColorizationGraph) -> Any:
    """ONNX model with free batch, height and width, in multiples as the network takes them."""
    multiple = graph.multiple_of
    batch = torch.export.Dim("batch")
    height, width = torch.export.Dim("rows"), torch.export.Dim("columns")
    picture = {0: batch, 2: multiple * height, 3: multiple * width}
    # One entry that stands for the graph's variable arguments.
    others = tuple(picture if name == "hints" else {} for name in graph.inputs[1:])
    with warnings.catch_warnings(), _uncollected():
        # The exporter warns of its own internals, whatever the model, and so does its log.
        warnings.simplefilter("ignore")
        logging.getLogger("onnx_ir").setLevel(logging.ERROR)
        try:
            program = torch.onnx.export(
                graph,
                example_inputs(graph),
                dynamo=True,
                input_names=list(graph.inputs),
                output_names=list(graph.outputs),
                dynamic_shapes=(picture, others) if others else (picture,),
                external_data=False,
                verbose=False,
            )
        except Exception as error:
            # Hundreds of lines of the exporter's, its last cause at their end.
            message = f"the exporter cannot trace this network: {_cause(error)}"
            raise ModelError(message) from error
    if program is None:
        message = "the exporter returned nothing"
        raise ModelError(message)
    proto = program.model_proto
    # The exporter notes for every node which lines of whose code it came from.
    for node in proto.graph.node:
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    proto.graph.ClearField("value_info")
    proto.graph.ClearField("metadata_props")
    return proto


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python looking for garbage, which is a third of the time of tracing a network."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _cause(error: BaseException) -> str:
    """The first line of what lies at the bottom of an error."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _arrays(graph: ColorizationGraph, inputs: Iterable[Tensor]) -> Feed:
    return {name: value.numpy() for name, value in zip(graph.inputs, inputs, strict=True)}


def _difference(
    graph: ColorizationGraph, data: bytes, feeds: Sequence[Feed]
) -> tuple[float, float]:
    """Mean and largest absolute difference in ab between ONNX Runtime and torch."""
    session, found = runtime(data), []
    for feed in feeds:
        with torch.no_grad():
            expected = graph(*(torch.from_numpy(feed[name]) for name in graph.inputs))[0].numpy()
        with np.errstate(invalid="ignore", over="ignore"):
            difference = np.abs(session.run(["ab"], feed)[0] - expected)
        found.append((difference.mean(), difference.max()))
    means, largest = zip(*found, strict=True)
    return float(np.mean(means)), float(max(largest))


def _dial(head: str, recipe: dict[str, Any]) -> tuple[tuple[float, float, float], ...]:
    """The usual way from safe to vivid of a network with this head, trained this way."""
    if head == "uv-bins":
        # From the mean of the distribution to its most probable bin, which its document shows and
        # which is the default.
        return (0.0, 0.0, 1.0), (0.5, 0.0, 0.1), (1.0, 0.0, 0.01)
    if head != "bins":
        return ()
    if recipe.get("loss", {}).get("cross-entropy", {}).get("uniform", 1.0) < 1:
        # Rare colors were weighted in training; what is left is the temperature, Zhang's 0.38.
        return (0.0, 0.0, 1.0), (0.5, 0.0, 0.38), (1.0, 0.0, 0.1)
    return (0.0, 0.0, 1.0), (1.0, 0.5, 1.0)


def describe(graph: ColorizationGraph, facts: dict[str, Any], *, other_name: str = "") -> ModelCard:
    """The card of a graph before anything is known of it but its training run.

    And the model that the run began with, if any, for which ``other_name`` is: see
    :func:`~photochrom.weights.descent.descended`.
    """
    recipe = _without_folders(facts["recipe"])
    network = NETWORKS[recipe["network"]["name"]]
    card = ModelCard(
        name=recipe["name"],
        version="0",
        architecture=network.name,
        parameters=sum(p.numel() for p in graph.network.parameters()),
        working_size=network.working_size,
        multiple_of=network.multiple_of,
        inputs=graph.inputs,
        frames=graph.frames,
        dial=_dial(network.head, recipe),
        vividness=1.0 if network.head == "uv-bins" else 0.5,
        summary=network.summary,
        recipe=recipe,
        images=facts["images"],
    )
    if not facts.get("ancestor"):
        return card
    ancestor = ModelCard.from_json(json.dumps(facts["ancestor"]), "the run's ancestor")
    pictures = (facts.get("pictures") or {}).get("count")
    return descended(card, ancestor, pictures=pictures, other_name=other_name)


def _without_folders(values: dict[str, Any]) -> dict[str, Any]:
    """A recipe whose paths are only the files' names: folders of a machine concern nobody else."""
    kept: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            kept[key] = _without_folders(value)
        else:
            path = isinstance(value, str) and key.endswith(("start_from", "pretrained"))
            kept[key] = Path(value).name if path else value
    return kept


def _read_card_file(file: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"cannot read the card {file}: {error}"
        raise RecipeError(message) from error
    unknown = set(values) - {f.name for f in dataclasses.fields(ModelCard)}
    if unknown:
        message = f"{file}: unknown key {sorted(unknown)[0]}"
        raise RecipeError(message)
    if "dial" in values:
        values["dial"] = tuple(tuple(map(float, point)) for point in values["dial"])
    return values
