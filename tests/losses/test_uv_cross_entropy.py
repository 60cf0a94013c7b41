from __future__ import annotations

import math

import pytest
import torch

from photochrom.color.bins import equi_width_uv
from photochrom.errors import WrongInput
from photochrom.losses.uv_cross_entropy import UVCrossEntropy

COUNT = 8
CENTERS = torch.from_numpy(equi_width_uv(COUNT))
LIMITS = torch.tensor([0.492 * 0.886, 0.877 * 0.701]).reshape(1, 2, 1, 1)  # of sRGB, BT.601
NO_PRIOR = torch.zeros(0)


def value(logits: torch.Tensor, uv: torch.Tensor, **options: object) -> torch.Tensor:
    loss = UVCrossEntropy(**options)
    return loss(logits, uv, centers=CENTERS, prior=NO_PRIOR)["uv_cross_entropy"]


@pytest.fixture
def uv() -> torch.Tensor:
    unit = torch.rand(2, 2, 5, 6, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return unit * torch.tensor([0.43, 0.61]).reshape(1, 2, 1, 1)


def test_by_hand() -> None:
    uv = torch.tensor([-0.43, 0.61]).reshape(1, 2, 1, 1)  # the first bin of U, the last of V
    logits = torch.zeros(1, 2, COUNT, 1, 1)
    assert value(logits, uv).item() == pytest.approx(2 * math.log(COUNT), rel=1e-6)
    logits[0, 0, 0], logits[0, 1, -1] = 1.0, 2.0
    expected = sum(math.log(math.e**s + COUNT - 1) - s for s in (1, 2))
    assert value(logits, uv).item() == pytest.approx(expected, rel=1e-6)


def test_the_target_is_the_bin_that_holds_the_value(uv: torch.Tensor) -> None:
    index = ((uv / LIMITS + 1) / 2 * COUNT).floor().long()
    sure = 50.0 * torch.nn.functional.one_hot(index, COUNT).movedim(-1, 2).float()
    assert value(sure, uv).item() == pytest.approx(0, abs=1e-5)
    assert value(sure.roll(1, 2), uv) > 10


def test_soft_targets_reach_their_entropy_and_no_less(uv: torch.Tensor) -> None:
    width = 2 * LIMITS[:, :, None] / COUNT
    distance = (uv[:, :, None] - CENTERS.T[None, :, :, None, None]) / width
    target = (-distance.square() / 2).softmax(2)
    entropy = -(target * target.log()).sum(2).sum(1).mean()
    best = value(target.log(), uv, soft=True)
    assert best.item() == pytest.approx(entropy.item(), rel=1e-5)
    for seed in range(3):
        noise = torch.randn(target.shape, generator=torch.Generator().manual_seed(seed))
        assert value(target.log() + noise, uv, soft=True) > best


def test_narrow_soft_targets_are_hard_ones(uv: torch.Tensor) -> None:
    logits = torch.randn(2, 2, COUNT, 5, 6, generator=torch.Generator().manual_seed(1))
    narrow = value(logits, uv, soft=True, sigma=1e-3)
    assert narrow.item() == pytest.approx(value(logits, uv).item(), rel=1e-5)


@pytest.mark.parametrize("options", [{"sigma": 0}, {"sigma": float("nan")}, {"soft": "yes"}])
def test_impossible_options(options: dict[str, object]) -> None:
    with pytest.raises(WrongInput, match=next(iter(options))):
        UVCrossEntropy(**options)
