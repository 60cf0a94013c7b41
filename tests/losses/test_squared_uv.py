from __future__ import annotations

import pytest
import torch

from photochrom.losses.squared_uv import SquaredUV


def value(predicted: torch.Tensor, uv: torch.Tensor) -> float:
    return SquaredUV()(predicted, uv)["squared_uv"].item()


def test_by_hand() -> None:
    predicted, uv = torch.zeros(1, 2, 1, 2), torch.zeros(1, 2, 1, 2)
    predicted[0, :, 0, 0] = torch.tensor([0.3, -0.4])
    assert value(predicted, uv) == pytest.approx(0.25 / 2, rel=1e-6)


def test_printed_sum_is_the_mean_times_the_pixels() -> None:
    generator = torch.Generator().manual_seed(0)
    predicted, uv = torch.rand(2, 1, 2, 6, 7, generator=generator)
    printed = sum(torch.linalg.vector_norm((predicted - uv)[0, i]).item() ** 2 for i in (0, 1))
    assert value(predicted, uv) * 6 * 7 == pytest.approx(printed, rel=1e-5)


def test_does_not_depend_on_the_size() -> None:
    predicted, uv = torch.rand(2, 1, 2, 4, 4, generator=torch.Generator().manual_seed(1))
    larger = [t.repeat_interleave(3, -1).repeat_interleave(3, -2) for t in (predicted, uv)]
    assert value(*larger) == pytest.approx(value(predicted, uv), rel=1e-5)
