"""Random hints: true colors, at few places, repeatable."""

from __future__ import annotations

import pytest
import torch

from photochrom.data.draws import Draws
from photochrom.data.hints import reveal


def hints_of(count: int, share: float = 1.0, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    ab = torch.randn(count, 2, 48, 64, generator=torch.Generator().manual_seed(1)) * 30
    return ab, reveal(ab, Draws(list(range(seed, seed + count))), share=share)


def test_hints_are_mean_colors_of_small_squares_and_zero_elsewhere() -> None:
    ab, hints = hints_of(200)
    mask = hints[:, 2:]
    assert set(mask.unique().tolist()) == {0.0, 1.0}
    assert (hints[:, :2] * (1 - mask)).abs().max() == 0
    covered = mask.mean((1, 2, 3))
    whole = covered == 1
    assert torch.equal(hints[whole][:, :2], ab[whole])
    assert covered[~whole].max() < 0.5
    # Places where one pixel alone is shown, with none of its neighbors, hold its own color.
    alone = torch.nn.functional.avg_pool2d(mask, 3, 1, 1) * 9
    single = ((alone < 1.5) & (mask > 0))[:, 0]
    single[whole] = False
    assert single.any()
    shown, true = (x.movedim(1, -1)[single] for x in (hints[:, :2], ab))
    assert torch.allclose(shown, true, atol=1e-4)


def test_one_in_eight_has_none_and_a_share_gives_the_rest_none() -> None:
    _, hints = hints_of(1000)
    none = (hints[:, 2].amax((1, 2)) == 0).float().mean().item()
    assert none == pytest.approx(1 / 8, abs=0.04)
    _, fewer = hints_of(1000, share=0.4)
    shown = fewer[:, 2].amax((1, 2)) > 0
    assert shown.float().mean().item() == pytest.approx(0.4 * 7 / 8, abs=0.05)
    assert torch.equal(fewer[shown], hints[shown])
    assert hints_of(20, share=0)[1].abs().max() == 0


def test_hints_belong_to_the_picture_not_to_its_batch() -> None:
    ab, hints = hints_of(6)
    assert torch.equal(reveal(ab[3:], Draws([3, 4, 5])), hints[3:])
