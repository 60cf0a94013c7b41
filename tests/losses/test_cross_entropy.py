"""Cross-entropy against PyTorch's own, and the weights of rare colors."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from photochrom.color.encoding import encode_hard, encode_soft
from photochrom.errors import WrongInput
from photochrom.losses.cross_entropy import CrossEntropy

CENTERS = torch.tensor([[0.0, 0.0], [30.0, 0.0], [0.0, 60.0], [-40.0, -40.0]])
PRIOR = torch.tensor([0.7, 0.2, 0.08, 0.02])


@pytest.fixture
def logits() -> torch.Tensor:
    return torch.randn(3, 4, 5, 6, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def ab() -> torch.Tensor:
    return torch.rand(3, 2, 5, 6, generator=torch.Generator().manual_seed(2)) * 120 - 60


def value(logits: torch.Tensor, ab: torch.Tensor, **options: object) -> torch.Tensor:
    return CrossEntropy(**options)(logits, ab, centers=CENTERS, prior=PRIOR)["cross_entropy"]


def test_hard_is_that_of_torch(logits: torch.Tensor, ab: torch.Tensor) -> None:
    expected = functional.cross_entropy(logits, encode_hard(ab, CENTERS))
    assert value(logits, ab, soft=False).item() == pytest.approx(expected.item(), rel=1e-6)


@pytest.mark.parametrize("neighbors", [None, 2])
def test_soft_is_that_of_torch(
    logits: torch.Tensor, ab: torch.Tensor, neighbors: int | None
) -> None:
    target = encode_soft(ab, CENTERS, sigma=20, neighbors=neighbors)
    expected = functional.cross_entropy(logits, target)
    found = value(logits, ab, sigma=20.0, neighbors=neighbors)
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("soft", [True, False])
def test_weights_are_those_of_the_true_bin(
    logits: torch.Tensor, ab: torch.Tensor, soft: bool
) -> None:
    mixed = 0.5 * PRIOR + 0.5 / 4
    weights = (1 / mixed) / (PRIOR / mixed).sum()
    assert (PRIOR * weights).sum().item() == pytest.approx(1, rel=1e-6)
    code = encode_soft(ab, CENTERS, neighbors=None)
    if not soft:
        code = functional.one_hot(encode_hard(ab, CENTERS), 4).movedim(-1, 1).float()
    entropy = -(code * logits.log_softmax(1)).sum(1)
    expected = (entropy * weights[encode_hard(ab, CENTERS)]).mean()
    found = value(logits, ab, soft=soft, uniform=0.5)
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)


def test_weights_average_to_one_over_colors_as_frequent_as_the_prior() -> None:
    counts = (PRIOR * 100).round().long()
    ab = torch.repeat_interleave(CENTERS, counts, dim=0).T.reshape(1, 2, 10, 10)
    logits = torch.zeros(1, 4, 10, 10)
    plain = value(logits, ab, soft=False).item()
    assert value(logits, ab, soft=False, uniform=0.5).item() == pytest.approx(plain, rel=1e-5)


def test_one_colorful_pixel_keeps_a_picture() -> None:
    ab = torch.zeros(1, 2, 4, 4)
    logits = torch.randn(1, 4, 4, 4, generator=torch.Generator().manual_seed(0))
    assert value(logits, ab).item() == 0
    ab[0, 1, 2, 2] = -5.0
    assert value(logits, ab).item() == 0
    ab[0, 1, 2, 2] = -5.1
    assert value(logits, ab).item() > 0


@pytest.mark.parametrize(
    "options",
    [{"sigma": 0}, {"sigma": -1.0}, {"neighbors": 0}, {"uniform": -0.1}, {"uniform": 1.5}],
)
def test_impossible_options(options: dict[str, float]) -> None:
    with pytest.raises(WrongInput, match=next(iter(options))):
        CrossEntropy(**options)
