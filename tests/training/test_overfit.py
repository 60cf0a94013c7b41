"""The check that a few crops can be learned by heart, and the floor that it compares with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from photochrom.color.bins import gamut_grid
from photochrom.color.encoding import encode_soft
from photochrom.color.spaces import rgb_to_lab
from photochrom.training.config import Recipe
from photochrom.training.overfit import Overfit, loss_floor, overfit
from photochrom.training.task import ColorizationTask
from tests.conftest import scene
from tests.training.conftest import Heard, tiny_recipe

pytestmark = pytest.mark.usefixtures("tiny_network")
CENTERS = gamut_grid(30)


def crops() -> torch.Tensor:
    return torch.from_numpy(np.stack([scene(16, 16, seed=i).transpose(2, 0, 1) for i in range(3)]))


def floor(**options: object) -> float:
    recipe = tiny_recipe(loss={"cross-entropy": options})
    prior = np.full(len(CENTERS), 1 / len(CENTERS), np.float32)
    task = ColorizationTask(recipe, centers=CENTERS, prior=prior)
    network = task.network
    found = loss_floor(task, crops())
    assert task.network is network
    return found


def test_the_floor_of_soft_targets_is_their_entropy() -> None:
    ab = torch.nn.functional.adaptive_avg_pool2d(rgb_to_lab(crops().float() / 255)[:, 1:], 4)
    target = encode_soft(ab, torch.from_numpy(CENTERS), sigma=15.0, neighbors=None)
    entropy = -(target * target.clamp_min(1e-30).log()).sum(1).mean().item()
    assert floor(sigma=15.0) == pytest.approx(entropy, abs=2e-3)
    assert entropy > 0.1


def test_the_floor_of_hard_targets_is_zero() -> None:
    assert 0 <= floor(soft=False) < 2e-3


def go(recipe: Recipe, pictures: Path, out: Path, steps: int, count: int = 2) -> Overfit:
    progress = Heard()
    return overfit(
        recipe, [str(pictures)], out, crops=count, steps=steps, progress=progress, device="cpu"
    )


def learnable() -> Recipe:
    """Crops of one color each, which even two convolutions can tell apart by their lightness."""
    return tiny_recipe(
        bins={"system": "zhang-313"},
        data={"validation": 0},
        training={"learning_rate": 0.02, "ema": 0.999, "batch_size": 2},
    )


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    folder = tmp_path / "plain"
    folder.mkdir()
    for name, color in {"dark": (120, 0, 0), "light": (180, 220, 255), "mid": (0, 160, 0)}.items():
        Image.new("RGB", (20, 20), color).save(folder / f"{name}.png")
    return folder


def test_learned(plain: Path, tmp_path: Path) -> None:
    found = go(learnable(), plain, tmp_path / "out", 400)
    assert found.learned
    assert found.steps < 400
    assert found.floor - 1e-3 <= found.loss < found.first
    assert found.loss - found.floor <= 0.05 * (found.first - found.floor)
    assert "2 crops learned by heart" in found.verdict()
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["overfit.jpg"]
    with Image.open(found.picture) as image:
        sheet = np.asarray(image).astype(float)
    assert sheet.shape == (16, 2 * 3 * 16, 3)
    for left in (0, 48):
        gray, predicted, true = (
            sheet[4:12, left + x + 4 : left + x + 12].mean((0, 1)) for x in (0, 16, 32)
        )
        assert np.abs(predicted - true).max() < 0.5 * np.abs(gray - true).max()


def test_more_crops_than_a_batch(plain: Path, tmp_path: Path) -> None:
    found = go(learnable(), plain, tmp_path / "out", 600, count=3)
    assert found.crops == 3
    assert found.learned


def test_not_learned(plain: Path, tmp_path: Path) -> None:
    found = go(learnable(), plain, tmp_path / "out", 5)
    assert not found.learned
    assert found.steps == 5
    assert "NOT learned" in found.verdict()
    assert found.picture.is_file()


def test_nothing_hinders(plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from photochrom.training import overfit as module

    seen: list[Recipe] = []
    real = module._without_hindrance

    def spy(*given: object) -> Recipe:
        seen.append(real(*given))
        return seen[-1]

    monkeypatch.setattr(module, "_without_hindrance", spy)
    stages = [{"share": 0.5}, {}]
    bins = {"system": "zhang-313"}
    adversarial = {"weight": 1.0, "pretrain": 0.5, "critic": 0.2}
    hindered = {"stages": stages, "resizing": {}, "bins": bins, "adversarial": adversarial}
    go(tiny_recipe(**hindered), plain, tmp_path / "out", 2)
    data, training = seen[0].data, seen[0].training
    assert (data.noise, data.tone, data.flip, data.smallest_crop) == (0, 0, False, 1)
    assert (training.weight_decay, training.ema, training.schedule) == (0, 0, "constant")
    assert (seen[0].stages, seen[0].resizing) == ([], None)
    assert (seen[0].data.hinted, seen[0].adversarial.weight) == (0, 0)


def test_dropout_is_off() -> None:
    from photochrom.training.overfit import _without_dropout

    network = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.Dropout2d(0.3)).train()
    _without_dropout(network)
    ones = torch.ones(2, 3, 4, 4)
    assert torch.equal(network(ones), ones)
