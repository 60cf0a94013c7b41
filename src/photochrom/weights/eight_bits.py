"""Computing in 8 bits: the few convolutions that take most of a network's time.

All others, and everything between them, compute in fp32 as before. A number in 8 bits needs a
range; each activation's is found once, by coloring pictures, and stands in the file.
"""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from photochrom.data.draws import Draws
from photochrom.data.hints import reveal
from photochrom.errors import WrongInput
from photochrom.weights.graph import ColorizationGraph
from photochrom.weights.onnx_file import runtime
from photochrom.weights.squares import lab_squares

PICTURES = 64
"""So many fill the ranges."""

SHARE = 0.75
"""The costliest convolutions are taken until they hold this share of all multiplications.

At 0.8 more of ``photochrom``'s encoder is among them: it gains a twentieth of its time, and on
pictures of noise, as strong grain is, its colors are off by a third instead of a twentieth.
"""

PERCENTILE = 99.9
"""Ranges hold this share of the activations. The few beyond are clipped: with them inside, the
steps for all others are so coarse that ``photochrom`` is off by 4 Lab units instead of 0.4."""

BOLD = 2.0
"""Hints are shown with so many times the true chroma: people's are bolder than photographs, and
where ranges know none, a saturated blue comes out paler by a third."""

Feed = dict[str, np.ndarray]


def calibration_feeds(graph: ColorizationGraph, places: Sequence[str], *, size: int) -> list[Feed]:
    """Inputs of ``graph``, one for each of some pictures of ``places``, squares of ``size`` pixels.

    Hints as in training but bolder, and the dial at rest. Raises
    :class:`~photochrom.errors.DataError` if no picture can be read.
    """
    feeds = []
    for position, lab in lab_squares(places, size=size, count=PICTURES):
        known = {
            "lightness": lab[:, :1].repeat(1, graph.frames, 1, 1),
            "hints": reveal(lab[:, 1:] * BOLD, Draws([position])),
            "temperature": torch.tensor(1.0),
            "rebalance": torch.tensor(0.0),
        }
        feeds.append({name: known[name].numpy() for name in graph.inputs})
    return feeds


def compute_in_8_bits(proto: Any, feeds: Sequence[Feed]) -> Any:
    """Return a copy of the ONNX model whose costliest convolutions compute in 8 bits.

    Their weights have 7, a scale for each output channel: processors without instructions of their
    own for it add two products in 16 bits. Raises :class:`WrongInput` if there are no ``feeds``.
    """
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static

    if not feeds:
        message = "no pictures to find the ranges of 8 bits by"
        raise WrongInput(message)
    named = type(proto)()
    named.CopyFrom(proto)
    for index, node in enumerate(named.graph.node):
        node.name = node.name or f"node_{index}"
    chosen = costliest_convolutions(named, feeds[0])
    with tempfile.TemporaryDirectory() as folder, _quiet():
        out = Path(folder) / "model.onnx"
        quantize_static(
            named,
            out,
            SimpleNamespace(get_next=partial(next, iter(feeds), None)),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", *_RECTIFIERS],
            nodes_to_quantize=[n.name for n in _with_rectifiers(named, chosen)],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.Percentile,
            extra_options={"CalibPercentile": PERCENTILE},
        )
        quantized = type(proto).FromString(out.read_bytes())
    quantized.graph.ClearField("value_info")
    return quantized


_RECTIFIERS = ("Relu", "Clip")
"""What follows a convolution and becomes part of its output's range."""


def costliest_convolutions(proto: Any, feed: Feed) -> list[Any]:
    """The fewest convolutions that together do :data:`SHARE` of all convolutions' work.

    None that gives an output of the model itself: nothing after it evens its rounding out.
    """
    import onnx

    probe = type(proto)()
    probe.CopyFrom(proto)
    convolutions = [node for node in probe.graph.node if node.op_type == "Conv"]
    known = {output.name for output in probe.graph.output}
    outputs = [node.output[0] for node in convolutions]
    probe.graph.output.extend(
        onnx.helper.make_empty_tensor_value_info(name) for name in outputs if name not in known
    )
    found = runtime(probe.SerializeToString()).run(outputs, feed)
    weights = {tensor.name: tensor.dims for tensor in probe.graph.initializer}
    work = [
        float(np.prod(weights[node.input[1]]) * np.prod(values.shape[2:]))
        for node, values in zip(convolutions, found, strict=True)
    ]
    order = [int(i) for i in np.argsort(work)[::-1] if outputs[i] not in known]
    done = np.cumsum([work[i] for i in order])
    enough = int(np.searchsorted(done, SHARE * sum(work))) + 1
    return [convolutions[i] for i in order[:enough]]


def _with_rectifiers(proto: Any, convolutions: list[Any]) -> list[Any]:
    outputs = {node.output[0] for node in convolutions}
    after = [
        node
        for node in proto.graph.node
        if node.op_type in _RECTIFIERS and node.input[0] in outputs
    ]
    return convolutions + after


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The quantizer prints what it does, and advises what the exporter has done already."""
    root, level = logging.getLogger(), logging.getLogger().level
    root.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        root.setLevel(level)
