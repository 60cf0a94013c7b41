from __future__ import annotations

import pytest
import torch

from photochrom.losses.ab_gradient import ABGradient
from photochrom.losses.huber import Huber


def value(predicted: torch.Tensor, ab: torch.Tensor) -> float:
    return ABGradient()(predicted, ab)["ab_gradient"].item()


def edge(column: int, *, size: int = 32) -> torch.Tensor:
    """Two fields of color that meet in front of a column."""
    ab = torch.zeros(1, 2, size, size)
    ab[..., column:] = 44.0
    return ab


def test_by_hand() -> None:
    predicted, ab = torch.zeros(1, 2, 2, 3), torch.zeros(1, 2, 2, 3)
    predicted[0, 0, 0, 0] = 11.0  # one step of 8 across, one of 6 down
    assert value(predicted, ab) == pytest.approx(0.1 / 8 + 0.1 / 6, rel=1e-6)


def test_a_constant_shift_is_not_seen() -> None:
    ab = torch.rand(2, 2, 5, 5, generator=torch.Generator().manual_seed(0)) * 60
    assert value(ab + 20, ab) == pytest.approx(0, abs=1e-5)


def test_mirrored_and_turned_pictures_cost_the_same() -> None:
    predicted, ab = torch.rand(2, 1, 2, 6, 6, generator=torch.Generator().manual_seed(1)) * 60
    expected = pytest.approx(value(predicted, ab), rel=1e-5)
    assert value(predicted.flip(-1), ab.flip(-1)) == expected
    assert value(predicted.rot90(1, (2, 3)), ab.rot90(1, (2, 3))) == expected


def test_sees_color_that_bleeds_better_than_huber_does() -> None:
    """Its answer to a blurred edge, as a share of that to no color at all, is the larger one."""
    truth = edge(16)
    bled = torch.nn.functional.avg_pool2d(
        torch.nn.functional.pad(truth, (4, 4, 0, 0), mode="replicate"), (1, 9), stride=1
    )
    share = [
        next(iter(loss(bled, truth).values())) / next(iter(loss(0 * truth, truth).values()))
        for loss in (ABGradient(), Huber())
    ]
    assert share[0] > 5 * share[1]


@pytest.mark.parametrize("shape", [(1, 2, 1, 1), (1, 2, 1, 4), (1, 2, 4, 1)])
def test_rows_without_neighbors_are_no_trouble(shape: tuple[int, ...]) -> None:
    assert value(torch.zeros(shape), torch.zeros(shape)) == 0
