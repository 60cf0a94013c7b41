"""Every system of the literature, in its published size, becomes a file that colors a picture.

Its weights are random: what they have learned does not matter here, how large they are does.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from photochrom import Colorizer
from photochrom.architectures.cards import NETWORKS
from photochrom.recipes import find_recipe
from photochrom.training.recipe_file import read_recipe
from photochrom.training.task import ColorizationTask, choose_bins
from photochrom.weights.checkpoints import save_weights
from photochrom.weights.export import NARROWED, PARITY, export
from tests.conftest import scene

BINS = {"photochrom": 193, "fusion": 112, "colorunet": 32, "eccv16": 313}


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_a_published_system_is_exported_and_colors_a_picture(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    recipe = read_recipe(find_recipe(name), ["encoder.pretrained=none"])
    centers = choose_bins(recipe.bins, np.ones((220, 220)))
    if name in BINS:
        centers = np.random.default_rng(0).uniform(-90, 90, (BINS[name], 2)).astype(np.float32)
    prior = np.full(BINS.get(name, 0), 1 / max(BINS.get(name, 0), 1), np.float32)
    task = ColorizationTask(recipe, centers=centers, prior=prior)
    assert sum(p.numel() for p in task.network.parameters()) >= NETWORKS[name].parameters
    run = tmp_path / "checkpoint.safetensors"
    save_weights(run, task=task, ema={}, facts={"images": 0, "recipe": recipe.to_dict()})
    done = export(run, tmp_path / "model.onnx")
    run.unlink()
    assert done.parity <= PARITY
    assert done.narrowing[0] <= NARROWED
    photo = tmp_path / "photo.png"
    Image.fromarray(scene(90, 120)).convert("L").save(photo)
    Colorizer(done.path).save(photo, tmp_path / "colored.png")
    colored = np.asarray(Image.open(tmp_path / "colored.png"))
    assert colored.shape == (90, 120, 3)
