from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from photochrom.errors import ModelError, TrainingError
from photochrom.weights import checkpoints
from photochrom.weights.checkpoints import (
    FORMAT,
    load_optimizer,
    part,
    read_checkpoint,
    restore,
    save_checkpoint,
)

FACTS = {"images": 12, "recipe": {"name": "toy", "seed": 3, "rate": 1e-3}}


def toy(kind: str = "adamw", *, steps: int = 3) -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    """A layer with a norm after some steps, from a fixed seed."""
    torch.manual_seed(0)
    task = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4))
    kinds = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}
    if kind == "sgd":
        optimizer = torch.optim.SGD(task.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    else:
        optimizer = kinds[kind](task.parameters(), lr=0.1)
    step(task, optimizer, steps)
    return task, optimizer


def step(task: torch.nn.Module, optimizer: torch.optim.Optimizer, steps: int) -> None:
    for number in range(steps):
        optimizer.zero_grad()
        generator = torch.Generator().manual_seed(number)
        task(torch.rand(2, 1, 6, 6, generator=generator)).square().mean().backward()
        optimizer.step()


def save(path: Path, kind: str = "adamw") -> None:
    task, optimizer = toy(kind)
    ema = {k: p.detach() * 2 for k, p in task.named_parameters()}
    save_checkpoint(path, task=task, ema=ema, optimizer=optimizer, facts=FACTS)


@pytest.mark.parametrize("kind", ["adamw", "adam", "sgd"])
def test_steps_after_restoring_are_those_without_saving(tmp_path: Path, kind: str) -> None:
    save(tmp_path / "c", kind)
    tensors, facts = read_checkpoint(tmp_path / "c")
    assert facts == FACTS
    fresh, optimizer = toy(kind, steps=0)
    ema = restore(tensors, task=fresh, optimizer=optimizer)
    kept, its_optimizer = toy(kind)
    for name, parameter in kept.named_parameters():
        assert torch.equal(ema[name], parameter * 2)
    step(fresh, optimizer, 2)
    step(kept, its_optimizer, 2)
    for one, other in zip(fresh.state_dict().values(), kept.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_moments_of_other_parameters_are_refused(tmp_path: Path) -> None:
    save(tmp_path / "c")
    moments = part(read_checkpoint(tmp_path / "c")[0], "optimizer")
    layer = torch.nn.Conv2d(1, 4, 3)
    # The same parameters in another order, and fewer.
    for parameters in ([layer.bias, layer.weight], [layer.weight]):
        with pytest.raises(ValueError, match="shape"):
            load_optimizer(torch.optim.AdamW(parameters), moments)


def test_part() -> None:
    one, two = torch.zeros(1), torch.ones(1)
    tensors = {"ema.a.b": one, "emaciated.a": two, "task.a": two}
    assert part(tensors, "ema") == {"a.b": one}


def test_the_old_one_stays_when_saving_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "checkpoint.safetensors"
    save(path)
    before = path.read_bytes()

    def disk_full(tensors: object, target: Path, metadata: object) -> None:
        target.write_bytes(before[:100])
        raise OSError("no space left")

    monkeypatch.setattr(checkpoints, "save_file", disk_full)
    with pytest.raises(TrainingError, match="cannot be written: no space left; the one before"):
        save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    monkeypatch.undo()
    save(path, "sgd")
    assert path.read_bytes() != before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.99])
def test_cut_short(tmp_path: Path, share: float) -> None:
    path = tmp_path / "checkpoint.safetensors"
    save(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(ModelError, match=r"checkpoint\.safetensors"):
        read_checkpoint(path)


@pytest.mark.parametrize(
    "header",
    [
        None,
        {"format": "pt"},
        {"format": f"{FORMAT}0", "facts": "{}"},
        {"format": FORMAT},
        {"format": FORMAT, "facts": "{"},
    ],
)
def test_not_ours(tmp_path: Path, header: dict[str, str] | None) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"task.weight": torch.zeros(2)}, path, metadata=header)
    with pytest.raises(ModelError, match="other") as error:
        read_checkpoint(path)
    assert "\n" not in str(error.value)


def test_no_such_file_and_a_pickle(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="gone"):
        read_checkpoint(tmp_path / "gone.safetensors")
    torch.save({"a": 1}, tmp_path / "pickle.pt")
    with pytest.raises(ModelError, match="pickle"):
        read_checkpoint(tmp_path / "pickle.pt")


def test_header_is_plain_json(tmp_path: Path) -> None:
    save(tmp_path / "c")
    data = (tmp_path / "c").read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    assert json.loads(header["__metadata__"]["facts"]) == FACTS
