"""Near places of one lightness decide together; edges part them."""

from __future__ import annotations

import pytest
import torch

from photochrom.architectures.coherence import Coherence
from photochrom.errors import WrongInput


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(7))


@pytest.mark.parametrize("size", [(48, 48), (48, 64), (13, 7), (1, 1), (5, 90)])
def test_equal_features_stay(size: tuple[int, int]) -> None:
    features = torch.full((2, 3, *size), 1.5)
    lightness = 50 + 20 * noise(2, 1, 4 * size[0], 4 * size[1])
    torch.testing.assert_close(Coherence(0.7)(features, lightness), features)


def test_a_plain_board_loses_its_patches() -> None:
    features = noise(1, 4, 48, 48)
    plain = torch.full((1, 1, 192, 192), 60.0)
    together = Coherence(1.0)(features, plain)
    assert together.std() < features.std() / 3
    torch.testing.assert_close(Coherence(0.5)(features, plain), (features + together) / 2)


def test_edges_of_lightness_part() -> None:
    lightness = torch.full((1, 1, 128, 128), 30.0)
    lightness[..., 64:] = 70
    features = torch.zeros(1, 2, 32, 32)
    features[:, 0, :, :16] = 1
    features[:, 1, :, 16:] = 1
    drawn = Coherence(1.0)(features, lightness)
    torch.testing.assert_close(drawn, features, atol=1e-5, rtol=0)


def test_far_places_of_the_same_lightness_part() -> None:
    features = torch.zeros(1, 1, 48, 48)
    features[..., :12, :] = 1
    drawn = Coherence(1.0)(features, torch.full((1, 1, 192, 192), 50.0))
    assert drawn[..., 0, :].min() > 0.5
    assert drawn[..., 40:, :].max() < 1e-3


def test_bf16_comes_out_as_fp32_does() -> None:
    features, lightness = noise(1, 8, 24, 24), 50 + 25 * noise(1, 1, 96, 96)
    exact = Coherence(0.5)(features, lightness)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = Coherence(0.5)(features, lightness)
        rounded = Coherence(0.5)(features.bfloat16(), lightness)
    torch.testing.assert_close(found, exact)
    assert rounded.dtype == torch.bfloat16
    torch.testing.assert_close(rounded.float(), exact, atol=0.02, rtol=0.01)


def test_a_share_beyond_all_is_refused() -> None:
    with pytest.raises(WrongInput, match="between 0 and 1"):
        Coherence(1.1)


def test_pictures_of_a_batch_do_not_meet() -> None:
    features, lightness = noise(3, 4, 20, 24), 50 + 25 * noise(3, 1, 80, 96)
    together = Coherence(0.6)(features, lightness)
    alone = torch.cat([Coherence(0.6)(features[i : i + 1], lightness[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(together, alone)
