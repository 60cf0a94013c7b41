"""The learned stage of an ensemble starts as the mean, and gets nearer to the truth."""

from __future__ import annotations

import dataclasses
import functools
import io
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console

from photochrom import load_model
from photochrom.data.sources import open_pictures
from photochrom.errors import DataError, ModelError
from photochrom.training import stack as module
from photochrom.training.progress import ProgressLine
from photochrom.training.stack import (
    FrozenMembers,
    LearnedStack,
    StackNetwork,
    as_stack,
    learn_stack,
    stack_errors,
)
from photochrom.weights.ensembles.ensemble import write_ensemble
from photochrom.weights.ensembles.members import OpenedMember, open_member
from photochrom.weights.ensembles.stack import Stack, stacked

SHARES = np.array([0.25, 0.75])


def quiet() -> ProgressLine:
    return ProgressLine(Console(file=io.StringIO()))


@pytest.fixture
def members(small_models: dict[str, Path]) -> list[OpenedMember]:
    """Of different strides: the first takes hints, the second has a dial."""
    return [open_member(small_models[name]) for name in ("hinted", "bins")]


def learn(members: list[OpenedMember], pictures: Path, images: int = 96) -> LearnedStack:
    return learn_stack(members, SHARES, [str(pictures)], images=images, size=32, progress=quiet())


def test_at_the_start_it_is_the_mean(members: list[OpenedMember], tmp_path: Path) -> None:
    network = StackNetwork(SHARES)
    blending = functools.partial(stacked, stack=as_stack(network, {}))
    write_ensemble(members, tmp_path / "stack.onnx", weights=SHARES, blending=blending)
    write_ensemble(members, tmp_path / "mean.onnx", weights=SHARES)
    seen = np.random.default_rng(0).uniform(0, 100, (2, 1, 24, 36)).astype(np.float32)
    found, mean = (load_model(tmp_path / f"{n}.onnx").run(seen) for n in ("stack", "mean"))
    assert np.abs(found.ab - mean.ab).max() < 1e-4
    assert np.abs(found.confidence - mean.confidence).max() < 1e-4
    card = load_model(tmp_path / "stack.onnx").card
    assert card.summary.startswith("learned stack of hinted 1 and bins 1")
    plain = load_model(tmp_path / "mean.onnx").card.parameters
    assert card.parameters == plain + sum(p.numel() for p in network.parameters())


def test_the_file_is_the_network(members: list[OpenedMember], tmp_path: Path) -> None:
    """With weights that do something, at another size than that of the trial."""
    torch.manual_seed(0)
    network = StackNetwork(SHARES)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    made = as_stack(network, {})
    write_ensemble(
        members,
        tmp_path / "e.onnx",
        weights=SHARES,
        blending=functools.partial(stacked, stack=made),
    )
    seen = np.random.default_rng(0).uniform(0, 100, (1, 1, 40, 28)).astype(np.float32)
    frozen = FrozenMembers(members, SHARES)
    expected = made.run(seen, frozen.colors(torch.from_numpy(seen)).numpy())
    found = load_model(tmp_path / "e.onnx").run(seen, temperature=1.0, rebalance=0.0).ab
    assert found.shape == (1, 2, 40, 28)
    assert np.abs(found - expected).max() < 1e-3
    assert np.abs(found - network.mean(frozen.colors(torch.from_numpy(seen))).numpy()).max() > 1


def test_a_stage_that_is_not_what_was_learned_is_not_written(
    members: list[OpenedMember], tmp_path: Path
) -> None:
    made = as_stack(StackNetwork(SHARES), {})
    other = [(kernel + 0.1, bias) for kernel, bias in made.layers]
    wrong = Stack(other, made.run, {})
    with pytest.raises(ModelError, match="nothing written"):
        write_ensemble(
            members, tmp_path / "e.onnx", blending=functools.partial(stacked, stack=wrong)
        )


def test_learning_lowers_the_error(members: list[OpenedMember], pictures: Path) -> None:
    torch.manual_seed(0)
    found = learn(members, pictures, images=400)
    assert list(found.errors) == ["gray", "hinted 1", "bins 1", "mean color", "learned stack"]
    assert found.errors["learned stack"] < 0.9 * found.errors["mean color"]
    assert (found.images, found.held_out) == (400, 2)
    assert "no nearer" not in "\n".join(found.report())
    network = StackNetwork(SHARES)
    with torch.no_grad():
        for layer, (kernel, bias) in zip(network.layers, found.stack.layers, strict=True):
            layer.weight.copy_(torch.from_numpy(kernel))
            layer.bias.copy_(torch.from_numpy(bias))
    frozen = FrozenMembers(members, SHARES)
    trained = stack_errors(network, frozen, open_pictures([pictures]), size=32)
    assert trained["learned stack"] < 0.9 * trained["mean color"]


def test_a_stack_that_did_not_help_says_so(members: list[OpenedMember], pictures: Path) -> None:
    found = learn(members, pictures, images=8)
    worse = dataclasses.replace(found, errors=found.errors | {"learned stack": 1e3})
    assert "no nearer to the truth" in worse.report()[-1]


def test_the_same_seed_learns_the_same(members: list[OpenedMember], pictures: Path) -> None:
    one, two = learn(members, pictures), learn(members, pictures)
    for (a, b), (c, d) in zip(one.stack.layers, two.stack.layers, strict=True):
        assert np.array_equal(a, c)
        assert np.array_equal(b, d)
    assert one.errors == two.errors


def test_errors_by_hand(small_models: dict[str, Path], tmp_path: Path) -> None:
    """On an even picture: the member's color, the gray and the mean against the true one."""
    Image.new("RGB", (32, 32), (200, 120, 80)).save(tmp_path / "a.png")
    members = [open_member(small_models[name]) for name in ("fine", "coarse")]
    frozen = FrozenMembers(members, SHARES)
    found = stack_errors(StackNetwork(SHARES), frozen, open_pictures([tmp_path]), size=24)
    lightness, a, b = 58.32, 27.46, 35.04  # of that color, by scikit-image
    fine = np.array([0.4 * lightness + 3, -0.2 * lightness + 4])
    coarse = np.array([-0.1 * lightness - 5, 0.3 * lightness + 6])
    mean = SHARES[0] * fine + SHARES[1] * coarse
    for name, ab in (
        ("gray", 0 * fine),
        ("fine 1", fine),
        ("coarse 1", coarse),
        ("mean color", mean),
    ):
        assert found[name] == pytest.approx(np.hypot(*(ab - [a, b])), abs=0.1), name
    assert found["learned stack"] == pytest.approx(found["mean color"])


def test_an_interruption_keeps_what_was_learned(
    members: list[OpenedMember], pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair, calls = module._pair, []

    def interrupted(*given: object) -> object:
        calls.append(given)
        if len(calls) == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return pair(*given)

    monkeypatch.setattr(module, "_pair", interrupted)
    found = learn(members, pictures, images=800)
    assert found.images == 24
    assert max(np.abs(kernel).max() for kernel, _ in found.stack.layers[-1:]) > 0


def test_too_few_pictures(members: list[OpenedMember], tmp_path: Path) -> None:
    Image.new("RGB", (32, 32), "red").save(tmp_path / "a.png")
    with pytest.raises(DataError, match="1 pictures are too few"):
        learn(members, tmp_path)
    with pytest.raises(DataError, match="no folder"):
        learn(members, tmp_path / "none")
