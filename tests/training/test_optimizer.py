"""Optimizers as the recipe says, batches in parts, and exact moments."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from photochrom.training.config import TrainingConfig
from photochrom.training.optimizer import build_optimizer, enter_stage, set_rates
from tests.training.conftest import Heard, run, tiny_recipe
from tests.training.tiny import Tiny


def task() -> nn.Module:
    whole = nn.Module()
    whole.network = Tiny(bins=4, norm=True)
    return whole


def groups(settings: TrainingConfig) -> dict[tuple[bool, bool], dict]:
    found = task()
    optimizer = build_optimizer(found, settings)
    enter_stage(optimizer, found, settings)
    set_rates(optimizer, settings, factor=0.5)
    return {(g["pretrained"], g["decays"]): g for g in optimizer.param_groups}


def test_rates_and_decay_by_group() -> None:
    settings = TrainingConfig(
        images=1, learning_rate=1e-2, encoder_rate=0.1, weight_decay=0.3, momentum=0.8, beta2=0.95
    )
    found = groups(settings)
    assert len(found) == 4
    for (pretrained, decays), group in found.items():
        assert group["lr"] == pytest.approx(5e-4 if pretrained else 5e-3)
        assert group["weight_decay"] == (0.3 if decays else 0.0)
        assert all((p.ndim > 1) == decays for p in group["params"])
        assert group["betas"] == (0.8, 0.95)


@pytest.mark.parametrize(("name", "kind"), [("adamw", "AdamW"), ("adam", "Adam"), ("sgd", "SGD")])
def test_kinds(name: str, kind: str) -> None:
    settings = TrainingConfig(images=1, optimizer=name, momentum=0.7)
    optimizer = build_optimizer(task(), settings)
    assert type(optimizer).__name__ == kind
    enter_stage(optimizer, task(), settings)
    group = optimizer.param_groups[0]
    assert group.get("momentum", group.get("betas", [None])[0]) == 0.7


def test_sgd_without_momentum_is_allowed() -> None:
    settings = TrainingConfig(images=1, optimizer="sgd", momentum=0.0)
    enter_stage(build_optimizer(task(), settings), task(), settings)


def test_rate_zero_freezes_the_encoder_and_its_statistics() -> None:
    found = task()
    frozen = TrainingConfig(images=1, encoder_rate=0.0)
    optimizer = build_optimizer(found, frozen)
    enter_stage(optimizer, found, frozen)
    assert not any(p.requires_grad for p in found.network.encoder.parameters())
    assert not any(m.training for m in found.network.encoder.modules())
    assert found.network.head.training
    enter_stage(optimizer, found, TrainingConfig(images=1))
    assert all(p.requires_grad for p in found.parameters())
    assert all(m.training for m in found.modules())


def test_frozen_statistics_are_those_of_use() -> None:
    found = task()
    found.network.middle = torch.nn.BatchNorm2d(2)
    settings = TrainingConfig(images=1, frozen_statistics=True)
    enter_stage(build_optimizer(found, settings), found, settings)
    norm = found.network.middle
    values = torch.randn(4, 2, 3, 3, generator=torch.Generator().manual_seed(0)) + 7
    trained = norm(values)
    assert found.network.head.training
    assert norm.weight.requires_grad
    assert torch.equal(norm.running_mean, torch.zeros(2))
    assert torch.equal(trained, norm.eval()(values))
    enter_stage(build_optimizer(found, settings), found, TrainingConfig(images=1))
    assert norm.training


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "checkpoint.safetensors")


@pytest.mark.usefixtures("tiny_network")
class TestAccumulate:
    @pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
    def test_parts_equal_the_whole_batch(
        self, pictures: Path, tmp_path: Path, optimizer: str
    ) -> None:
        losses = {}
        for parts in (1, 3, 8):
            # 30 images: the last batch is not full.
            recipe = tiny_recipe(
                training={
                    "images": 30, "batch_size": 8, "accumulate": parts, "optimizer": optimizer,
                    "learning_rate": 0.01,
                }
            )  # fmt: skip
            progress = Heard()
            losses[parts] = run(recipe, pictures, tmp_path / str(parts), progress).losses
            assert progress.positions == [8, 16, 24, 30]
        one = weights(tmp_path / "1")
        for parts in (3, 8):
            assert losses[parts] == pytest.approx(losses[1], rel=1e-6)
            other = weights(tmp_path / str(parts))
            for key, value in one.items():
                assert torch.allclose(value, other[key], rtol=2e-4, atol=2e-6), key

    def test_it_is_not_the_mean_of_other_things(self, pictures: Path, tmp_path: Path) -> None:
        # Were parts seen as batches of their own, or not weighted, the weights would differ.
        for batch in (4, 8):
            recipe = tiny_recipe(training={"images": 32, "batch_size": batch})
            run(recipe, pictures, tmp_path / str(batch))
        one, other = (weights(tmp_path / str(b))["task.network.head.weight"] for b in (4, 8))
        assert not torch.allclose(one, other, rtol=2e-4, atol=2e-6)
