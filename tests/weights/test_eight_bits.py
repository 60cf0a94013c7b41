"""8 bits: where the work is, in ranges that pictures fill, and the colors stay."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import numpy_helper

from photochrom import load_model
from photochrom.cli import main as command_line
from photochrom.errors import DataError, WrongInput
from photochrom.weights.eight_bits import (
    SHARE,
    calibration_feeds,
    compute_in_8_bits,
    costliest_convolutions,
)
from photochrom.weights.export import NARROWED, export
from photochrom.weights.graph import load_graph
from photochrom.weights.onnx_file import runtime

pytestmark = pytest.mark.usefixtures("traced_once")


@pytest.fixture(scope="module")
def calibrated(
    checkpoint: Path, pictures: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """An exported file, and what the command said."""
    out = tmp_path_factory.mktemp("eight") / "m.onnx"
    words = ["export", str(checkpoint), "--out", str(out), "-d", str(pictures)]
    done = CliRunner().invoke(command_line.photochrom, words)
    assert done.exit_code == 0, done.output
    return out, done.output


@pytest.fixture
def three() -> Any:
    """Three convolutions of 576, 144 and 64 multiplications a pixel; the first is rectified."""
    generator = np.random.default_rng(0)
    shapes = [(8, 8, 3, 3), (2, 8, 3, 3), (32, 2, 1, 1)]
    weights = [
        numpy_helper.from_array(generator.normal(0, 0.2, shape).astype(np.float32), f"w{i}")
        for i, shape in enumerate(shapes)
    ]
    node = onnx.helper.make_node
    nodes = [
        node("Conv", ["x", "w0"], ["y0"], pads=[1] * 4),
        node("Relu", ["y0"], ["r"]),
        node("Conv", ["r", "w1"], ["y1"], pads=[1] * 4),
        node("Conv", ["y1", "w2"], ["y2"]),
    ]
    kind = onnx.TensorProto.FLOAT
    ends = [
        onnx.helper.make_tensor_value_info(name, kind, ("n", channels, "h", "w"))
        for name, channels in (("x", 8), ("y2", 32))
    ]
    graph = onnx.helper.make_graph(nodes, "three", ends[:1], ends[1:], weights)
    opset = [onnx.helper.make_opsetid("", 20)]
    return onnx.helper.make_model(graph, opset_imports=opset, ir_version=10)


@pytest.fixture
def feeds() -> list[dict[str, np.ndarray]]:
    generator = np.random.default_rng(1)
    return [{"x": generator.normal(0, 1, (1, 8, 16, 16)).astype(np.float32)} for _ in range(4)]


def test_the_costliest_convolutions_are_chosen(three: Any, feeds: list) -> None:
    assert [node.output[0] for node in costliest_convolutions(three, feeds[0])] == ["y0", "y1"]
    assert 576 < SHARE * (576 + 144 + 64) < 576 + 144


def test_what_a_model_gives_is_not_among_them(three: Any, feeds: list) -> None:
    given = onnx.helper.make_empty_tensor_value_info("y0")
    three.graph.output.append(given)
    assert [node.output[0] for node in costliest_convolutions(three, feeds[0])] == ["y1"]


def test_eight_bits_are_close_and_always_the_same(three: Any, feeds: list) -> None:
    before = three.SerializeToString()
    eight = compute_in_8_bits(three, feeds)
    assert three.SerializeToString() == before
    assert compute_in_8_bits(three, feeds).SerializeToString() == eight.SerializeToString()
    exact, found = (
        runtime(proto.SerializeToString()).run(None, feeds[0])[0] for proto in (three, eight)
    )
    error = np.abs(found - exact).mean() / np.abs(exact).mean()
    assert 0 < error < 0.03  # of two in a row


def test_weights_have_seven_bits(calibrated: tuple[Path, str]) -> None:
    graph = onnx.load(calibrated[0]).graph
    levels = [
        numpy_helper.to_array(tensor)
        for tensor in graph.initializer
        if tensor.data_type == onnx.TensorProto.INT8 and len(tensor.dims) == 4
    ]
    assert levels
    assert all(np.abs(values.astype(int)).max() <= 64 for values in levels)
    kinds = {node.op_type for node in graph.node}
    assert {"QuantizeLinear", "DequantizeLinear", "Conv"} <= kinds


def test_colors_stay(calibrated: tuple[Path, str]) -> None:
    assert calibrated[1].count("\n") == 1
    found = re.search(
        r"by (\S+) on average and (\S+) at most stored as fp16 and partly", calibrated[1]
    )
    assert found
    assert 0 < float(found[1]) <= NARROWED
    assert float(found[2]) < 10


def test_any_number_of_pictures_of_any_size(calibrated: tuple[Path, str]) -> None:
    session = load_model(calibrated[0])
    for shape in ((1, 1, 32, 64), (3, 1, 96, 32)):
        assert session.run(np.full(shape, 50, np.float32)).ab.shape[0] == shape[0]


def test_feeds_are_squares_with_bold_hints(checkpoint: Path, pictures: Path) -> None:
    graph, _ = load_graph(checkpoint / "checkpoint.safetensors")
    found = calibration_feeds(graph, [str(pictures)], size=64)
    assert len(found) == 12
    assert found[0]["lightness"].shape == (1, 1, 64, 64)
    assert 0 <= found[0]["lightness"].min() < found[0]["lightness"].max() <= 100
    hints = np.concatenate([feed["hints"] for feed in found])
    assert set(np.unique(hints[:, 2])) == {0.0, 1.0}
    told = hints[:, :2].transpose(1, 0, 2, 3)[:, hints[:, 2] == 1]
    assert 30 < np.abs(told).max() < 300


def test_no_pictures(checkpoint: Path, three: Any, tmp_path: Path) -> None:
    with pytest.raises(WrongInput, match="no pictures"):
        compute_in_8_bits(three, [])
    with pytest.raises(DataError):
        export(
            checkpoint / "checkpoint.safetensors", tmp_path / "m.onnx", calibrate=[str(tmp_path)]
        )
    assert not (tmp_path / "m.onnx").exists()
