from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from photochrom.errors import WrongInput
from photochrom.losses.huber import Huber
from photochrom.losses.mean_absolute_error import MeanAbsoluteError

TRUTH = torch.zeros(1, 2, 4, 4)


def value(error: float, **options: float) -> float:
    return Huber(**options)(TRUTH + error, TRUTH)["huber"].item()


def test_by_hand() -> None:
    assert value(0.5) == pytest.approx(0.125 / 110, rel=1e-5)
    assert value(-11.0) == pytest.approx(10.5 / 110, rel=1e-5)
    assert value(4.0, delta=10.0) == pytest.approx(0.8 / 110, rel=1e-5)


def test_is_that_of_the_authors_code_but_for_a_factor() -> None:
    predicted = torch.randn(2, 2, 5, 5, generator=torch.Generator().manual_seed(0)) * 3
    truth = torch.zeros_like(predicted)
    theirs = functional.huber_loss(predicted / 110, truth, delta=1 / 110).item()
    assert Huber()(predicted, truth)["huber"].item() / 110 == pytest.approx(theirs, rel=1e-5)


def test_far_from_the_truth_any_delta_pulls_as_the_absolute_error() -> None:
    predicted = torch.full((1, 2, 1, 1), 90.0, requires_grad=True)
    truth = torch.zeros(1, 2, 1, 1)
    slopes = [
        torch.autograd.grad(next(iter(loss(predicted, truth).values())), predicted)[0]
        for loss in (Huber(delta=1.0), Huber(delta=50.0), MeanAbsoluteError())
    ]
    assert torch.equal(slopes[0], slopes[2])
    assert torch.equal(slopes[1], slopes[2])


@pytest.mark.parametrize("delta", [0, -1.0, float("nan"), float("inf")])
def test_impossible_delta(delta: float) -> None:
    with pytest.raises(WrongInput, match="delta must be above 0"):
        Huber(delta=delta)
