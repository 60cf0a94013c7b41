"""A network of three frames: trained on pans, continued, exported, used on a still and a stack."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from photochrom import Colorizer
from photochrom.inference.onnx_session import OnnxSession
from photochrom.inference.torch_session import TorchSession
from photochrom.recipes import find_recipe
from photochrom.training.config import Recipe
from photochrom.training.loop import train
from photochrom.training.recipe_file import read_recipe
from photochrom.weights.export import export
from photochrom.weights.models import find_model
from tests.training.test_loop import TINY, StopAt, run

PANS = ["network.frames=3", "data.pan=0.1", "data.film.probability=0.5", "data.noise=2.0"]


def recipe(*overrides: str) -> Recipe:
    return read_recipe(find_recipe("photochrom"), [*TINY, *PANS, *overrides])


@pytest.fixture(scope="module")
def finished(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("frames")
    assert run(recipe(), pictures, out).finished
    return out


def test_the_neighbors_have_learned(finished: Path) -> None:
    weights = load_file(finished / "checkpoint.safetensors")
    wide = {k: v for k, v in weights.items() if k.startswith("task.") and "conv_stem" in k}
    assert [v.shape[1] for v in wide.values()] == [3]
    for weight in wide.values():
        assert weight[:, 0].abs().max() > 0
        assert not torch.equal(weight[:, 0], weight[:, 2])


def test_resume_equals_the_uninterrupted_run(
    finished: Path, pictures: Path, tmp_path: Path
) -> None:
    train(recipe(), [str(pictures)], tmp_path, progress=StopAt(12), device="cpu")
    assert run(recipe(), pictures, tmp_path).finished
    one, other = (load_file(p / "checkpoint.safetensors") for p in (finished, tmp_path))
    assert all(torch.equal(one[key], other[key]) for key in one)


def test_exported_it_colors_stills_and_stacks(finished: Path, tmp_path: Path) -> None:
    done = export(finished / "checkpoint.safetensors", tmp_path / "pans.onnx", storage="fp32")
    assert done.card.frames == 3
    onnx = OnnxSession(done.path)
    still = np.random.default_rng(0).uniform(0, 100, (1, 1, 64, 96)).astype(np.float32)
    moving = np.concatenate([np.roll(still, k, 3) for k in (-4, 0, 4)], 1)
    found = onnx.run(still).ab
    assert np.array_equal(found, onnx.run(np.repeat(still, 3, 1)).ab)
    assert not np.allclose(found, onnx.run(moving).ab, atol=1e-4)
    torch_ab = TorchSession(find_model(finished)).run(moving, temperature=1.0, rebalance=0.0).ab
    onnx_ab = onnx.run(moving, temperature=1.0, rebalance=0.0).ab
    assert np.abs(torch_ab - onnx_ab).max() < 0.01
    photo = np.random.default_rng(1).integers(0, 255, (50, 70), dtype=np.uint8)
    assert Colorizer(done.path)(photo).shape == (50, 70, 3)
