"""Any network sees several frames once its first layer is widened."""

from __future__ import annotations

import pytest
import torch

from photochrom.architectures.cards import NETWORKS, build_network
from photochrom.architectures.frame_stack import as_stack, middle, widen
from photochrom.errors import WrongInput
from tests.architectures.test_networks import small, tensor


def test_the_middle_frame_of_even_numbers_is_the_later() -> None:
    stack = torch.arange(4.0).reshape(1, 4, 1, 1)
    assert [middle(stack[:, :n]).item() for n in (1, 2, 3, 4)] == [0, 1, 1, 2]
    assert as_stack(stack[:, :1], 3).flatten().tolist() == [0, 0, 0]
    assert as_stack(stack, 4) is stack


@pytest.mark.parametrize("frames", [2, 3])
@pytest.mark.parametrize("name", NETWORKS)
def test_begins_as_the_network_of_the_middle_frame(name: str, frames: int) -> None:
    network = small(name)
    stack = torch.rand(2, frames, 64, 64) * 100
    hints = torch.rand(2, 3, 64, 64) if NETWORKS[name].hints else torch.zeros(2, 0, 64, 64)
    with torch.no_grad():
        alone = tensor(network(torch.cat([middle(stack), hints], 1)))
        wide = widen(network, frames)
        assert torch.allclose(tensor(wide(torch.cat([stack, hints], 1))), alone, atol=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_neighbors_learn_and_then_matter(name: str) -> None:
    network = widen(small(name).train(), 3)
    stack = torch.rand(2, 3, 64, 64) * 100
    before = {k: p.detach().clone() for k, p in network.named_parameters()}
    wide = [
        k
        for k, m in network.named_modules()
        if isinstance(m, torch.nn.Conv2d) and m.in_channels == 3 + 3 * (name == "siggraph17")
    ]
    wide = [k for k in wide if before[f"{k}.weight"][:, 0].abs().max() == 0]
    assert wide
    optimizer = torch.optim.SGD([p for p in network.parameters() if p.requires_grad], 1e-3)
    tensor(network(stack)).square().mean().backward()
    optimizer.step()
    for key in wide:
        assert dict(network.named_parameters())[f"{key}.weight"][:, 0].abs().max() > 0


def test_build_takes_frames_and_one_changes_nothing() -> None:
    network = build_network("cnn", frames=3)
    count = sum(p.numel() for p in network.parameters())
    assert count == NETWORKS["cnn"].parameters + 2 * 9 * network.convolutions[0].out_channels
    plain = build_network("cnn")
    assert widen(plain, 1) is plain
    assert sum(p.numel() for p in plain.parameters()) == NETWORKS["cnn"].parameters


def test_what_sees_no_picture_is_refused() -> None:
    with pytest.raises(WrongInput, match="no first convolution"):
        widen(torch.nn.Linear(3, 3), 2)
