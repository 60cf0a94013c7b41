"""What the exporter folded is unfolded: the same colors, and layers that can be trained on."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from skimage.color import rgb2gray
from skimage.data import astronaut, chelsea, coffee
from skimage.transform import resize
from torch import nn
from torch.nn import functional

from photochrom import load_model
from photochrom.architectures.cards import NETWORKS, build_network
from photochrom.color.spaces import luma_to_lightness
from photochrom.data.sources import open_pictures
from photochrom.errors import ModelError, RecipeError
from photochrom.recipes import find_recipe
from photochrom.training.loop import train
from photochrom.training.origin import build_task, start_from
from photochrom.training.progress import ProgressLine
from photochrom.training.recipe_file import read_recipe
from photochrom.weights.cards import ModelCard
from photochrom.weights.export import export, write_graph
from photochrom.weights.graph import ColorizationGraph, example_inputs
from photochrom.weights.models import find_model
from photochrom.weights.unfolding import read_exported, unfold
from tests.weights.conftest import moved

pytestmark = pytest.mark.usefixtures("traced_once")

SMALL = {
    "colorunet": {"bins": 5, "widths": (4, 8, 8, 8, 8)},
    "resnet18-half": {},
}
TINY = [
    "network.options.widths=[16, 16, 16, 16]", "data.size=32", "data.workers=0",
    "data.validation=2", "training.images=8", "training.batch_size=4", "stages=[]",
]  # fmt: skip


def shaken(name: str, seed: int) -> ColorizationGraph:
    """A small network whose norms have learned something, whatever ``name``."""
    torch.manual_seed(seed)
    card = NETWORKS[name]
    network = build_network(name, **SMALL[name])
    with torch.no_grad():
        for values in network.state_dict().values():
            values.copy_(moved(values))
    bins = torch.randn(SMALL[name].get("bins", 0), 2) * 30
    return ColorizationGraph(network, card, bins, torch.full((len(bins),), 0.2)).eval()


@pytest.mark.parametrize("name", SMALL)
def test_a_network_comes_back_from_its_file(name: str, tmp_path: Path) -> None:
    graph, other = shaken(name, 1), shaken(name, 2)
    card = ModelCard(name, "1", name, 4, 64, graph.multiple_of, graph.inputs)
    write_graph(graph, card, tmp_path / "m.onnx", storage="fp32")
    constants, _ = read_exported(tmp_path / "m.onnx")
    other.centers, other.prior = graph.centers, graph.prior
    inputs = example_inputs(graph)
    with torch.no_grad():
        before = other(*inputs)[0]
        unfold(other.network, constants, [lambda: other(*inputs)])
        expected, found = graph(*inputs)[0], other(*inputs)[0]
    assert (before - expected).abs().max() > 1
    assert (found - expected).abs().max() < 1e-3


def test_means_and_variances_are_those_of_the_pictures() -> None:
    """In training a BatchNorm uses those of the batch: with the same ones it gives the same."""
    network = nn.Sequential(nn.Conv2d(1, 3, 3, bias=False), nn.BatchNorm2d(3))
    shown = torch.rand(8, 1, 9, 9)
    constants = {"network.0.weight": torch.randn(3, 1, 3, 3),
                 "network.0.weight_bias": torch.randn(3)}  # fmt: skip
    expected = functional.conv2d(shown, *constants.values())
    unfold(network, constants, [lambda: network(shown)])
    assert network.training
    assert torch.allclose(network.eval()(shown), expected, atol=1e-4)
    assert torch.allclose(network.train()(shown), expected, atol=1e-3)


def test_norms_that_were_not_folded_keep_their_statistics() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 1, bias=False), nn.ReLU(), nn.BatchNorm2d(2))
    constants = {f"network.{k}": torch.rand_like(v) + 0.1
                 for k, v in network.state_dict().items() if v.is_floating_point()}  # fmt: skip
    unfold(network, constants, [lambda: network(torch.rand(2, 1, 4, 4))])
    assert torch.equal(network[2].running_mean, constants["network.2.running_mean"])
    assert torch.equal(network[2].running_var, constants["network.2.running_var"])


def test_a_file_that_lacks_a_part_is_refused() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 1), nn.Conv2d(2, 2, 1))
    constants = {"network.0.weight": torch.rand(2, 1, 1, 1), "network.0.bias": torch.rand(2)}
    with pytest.raises(ModelError, match=r"Missing key.*1\.weight"):
        unfold(network, constants, [lambda: network(torch.rand(1, 1, 4, 4))])


def test_a_run_begins_with_a_model_of_8_bits(learned: Path, pictures: Path, tmp_path: Path) -> None:
    file, out = tmp_path / "m.onnx", tmp_path / "out"
    export(learned, file, storage="int8", calibrate=[str(pictures)])
    still = ["training.learning_rate=1e-9", "training.frozen_statistics=true", "encoder.frozen=0"]
    asked = [*TINY, *still, f"training.start_from={file}"]
    recipe, progress = (
        read_recipe(find_recipe("photochrom"), asked),
        ProgressLine(Console(file=io.StringIO())),
    )
    assert train(recipe, [str(pictures)], out, progress=progress, device="cpu").finished
    lightness = np.random.default_rng(0).uniform(0, 100, (1, 1, 32, 32)).astype(np.float32)
    given, begun = (load_model(path).run(lightness).ab for path in (file, find_model(out)))
    assert np.abs(given).max() > 5
    assert np.abs(given - begun).mean() < 1


def test_the_embedded_model_can_be_trained_on(pictures: Path) -> None:
    asked = ["training.start_from=photochrom", "data.size=64", "stages=[]"]
    recipe = read_recipe(find_recipe("photochrom"), asked)
    found = open_pictures([str(pictures)])
    task = build_task(recipe, found, None)
    start_from(task, recipe, found)
    task.eval()
    # Photographs, for which its 8 bits were chosen: on noise they make five times as much.
    photographs = (astronaut(), coffee(), chelsea())
    small = [resize(rgb2gray(p), (192, 192), anti_aliasing=True) for p in photographs]
    lightness = luma_to_lightness(torch.tensor(np.stack(small), dtype=torch.float32))
    seen = functional.pad(lightness[:, None], (0, 0, 0, 0, 0, 3))
    with torch.no_grad():
        ab = task.network(seen).to_ab(seen[:, :1], task.centers, 1.0).numpy()
    answer = load_model("photochrom").run(seen[:, :1].numpy(), temperature=1.0, rebalance=0.0)
    # The file computes its costliest convolutions in 8 bits, training none: 1 % apart. A single
    # norm whose bias came back as half of it makes 10 % of that or more, three times in four.
    assert np.abs(answer.ab - ab).mean() < 0.02 * np.abs(ab).mean()
    assert np.abs(ab).max() > 10


def test_other_bins_and_other_networks_are_refused(pictures: Path) -> None:
    found = open_pictures([str(pictures)])
    for recipe, error, text in (
        ("photochrom", RecipeError, r"bins\.spacing = 5"),
        ("colorunet", ModelError, "holds a photochrom, not a colorunet"),
    ):
        asked = ["training.start_from=photochrom", "stages=[]"]
        spacing = ["bins.spacing=5"] if recipe == "photochrom" else []
        chosen = read_recipe(find_recipe(recipe), [*asked, *spacing])
        with pytest.raises(error, match=text):
            build_task(chosen, found, None)
    narrow = read_recipe(
        find_recipe("photochrom"), ["training.start_from=photochrom", TINY[0], "stages=[]"]
    )
    task = build_task(narrow, found, None)
    with pytest.raises(ModelError, match=r"start_from: photochrom holds another network"):
        start_from(task, narrow, found)
