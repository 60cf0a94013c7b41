from __future__ import annotations

import pytest
import torch

from photochrom.losses.mean_absolute_error import MeanAbsoluteError


def test_by_hand() -> None:
    predicted, ab = torch.zeros(1, 2, 2, 2), torch.zeros(1, 2, 2, 2)
    predicted[0, 0] = 11.0
    predicted[0, 1, 0, 0] = -22.0
    found = MeanAbsoluteError()(predicted, ab)["mean_absolute_error"]
    assert found.item() == pytest.approx((4 * 0.1 + 0.2) / 8, rel=1e-6)


def test_its_gradient_does_not_grow_with_the_error() -> None:
    predicted = torch.tensor([1.0, -100.0]).reshape(1, 2, 1, 1).requires_grad_()
    MeanAbsoluteError()(predicted, torch.zeros(1, 2, 1, 1))["mean_absolute_error"].backward()
    assert torch.allclose(predicted.grad.flatten(), torch.tensor([1.0, -1.0]) / 220)
