from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from photochrom.color.encoding import encode_soft
from photochrom.errors import UnknownName
from photochrom.losses.cards import LOSSES, build_loss

CENTERS = torch.tensor([[0.0, 0.0], [30.0, 0.0], [0.0, 60.0]])
PRIOR = torch.tensor([0.7, 0.2, 0.1])


def colors(seed: int = 0) -> torch.Tensor:
    return torch.rand(2, 2, 3, 3, generator=torch.Generator().manual_seed(seed)) * 60


def loss_of(logits: torch.Tensor, ab: torch.Tensor, **options: object) -> torch.Tensor:
    loss = build_loss("cross-entropy", **options)
    return loss(logits, ab, centers=CENTERS, prior=PRIOR)["cross_entropy"]


def test_every_card_builds() -> None:
    for name in LOSSES:
        assert isinstance(build_loss(name), torch.nn.Module)
        assert LOSSES[name].source
    with pytest.raises(UnknownName, match="cross-entropy"):
        build_loss("cross-entropi")


def test_hard_targets_by_hand() -> None:
    logits = torch.tensor([1.0, 2.0, 3.0]).reshape(1, 3, 1, 1)
    ab = torch.tensor([29.0, 1.0]).reshape(1, 2, 1, 1)
    expected = math.log(math.e + math.e**2 + math.e**3) - 2
    assert loss_of(logits, ab, soft=False).item() == pytest.approx(expected, rel=1e-6)


def test_soft_targets_reach_their_entropy_and_no_less() -> None:
    ab = colors()
    target = encode_soft(ab, CENTERS, neighbors=None).clamp_min(1e-30)
    entropy = -(target * target.log()).sum(1).mean().item()
    best = loss_of(target.log(), ab)
    assert best.item() == pytest.approx(entropy, abs=1e-5)
    for seed in range(5):
        noise = torch.randn(target.shape, generator=torch.Generator().manual_seed(seed))
        assert loss_of(target.log() + noise, ab) > best


def test_gray_pictures_give_no_gradient() -> None:
    logits = torch.randn(2, 3, 3, 3, requires_grad=True)
    ab = colors()
    ab[0] = 4.0
    loss_of(logits, ab).backward()
    assert logits.grad[0].abs().max() == 0
    assert logits.grad[1].abs().max() > 0


def test_rare_colors_weigh_more() -> None:
    logits = torch.zeros(1, 3, 1, 1)
    common, rare = (torch.tensor(c).reshape(1, 2, 1, 1) for c in ([6.0, 0.0], [0.0, 60.0]))
    assert loss_of(logits, common).item() == pytest.approx(math.log(3), rel=1e-5)
    assert loss_of(logits, rare, uniform=0.5) > 2 * loss_of(logits, common, uniform=0.5)


def test_mean_squared_error_by_hand() -> None:
    predicted, ab = torch.zeros(1, 2, 2, 2), torch.zeros(1, 2, 2, 2)
    ab[0, 0] = 11.0
    value = build_loss("mean-squared-error")(predicted, ab)["mean_squared_error"]
    assert value.item() == pytest.approx(0.01 / 2, rel=1e-6)
    assert np.isclose(build_loss("mean-squared-error")(ab, ab)["mean_squared_error"].item(), 0)
