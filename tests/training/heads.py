"""Tiny networks with any head, and the tasks that train them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from photochrom.architectures import cards
from photochrom.architectures.prediction import Prediction
from photochrom.color.bins import equi_width_uv, gamut_grid
from photochrom.color.scale import CENTERED
from photochrom.training import task as task_module
from photochrom.training.recipe_file import recipe_from_dict
from photochrom.training.task import ColorizationTask
from tests.conftest import scene

HEADS = ("ab", "bins", "uv", "uv-bins")
CENTERS = {
    "bins": gamut_grid(50),
    "uv-bins": equi_width_uv(6),
    "ab": np.zeros((0, 2), np.float32),
    "uv": np.zeros((0, 2), np.float32),
}
SYSTEMS = {"bins": "supported-grid", "uv-bins": "equi-width-uv", "ab": "none", "uv": "none"}


class Tiny(nn.Module):
    """One strided convolution with any head."""

    def __init__(self, head: str, bins: int = 0) -> None:
        super().__init__()
        self.head, self.bins = head, bins
        self.layer = nn.Conv2d(1, {"bins": bins, "uv-bins": 2 * bins}.get(head, 2), 4, stride=4)

    def forward(self, lightness: torch.Tensor) -> Prediction:
        found = self.layer(CENTERED.lightness_in(lightness))
        if self.head == "bins":
            return Prediction(logits=found)
        if self.head == "uv-bins":
            return Prediction(uv_logits=found.unflatten(1, (2, self.bins)))
        if self.head == "uv":
            return Prediction(uv=0.2 * found)
        return Prediction(ab=20 * found)


def build_tiny(name: str, **options: int) -> Tiny:
    return Tiny(name.removeprefix("tiny-"), **options)


def make(head: str, loss: dict[str, dict]) -> ColorizationTask:
    """The task of a tiny network with this head and of these parts of a loss."""
    torch.manual_seed(0)
    name = f"tiny-{head}"
    like = cards.NETWORKS["photochrom"]
    card = dataclasses.replace(like, name=name, head=head, encoder="", hints=False)
    recipe = recipe_from_dict(
        {
            "name": "tiny",
            "network": {"name": name},
            "bins": {"system": SYSTEMS[head]},
            "loss": loss,
            "training": {"images": 1},
        }
    )
    count = len(CENTERS[head])
    prior = np.full(count if head == "bins" else 0, 1 / max(count, 1), np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(task_module, "NETWORKS", {name: card})
        patch.setattr(
            task_module, "build_network", lambda _, frames, **options: Tiny(head, **options)
        )
        return ColorizationTask(recipe, centers=CENTERS[head], prior=prior)


def four_crops() -> torch.Tensor:
    """Colorful crops, ``(4, 3, 32, 32)`` uint8."""
    pictures = [scene(32, 32, seed=i).transpose(2, 0, 1) for i in range(4)]
    return torch.from_numpy(np.stack(pictures))
