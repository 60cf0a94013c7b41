from __future__ import annotations

import pytest
import torch

from photochrom.losses.adversarial import PatchCritic, critic_loss, deception_loss


@pytest.fixture
def critic() -> PatchCritic:
    torch.manual_seed(0)
    return PatchCritic()


def test_hinge_losses_by_hand() -> None:
    true, predicted = torch.tensor([2.0, 0.5, -1.0]), torch.tensor([-2.0, 0.0, 3.0])
    assert critic_loss(true, predicted).item() == pytest.approx(((0.5 + 2) / 3 + (1 + 4) / 3) / 2)
    assert deception_loss(predicted).item() == pytest.approx(-1 / 3)


def test_a_critic_that_cannot_tell_has_one_and_a_sure_one_has_none() -> None:
    verdicts = torch.zeros(5)
    assert critic_loss(verdicts, verdicts).item() == 1
    assert critic_loss(verdicts + 1, verdicts - 1).item() == 0


@pytest.mark.parametrize(("size", "verdicts"), [(8, 1), (16, 2), (33, 4), (64, 8)])
def test_a_verdict_for_every_eighth_pixel(critic: PatchCritic, size: int, verdicts: int) -> None:
    assert critic(torch.rand(2, 3, size, size)).shape == (2, 1, verdicts, verdicts)


def test_a_verdict_is_on_70_by_70_pixels(critic: PatchCritic) -> None:
    colored = torch.zeros(1, 3, 160, 160, requires_grad=True)
    critic(colored)[0, 0, 10, 10].backward()
    rows = colored.grad[0].abs().sum((0, 2)).nonzero()
    assert rows.max() - rows.min() + 1 == 70


def test_no_layer_stretches(critic: PatchCritic) -> None:
    """After some looks the norms have settled, however large the weights are."""
    for convolution in critic.convolutions:
        convolution.parametrizations.weight.original.data *= 37
    for _ in range(30):
        critic(torch.zeros(1, 3, 8, 8))
    for convolution in critic.eval().convolutions:
        norm = torch.linalg.matrix_norm(convolution.weight.flatten(1), 2)
        assert norm.item() == pytest.approx(1, abs=0.05)


def test_norms_are_those_of_full_precision_under_autocast(critic: PatchCritic) -> None:
    colored = torch.rand(1, 3, 32, 32)
    exact = critic.eval()(colored)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = critic(colored)
    assert torch.allclose(rounded.float(), exact, atol=0.02)
    critic.train()
    with torch.autocast("cpu", torch.bfloat16):
        critic(colored)
    torch.manual_seed(0)
    twin = PatchCritic()
    twin(colored)
    ours, theirs = critic.state_dict(), twin.state_dict()
    assert all(torch.equal(ours[k], theirs[k]) for k in ours)
