"""A file that would not color as its network does is never written, nor is "nan" ever said."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from photochrom import load_model
from photochrom.architectures.cards import NetworkCard
from photochrom.architectures.prediction import Prediction
from photochrom.cli import main as command_line
from photochrom.color.scale import UNIT
from photochrom.errors import ModelError
from photochrom.weights.cards import ModelCard
from photochrom.weights.export import NARROWED, PARITY, Exported, export, write_graph
from photochrom.weights.graph import ColorizationGraph
from photochrom.weights.parity import check_difference
from photochrom.weights.storage import LARGEST, SMALLEST, store_weights

CARD = NetworkCard(
    name="two", summary="", source="", module="", head="ab", scale=UNIT, stride=1, multiple_of=4,
    parameters=0, working_size=32,
)  # fmt: skip


class Two(nn.Module):
    """Two convolutions, the second of which undoes the ``gain`` of the first."""

    def __init__(self, gain: float = 1.0) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Conv2d(1, 256, 3, padding=1)
        self.second = nn.Conv2d(256, 2, 1)
        with torch.no_grad():
            for values in self.first.parameters():
                values *= gain
            self.second.weight /= gain
        assert self.first.weight.numel() >= SMALLEST

    def forward(self, seen: Tensor) -> Prediction:
        return Prediction(ab=self.second(torch.relu(self.first(seen))))


def graph_of(network: nn.Module) -> ColorizationGraph:
    return ColorizationGraph(network, CARD, torch.zeros(0, 2), torch.zeros(0)).eval()


def write(network: nn.Module, out: Path, **options: Any) -> Exported:
    graph = graph_of(network)
    card = ModelCard("two", "1", "two", 4, 32, 4, graph.inputs)
    return write_graph(graph, card, out, **options)


def feeds() -> list[dict[str, np.ndarray]]:
    generator = np.random.default_rng(0)
    return [{"lightness": generator.uniform(0, 100, (1, 1, 32, 32)).astype(np.float32)}]


@pytest.mark.parametrize("gain", [1e6, 1e30])
def test_weights_beyond_half_precision_keep_their_own(gain: float, tmp_path: Path) -> None:
    network = Two(gain)
    done = write(network, tmp_path / "m.onnx")
    assert done.narrowing[1] < PARITY
    lightness = feeds()[0]["lightness"]
    with torch.no_grad():
        expected = network(torch.from_numpy(lightness)).ab.numpy()
    assert np.abs(load_model(done.path).run(lightness).ab - expected).max() < PARITY
    assert done.bytes > write(Two(), tmp_path / "n.onnx").bytes


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-(2.0**127), 2.0**127, width=32), min_size=1, max_size=9),
    st.sampled_from([1.0, LARGEST, np.nextafter(np.float32(LARGEST), np.inf), 65520.0, 1e6]),
)
def test_what_is_stored_is_always_finite_and_near(values: list[float], more: float) -> None:
    weights = np.zeros((8, 64, 2, 2), np.float32)
    weights.flat[: len(values) + 1] = [*values, more]
    tensor = onnx.numpy_helper.from_array(weights, "w")
    proto = onnx.helper.make_model(onnx.helper.make_graph([], "g", [], [], [tensor]))
    (stored,) = store_weights(proto, "fp16").graph.initializer
    found = onnx.numpy_helper.to_array(stored)
    assert np.isfinite(found).all()
    narrow = np.abs(weights).max() <= LARGEST
    assert (found.dtype == np.float16) == narrow
    assert np.allclose(found, weights, rtol=1e-3, atol=1e-7)


class Undefined(nn.Module):
    """Colors that are no numbers, of weights that are."""

    def __init__(self) -> None:
        super().__init__()
        self.offset = nn.Parameter(torch.zeros(1))

    def forward(self, seen: Tensor) -> Prediction:
        return Prediction(ab=torch.log(self.offset - seen - 1).expand(-1, 2, -1, -1))


def broken(value: float) -> nn.Module:
    network = Two()
    with torch.no_grad():
        network.first.weight[0, 0, 0, 0] = value
    return network


REFUSED = {
    "nan weight": (broken(math.nan), "weights that are no numbers"),
    "infinite weight": (broken(math.inf), "weights that are no numbers"),
    "no color": (Undefined(), "colors that are no numbers"),
    "overflow": (broken(3e38), "colors that are no numbers"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_gives_no_colors_is_refused_and_nothing_is_written(case: str, tmp_path: Path) -> None:
    network, said = REFUSED[case]
    out = tmp_path / "m.onnx"
    out.write_bytes(b"the one before")
    with pytest.raises(ModelError, match=said) as error:
        write(network, out)
    assert "nothing written" in str(error.value)
    assert "nan" not in str(error.value)
    assert [p.name for p in tmp_path.iterdir()] == ["m.onnx"]
    assert out.read_bytes() == b"the one before"


class Cancelling(nn.Module):
    """Small differences of large numbers, which 8 bits do not hold."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Conv2d(1, 256, 3, padding=1)
        self.second = nn.Conv2d(256, 2, 1)
        with torch.no_grad():
            self.first.weight[1::2] = self.first.weight[::2] + 0.01 * torch.randn(128, 1, 3, 3)
            self.second.weight[:, ::2] = 20
            self.second.weight[:, 1::2] = -20

    def forward(self, seen: Tensor) -> Prediction:
        return Prediction(ab=self.second(self.first(seen)))


def test_eight_bits_keep_what_their_help_promises(tmp_path: Path) -> None:
    done = write(Two(), tmp_path / "m.onnx", feeds=feeds())
    assert 0 < done.narrowing[0] <= NARROWED < 1.001
    with pytest.raises(ModelError, match=r"8 bits is off by .*nothing written; leave out --cal"):
        write(Cancelling(), tmp_path / "n.onnx", storage="fp32", feeds=feeds())
    with pytest.raises(ModelError, match=r"int8 is off by .*nothing written; --storage fp32"):
        write(Cancelling(), tmp_path / "n.onnx", storage="int8")
    assert not (tmp_path / "n.onnx").exists()


@given(st.floats(allow_nan=True, allow_infinity=True), st.floats(0, 10))
def test_only_a_small_number_passes(difference: float, bound: float) -> None:
    if difference <= bound:
        check_difference(difference, bound, of="it")
        return
    with pytest.raises(ModelError) as error:
        check_difference(difference, bound, of="it", advice="try another")
    said = str(error.value)
    assert said.endswith("nothing written; try another")
    assert ("no numbers" in said) == (not math.isfinite(difference))
    assert not {"nan", "inf"} & set(said.replace(",", "").split())


class Untraceable(nn.Module):
    def forward(self, seen: Tensor) -> Prediction:
        return Prediction(ab=(seen if float(seen.sum()) > 0 else -seen).expand(-1, 2, -1, -1))


def test_what_the_exporter_cannot_trace_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot trace this network: ") as error:
        write(Untraceable(), tmp_path / "m.onnx")
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 500
    assert not (tmp_path / "m.onnx").exists()


def test_the_command_says_it_in_one_line(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors import safe_open
    from safetensors.torch import load_file, save_file

    file = checkpoint / "checkpoint.safetensors"
    with safe_open(file, "pt") as opened:
        header = opened.metadata()
    tensors = load_file(file)
    tensors["ema.network.head.bias"][0] = math.nan
    save_file(tensors, tmp_path / "gone-wrong.safetensors", metadata=header)
    out = tmp_path / "m.onnx"
    words = ["export", str(tmp_path / "gone-wrong.safetensors"), "--out", str(out)]
    done = CliRunner().invoke(command_line.photochrom, words)
    assert isinstance(done.exception, ModelError)
    assert "network.head.bias holds weights that are no numbers" in str(done.exception)
    assert done.output == ""
    assert not out.exists()
    with pytest.raises(ModelError, match="no numbers"):
        export(tmp_path / "gone-wrong.safetensors", out)
