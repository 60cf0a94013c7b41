from __future__ import annotations

import pytest
import torch

from photochrom.color.colorfulness import colorfulness
from photochrom.errors import WrongInput
from photochrom.losses.colorfulness import Colorfulness


def value(rgb: torch.Tensor, *, absolute: bool = True) -> torch.Tensor:
    return Colorfulness(absolute=absolute)(rgb, rgb)["colorfulness"]


def pictures(count: int = 3) -> torch.Tensor:
    return torch.rand(count, 3, 16, 12, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("absolute", [True, False])
def test_is_the_metric_of_the_same_form(absolute: bool) -> None:
    for rgb in (pictures(1), torch.ones(1, 3, 4, 4) * torch.tensor([1.0, 0.2, 0]).view(3, 1, 1)):
        metric = colorfulness(255 * rgb[0].numpy(), absolute=absolute)
        assert value(rgb, absolute=absolute).item() == pytest.approx(1 - metric / 100, abs=1e-3)


def test_a_batch_is_the_mean_of_its_pictures() -> None:
    rgb = pictures()
    single = torch.stack([value(picture[None]) for picture in rgb]).mean()
    assert value(rgb).item() == pytest.approx(single.item(), rel=1e-5)


def test_more_chroma_costs_less_and_gray_one() -> None:
    rgb = 0.25 + 0.5 * pictures()
    gray = rgb.mean(1, keepdim=True)
    costs = [value(gray + share * (rgb - gray)).item() for share in (0, 0.5, 1, 1.5)]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("absolute", [True, False])
def test_slopes_are_finite_where_there_is_no_color(level: float, absolute: bool) -> None:
    rgb = torch.full((1, 3, 4, 4), level, requires_grad=True)
    value(rgb, absolute=absolute).backward()
    assert torch.isfinite(rgb.grad).all()


def test_form_is_a_choice() -> None:
    with pytest.raises(WrongInput, match="absolute"):
        Colorfulness(absolute="signed")
