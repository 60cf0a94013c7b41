"""What holds for every loss, and the two that came first by hand."""

from __future__ import annotations

import math

import pytest
import torch

from photochrom.color.bins import equi_width_uv
from photochrom.color.encoding import encode_soft
from photochrom.errors import UnknownName, WrongInput
from photochrom.losses.cards import LOSSES, LossCard, build_loss

CENTERS = torch.tensor([[0.0, 0.0], [30.0, 0.0], [0.0, 60.0]])
PRIOR = torch.tensor([0.7, 0.2, 0.1])
QUICK: dict[str, dict[str, object]] = {
    "perceptual": {
        "encoder": "resnet10t",
        "pretrained": "none",
        "layers": ["conv1.0", "layer1", "layer2"],
    }
}
"""Options that make a loss quick to build, by its name."""


def colors(seed: int = 0) -> torch.Tensor:
    return torch.rand(2, 2, 3, 3, generator=torch.Generator().manual_seed(seed)) * 60


def loss_of(logits: torch.Tensor, ab: torch.Tensor, **options: object) -> torch.Tensor:
    loss = build_loss("cross-entropy", **options)
    return loss(logits, ab, centers=CENTERS, prior=PRIOR)["cross_entropy"]


def case(card: LossCard, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, dict]:
    """(predicted, true, extra) as a loss takes them, random and far from each other."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=generator)

    uv = (draw(2, 2, 4, 4) - 0.5) * 0.8
    if card.compares == "bins":
        extra = {"centers": CENTERS, "prior": PRIOR}
        return 5 * draw(2, 3, 4, 4), 60 * draw(2, 2, 4, 4), extra
    if card.compares == "uv-bins":
        extra = {"centers": torch.from_numpy(equi_width_uv(6)), "prior": torch.zeros(0)}
        return 5 * draw(2, 2, 6, 4, 4), uv, extra
    if card.compares == "rgb":
        return draw(2, 3, 32, 32), draw(2, 3, 32, 32), {}
    if card.compares == "uv":
        return -uv, uv, {}
    return 60 * draw(2, 2, 4, 4), 60 * draw(2, 2, 4, 4), {}


def test_every_card_builds() -> None:
    for name in LOSSES:
        assert isinstance(build_loss(name, **QUICK.get(name, {})), torch.nn.Module)
        assert LOSSES[name].source
        assert LOSSES[name].compares in ("bins", "uv-bins", "ab", "uv", "rgb")
    with pytest.raises(UnknownName, match="cross-entropy"):
        build_loss("cross-entropi")


@pytest.mark.parametrize("name", LOSSES)
def test_parts_are_finite_scalars_that_teach(name: str) -> None:
    predicted, true, extra = case(LOSSES[name])
    predicted.requires_grad_()
    parts = build_loss(name, **QUICK.get(name, {}))(predicted, true, **extra)
    assert list(parts) == [name.replace("-", "_")]
    (value,) = parts.values()
    assert value.shape == ()
    assert value.dtype == torch.float32
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(predicted.grad).all()
    assert predicted.grad.abs().max() > 0


@pytest.mark.parametrize("name", LOSSES)
def test_half_precision_predictions_change_little(name: str) -> None:
    predicted, true, extra = case(LOSSES[name])
    loss = build_loss(name, **QUICK.get(name, {}))
    (exact,) = loss(predicted, true, **extra).values()
    with torch.autocast("cpu", torch.bfloat16):
        (rounded,) = loss(predicted.bfloat16(), true, **extra).values()
    assert rounded.dtype == torch.float32
    assert rounded.item() == pytest.approx(exact.item(), rel=0.02)


@pytest.mark.parametrize("name", LOSSES)
def test_the_order_of_pictures_does_not_matter(name: str) -> None:
    predicted, true, extra = case(LOSSES[name])
    loss = build_loss(name, **QUICK.get(name, {}))
    (one,) = loss(predicted, true, **extra).values()
    (other,) = loss(predicted.flip(0), true.flip(0), **extra).values()
    assert one.item() == pytest.approx(other.item(), rel=1e-5)


AT_TRUTH = [n for n in LOSSES if "bins" not in LOSSES[n].compares and n != "colorfulness"]


@pytest.mark.parametrize("name", AT_TRUTH)
@pytest.mark.parametrize("level", [None, 0.0, 1.0])
def test_nothing_to_learn_at_the_truth(name: str, level: float | None) -> None:
    """Also where all is black or white, or without color: there slopes are not endless."""
    _, true, _ = case(LOSSES[name])
    true = true if level is None else torch.full_like(true, level)
    predicted = true.clone().requires_grad_()
    (value,) = build_loss(name, **QUICK.get(name, {}))(predicted, true).values()
    value.backward()
    assert value.item() == pytest.approx(0, abs=1e-6)
    assert torch.equal(predicted.grad, torch.zeros_like(predicted))


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


@pytest.mark.parametrize("name", LOSSES)
def test_unknown_options_are_named(name: str) -> None:
    with pytest.raises(WrongInput, match="unknown option 'no_such_thing'"):
        build_loss(name, no_such_thing=1)
