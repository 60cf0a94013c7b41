"""Two processes are one: the same losses, weights and rows; one writes, and Ctrl-C saves once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from photochrom.errors import WrongInput
from photochrom.training.processes import build_fabric
from photochrom.weights.checkpoints import read_checkpoint
from tests.training.conftest import (
    program_command,
    program_environment,
    run,
    tiny_program,
    tiny_recipe,
    write_recipe,
)

# 30 images in batches of 8: the last step leaves 6, which parts do not share evenly.
OVERRIDES = ["training.images=30", "training.batch_size=8", "training.learning_rate=0.01"]
SECTIONS = {"training": {"images": 30, "batch_size": 8, "learning_rate": 0.01}}


def words(pictures: Path, out: Path, *overrides: str) -> list[str]:
    recipe = write_recipe(out.parent / f"{out.name}.toml")
    sets = [word for o in (*OVERRIDES, *overrides) for word in ("--set", o)]
    return ["train", recipe, "-d", str(pictures), "-o", str(out), "--device", "cpu", *sets]


@pytest.fixture
def alone(pictures: Path, tmp_path: Path, tiny_network: None) -> Path:
    run(tiny_recipe(**SECTIONS), pictures, tmp_path / "alone")
    return tmp_path / "alone"


def assert_same(one: Path, other: Path) -> None:
    ours, theirs = (load_file(p / "checkpoint.safetensors") for p in (one, other))
    assert ours.keys() == theirs.keys()
    for key, value in ours.items():
        # Adam's first steps make whole steps of roundings: the critic has many weights near zero.
        critic = key.startswith("adversary")
        atol = 5e-3 * value.abs().max().item() + 1e-7 if critic else 2e-6
        assert torch.allclose(value, theirs[key], rtol=2e-4, atol=atol), key
    rows = [(p / "metrics.csv").read_text().splitlines() for p in (one, other)]
    assert len(rows[0]) == len(rows[1])
    for ours_row, theirs_row in zip(rows[0][1:], rows[1][1:], strict=True):
        cells = (ours_row.split(","), theirs_row.split(","))
        numbers = [[float(cell or "nan") for cell in row] for row in cells]
        assert numbers[0] == pytest.approx(numbers[1], rel=1e-4, abs=1e-6, nan_ok=True)


@pytest.mark.slow
def test_two_launched_processes_equal_one(alone: Path, pictures: Path, tmp_path: Path) -> None:
    done = tiny_program(*words(pictures, tmp_path / "two"), "--devices", "2")
    assert done.returncode == 0, done.stderr
    assert_same(alone, tmp_path / "two")
    said = " ".join((done.stdout + done.stderr).split())
    assert said.count("finished after 30 images") == 1
    assert said.count("16 images: ") == 1


@pytest.mark.slow
def test_two_processes_with_a_critic_equal_one(
    pictures: Path, tmp_path: Path, tiny_network: None
) -> None:
    # Steps begin at 0, 8, 16 and 24 images of 30: alone, critic, critic, both.
    critic = {"weight": 0.1, "pretrain": 0.2, "critic": 0.4, "threshold": 0.0}
    run(tiny_recipe(**SECTIONS, adversarial=critic), pictures, tmp_path / "alone")
    sets = [f"adversarial.{key}={value}" for key, value in critic.items()]
    done = tiny_program(*words(pictures, tmp_path / "two", *sets), "--devices", "2")
    assert done.returncode == 0, done.stderr
    assert_same(tmp_path / "alone", tmp_path / "two")
    header = (tmp_path / "two" / "metrics.csv").read_text().splitlines()[0]
    assert "critic_loss" in header


@pytest.mark.slow
def test_torchrun_equals_one(alone: Path, pictures: Path, tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "3", "--master-port",
        "29611", "-m", "tests.training.tiny_program",
        *words(pictures, tmp_path / "three", "training.accumulate=2"),
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=240, check=False, **program_environment()
    )
    assert done.returncode == 0, done.stderr
    assert_same(alone, tmp_path / "three")


@pytest.mark.slow
def test_ctrl_c_stops_both_and_saves_once(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "two"
    command = program_command(
        *words(pictures, out, "training.images=1000000", "training.checkpoint_minutes=1000"),
        "--devices", "2",
    )  # fmt: skip
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, start_new_session=True, **program_environment()
    ) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if line.startswith("16 images"):
                break
        # As a terminal does: to the whole group.
        os.killpg(process.pid, signal.SIGINT)
        said += process.communicate(timeout=120)[1].splitlines()
    assert process.returncode == 130, said
    assert " ".join(said).count("stopped; the same command continues") == 1
    assert 16 <= read_checkpoint(out / "checkpoint.safetensors")[1]["images"] < 1000000
    assert [p.name for p in out.iterdir() if p.name.endswith(".part")] == []


@pytest.mark.slow
def test_the_failure_of_one_is_said_once(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "two"
    out.mkdir()
    (out / "metrics.csv").mkdir()
    done = tiny_program(*words(pictures, out), "--devices", "2")
    assert done.returncode != 0
    assert done.stderr.count("metrics.csv cannot be written: it is a folder") == 1
    assert "Traceback" not in done.stderr


def test_numbers_of_torchrun_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "TORCHELASTIC_RUN_ID": "x",
        "LOCAL_WORLD_SIZE": "2",
        "WORLD_SIZE": "4",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(WrongInput, match="--devices 3 under torchrun with 2 processes"):
        build_fabric("fp32", device="cpu", devices=3, nodes=1)


def test_devices_that_are_not_there() -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has them")
    with pytest.raises(WrongInput, match="cannot use 2 x cuda"):
        build_fabric("fp32", device="cuda", devices=2, nodes=1)
