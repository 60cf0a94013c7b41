"""Every loss with every head that it says it trains, through one gradient step."""

from __future__ import annotations

import itertools

import pytest
import torch

from photochrom.architectures.prediction import Prediction
from photochrom.color.spaces import rgb_to_lab
from photochrom.errors import RecipeError
from photochrom.losses.cards import LOSSES
from photochrom.training.pairs import Pairs
from tests.losses.test_losses import QUICK
from tests.training.heads import HEADS, four_crops, make

PAIRS = [(n, h) for n, h in itertools.product(LOSSES, HEADS) if LOSSES[n].trains(h)]
UNFIT = [pair for pair in itertools.product(LOSSES, HEADS) if pair not in PAIRS]


@pytest.fixture
def crops() -> torch.Tensor:
    return four_crops()


@pytest.mark.parametrize(("name", "head"), PAIRS)
def test_every_loss_teaches_every_head_that_it_says(
    name: str, head: str, crops: torch.Tensor
) -> None:
    task = make(head, {name: QUICK.get(name, {})})
    optimizer = torch.optim.Adam(task.parameters(), lr=3e-3)
    losses = []
    for _ in range(12):
        optimizer.zero_grad()
        parts = task(crops)
        parts["loss"].backward()
        optimizer.step()
        losses.append(parts["loss"].item())
    assert set(parts) == {"loss", name.replace("-", "_")}
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(("name", "head"), PAIRS)
def test_black_and_white_pictures_and_half_precision_stay_finite(name: str, head: str) -> None:
    task = make(head, {name: QUICK.get(name, {})})
    levels = torch.tensor([0, 128, 255], dtype=torch.uint8)
    crops = levels.reshape(3, 1, 1, 1).expand(3, 3, 32, 32)
    with torch.autocast("cpu", torch.bfloat16):
        loss = task(crops)["loss"]
    loss.backward()
    assert torch.isfinite(loss)
    assert all(torch.isfinite(p.grad).all() for p in task.parameters())


@pytest.mark.parametrize(("name", "head"), UNFIT)
def test_a_head_that_a_loss_does_not_train_is_refused(name: str, head: str) -> None:
    with pytest.raises(RecipeError, match=f"loss.{name} trains networks of"):
        make(head, {name: {}})


def test_parts_are_logged_by_name_and_scaled_by_their_weights(crops: torch.Tensor) -> None:
    weights = {"huber": 2.0, "ab-gradient": 0.5, "colorfulness": 0.0, "squared-uv": 1}
    parts = make("ab", {name: {"weight": w} for name, w in weights.items()})(crops)
    alone = {name: make("ab", {name: {}})(crops)[name.replace("-", "_")].item() for name in weights}
    assert {n.replace("-", "_"): v for n, v in alone.items()} == {
        k: pytest.approx(v.item()) for k, v in parts.items() if k != "loss"
    }
    expected = sum(w * alone[name] for name, w in weights.items())
    assert parts["loss"].item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("weight", [-1, float("nan"), float("inf"), "much", True])
def test_impossible_weights_are_named(weight: object) -> None:
    with pytest.raises(RecipeError, match=r"loss\.huber\.weight"):
        make("ab", {"huber": {"weight": weight}})


def test_predicted_truth_is_the_truth_in_every_form(crops: torch.Tensor) -> None:
    lab = rgb_to_lab(crops / 255)
    empty = torch.zeros(0)
    pairs = Pairs(Prediction(ab=lab[:, 1:]), lab[:, :1], lab, empty, empty)
    for kind in ("ab", "uv", "rgb"):
        predicted, true = pairs.of(kind)
        assert torch.allclose(predicted, true, atol=1e-4)


def test_colors_on_rgb_are_judged_beside_the_true_lightness(crops: torch.Tensor) -> None:
    lab = rgb_to_lab(crops / 255)
    empty = torch.zeros(0)
    small = torch.nn.functional.avg_pool2d(lab[:, 1:], 4)
    darker = Pairs(Prediction(ab=small), 0.5 * lab[:, :1], lab, empty, empty)
    predicted, _ = darker.of("rgb")
    assert torch.allclose(rgb_to_lab(predicted)[:, :1], lab[:, :1], atol=3)
