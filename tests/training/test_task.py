"""The task by itself: it learns, and each of its parts does what its name says."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from photochrom.color.bins import gamut_grid
from photochrom.color.encoding import encode_soft
from photochrom.color.spaces import rgb_to_lab
from photochrom.data.draws import Draws
from photochrom.data.statistics import ab_histogram, bin_prior
from photochrom.recipes import find_recipe
from photochrom.training.recipe_file import read_recipe
from photochrom.training.task import ColorizationTask
from tests.conftest import scene

CENTERS = gamut_grid(40)
OVERRIDES = [
    "encoder.pretrained=none",
    "encoder.name=mobilenetv2_050",
    "encoder.frozen=0",
    "network.options.widths=[16, 16, 16, 16]",
    "loss.cross-entropy.sigma=15.0",
]


@pytest.fixture
def crops() -> torch.Tensor:
    pictures = [scene(32, 32, seed=i).transpose(2, 0, 1) for i in range(4)]
    return torch.from_numpy(np.stack(pictures))


@pytest.fixture
def task(crops: torch.Tensor) -> ColorizationTask:
    torch.manual_seed(0)
    prior = bin_prior(ab_histogram(crops.numpy()), CENTERS)
    recipe = read_recipe(find_recipe("photochrom"), OVERRIDES)
    return ColorizationTask(recipe, centers=CENTERS, prior=prior)


def learn(task: ColorizationTask, crops: torch.Tensor, steps: int) -> list[float]:
    optimizer = torch.optim.Adam(task.parameters(), lr=3e-3)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = task.train()(crops)["loss"]
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_ten_steps_lower_the_loss_of_four_pictures(
    task: ColorizationTask, crops: torch.Tensor
) -> None:
    losses = learn(task, crops, 10)
    assert losses[-1] < 0.9 * losses[0]


def test_learns_four_pictures_by_heart(task: ColorizationTask, crops: torch.Tensor) -> None:
    losses = learn(task, crops, 90)
    lab = rgb_to_lab(crops.float() / 255)
    ab = torch.nn.functional.adaptive_avg_pool2d(lab[:, 1:], 8)
    target = encode_soft(ab, torch.from_numpy(CENTERS), sigma=15.0, neighbors=None)
    floor = -(target * target.clamp_min(1e-30).log()).sum(1).mean().item()
    assert min(losses) >= floor - 1e-4
    assert losses[-1] - floor < 0.2 * (losses[0] - floor)
    error = (task.eval().colorize(lab[:, :1]) - lab[:, 1:]).abs().mean()
    assert error < 0.6 * lab[:, 1:].abs().mean()


def test_same_seed_same_losses(task: ColorizationTask, crops: torch.Tensor) -> None:
    twin = copy.deepcopy(task)
    assert learn(task, crops, 3) == learn(twin, crops, 3)


def test_loss_is_the_sum_of_its_parts(task: ColorizationTask, crops: torch.Tensor) -> None:
    parts = task(crops)
    assert set(parts) == {"loss", "cross_entropy"}
    assert parts["loss"].item() == pytest.approx(parts["cross_entropy"].item())


def test_variation_needs_draws_and_repeats(task: ColorizationTask, crops: torch.Tensor) -> None:
    task.eval()
    plain, again = task(crops)["loss"], task(crops)["loss"]
    varied = [task(crops, Draws(range(s, s + 4)))["loss"] for s in (1, 1, 2)]
    assert plain == again
    assert varied[0] == varied[1]
    assert len({plain.item(), varied[0].item(), varied[2].item()}) == 3


def test_colorize_gives_lab_units_at_full_size(task: ColorizationTask, crops: torch.Tensor) -> None:
    lightness = rgb_to_lab(crops.float() / 255)[:, :1]
    ab = task.eval().colorize(lightness)
    assert ab.shape == (4, 2, 32, 32)
    assert torch.isfinite(ab).all()
