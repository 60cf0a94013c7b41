from __future__ import annotations

import csv
import io
import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from photochrom.errors import ModelError, RecipeError
from photochrom.recipes import find_recipe
from photochrom.training import loop, processes
from photochrom.training.config import BETTER, Recipe
from photochrom.training.loop import RunResult, train
from photochrom.training.progress import ProgressLine
from photochrom.training.recipe_file import read_recipe
from photochrom.weights.checkpoints import read_checkpoint
from tests.training.conftest import tiny_recipe

TINY = [
    "encoder.pretrained=none",
    "network.options.widths=[16, 16, 16, 16]",
    "data.size=32",
    "data.workers=0",
    "data.validation=2",
    "training.batch_size=4",
    "training.images=32",
    "training.epoch_images=16",
    "stages=[]",
]


def rows_of(run_folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((run_folder / "metrics.csv").read_text())))


def recipe(*overrides: str) -> Recipe:
    return read_recipe(find_recipe("photochrom"), [*TINY, *overrides])


def run(chosen: Recipe, pictures: Path, out: Path) -> RunResult:
    progress = ProgressLine(Console(file=io.StringIO()))
    return train(chosen, [str(pictures)], out, progress=progress, device="cpu")


class StopAt(ProgressLine):
    """Asks the run to stop, as Ctrl-C does, once so many images were seen."""

    def __init__(self, images: int) -> None:
        super().__init__(Console(file=io.StringIO()))
        self.images = images

    def update(self, position: int, parts: dict[str, float]) -> None:
        if position == self.images:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture(scope="module")
def finished(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("finished")
    assert run(recipe(), pictures, out).finished
    return out


def test_run_folder_is_complete(finished: Path) -> None:
    names = {p.name for p in finished.iterdir()}
    assert {"checkpoint.safetensors", "metrics.csv", "loss.png", "run.json", "tensorboard"} <= names
    rows = rows_of(finished)
    assert [r["images"] for r in rows] == ["16", "32"]
    assert all(float(r[k]) > 0 for r in rows for k in ("train/loss", *BETTER))
    facts = json.loads((finished / "run.json").read_text())
    assert facts["recipe"]["training"]["batch_size"] == 4
    assert facts["pictures"] == 10
    with Image.open(finished / "loss.png") as image:
        assert image.width > 300


def test_sample_sheet_shows_gray_predicted_and_true(pictures: Path, tmp_path: Path) -> None:
    run(recipe("data.validation=4", "training.images=16"), pictures, tmp_path)
    sheets = list(tmp_path.glob("samples-*.jpg"))
    assert [s.name for s in sheets] == ["samples-000000016.jpg"]
    with Image.open(sheets[0]) as image:
        sheet = np.asarray(image).astype(int)
    assert sheet.shape[1] % (3 * 32) == 0
    chroma = [np.ptp(sheet[:, x : x + 32], axis=2).mean() for x in (0, 64)]
    assert chroma[0] < 3 < chroma[1]


def test_same_seed_same_weights(finished: Path, pictures: Path, tmp_path: Path) -> None:
    run(recipe(), pictures, tmp_path)
    one, other = (load_file(p / "checkpoint.safetensors") for p in (finished, tmp_path))
    assert all(torch.equal(one[k], other[k]) for k in one)
    run(recipe("seed=1"), pictures, tmp_path / "other")
    third = load_file(tmp_path / "other" / "checkpoint.safetensors")
    assert not torch.equal(one["task.network.head.weight"], third["task.network.head.weight"])


@pytest.mark.parametrize("images", [4, 16, 20])
def test_resumed_equals_uninterrupted(
    finished: Path, pictures: Path, tmp_path: Path, images: int
) -> None:
    stopped = train(recipe(), [str(pictures)], tmp_path, progress=StopAt(images), device="cpu")
    assert not stopped.finished
    assert stopped.images == images
    assert run(recipe(), pictures, tmp_path).finished
    one, other = (load_file(p / "checkpoint.safetensors") for p in (finished, tmp_path))
    assert one.keys() == other.keys()
    assert [k for k in one if not torch.equal(one[k], other[k])] == []
    assert rows_of(finished) == rows_of(tmp_path)


@pytest.mark.usefixtures("tiny_network")
def test_every_picture_of_every_step_meets_draws_of_its_own(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seeds_of(seed: int) -> list[int]:
        seeds: list[int] = []
        plain = loop.Draws
        with monkeypatch.context() as patch:
            patch.setattr(loop, "Draws", lambda some: seeds.extend(some) or plain(some))
            run(
                tiny_recipe(seed=seed),
                pictures,
                tmp_path / f"{seed}-{len(list(tmp_path.iterdir()))}",
            )
        return seeds

    one, again, other = seeds_of(1), seeds_of(1), seeds_of(2)
    assert len(one) == len(set(one)) == 32
    assert one == again
    assert not set(one) & set(other)


@pytest.mark.parametrize("workers", [1, 2])
def test_resumed_with_workers_equals_uninterrupted_without(
    finished: Path, pictures: Path, tmp_path: Path, workers: int
) -> None:
    chosen = recipe(f"data.workers={workers}")
    assert train(chosen, [str(pictures)], tmp_path, progress=StopAt(12), device="cpu").images == 12
    run(chosen, pictures, tmp_path)
    one, other = (load_file(p / "checkpoint.safetensors") for p in (finished, tmp_path))
    assert [k for k in one if not torch.equal(one[k], other[k])] == []
    assert rows_of(finished) == rows_of(tmp_path)


def test_loss_falls(pictures: Path, tmp_path: Path) -> None:
    chosen = recipe(
        "training.images=240", "training.epoch_images=240", "data.smallest_crop=1.0",
        "data.noise=0", "data.tone=0", "data.limit=4", "training.encoder_rate=1.0",
    )  # fmt: skip
    first: list[float] = []

    class Watch(ProgressLine):
        def update(self, position: int, parts: dict[str, float]) -> None:
            first.append(parts["loss"] * len(first) + parts["loss"])

    progress = Watch(Console(file=io.StringIO()))
    train(chosen, [str(pictures)], tmp_path, progress=progress, device="cpu")
    losses = np.diff([0.0, *first])
    assert losses[-5:].mean() < 0.9 * losses[:5].mean()


def test_every_epoch_of_a_network_with_hints_is_on_the_sheet(
    pictures: Path, tmp_path: Path
) -> None:
    run(recipe("training.keep=every"), pictures, tmp_path)
    assert len(list(tmp_path.glob("epoch-*"))) == 2
    assert (tmp_path / "contact.jpg").is_file()


def test_start_from_takes_weights_and_bins(finished: Path, pictures: Path, tmp_path: Path) -> None:
    path = finished / "checkpoint.safetensors"
    chosen = recipe(f"training.start_from={path}", "training.learning_rate=1e-9")
    run(chosen, pictures, tmp_path)
    one, other = load_file(path), load_file(tmp_path / "checkpoint.safetensors")
    assert torch.equal(one["task.centers"], other["task.centers"])
    key = "ema.network.head.weight"
    assert torch.allclose(one[key], other[key], atol=1e-6)


def test_start_from_a_network_that_knew_no_hints(
    finished: Path, pictures: Path, tmp_path: Path
) -> None:
    tensors = load_file(finished / "checkpoint.safetensors")
    with safe_open(finished / "checkpoint.safetensors", "pt") as file:
        header = file.metadata()
    older = {k: v for k, v in tensors.items() if ".hinted." not in k}
    assert len(older) < len(tensors)
    save_file(older, tmp_path / "older.safetensors", metadata=header)
    run(recipe(f"training.start_from={tmp_path / 'older.safetensors'}"), pictures, tmp_path / "out")


def test_start_from_a_network_with_fewer_blocks(
    finished: Path, pictures: Path, tmp_path: Path
) -> None:
    path = finished / "checkpoint.safetensors"
    overrides = ("network.options.further=[1,1]", "training.learning_rate=1e-9")
    run(recipe(f"training.start_from={path}", *overrides), pictures, tmp_path)
    one, other = load_file(path), load_file(tmp_path / "checkpoint.safetensors")
    key = "ema.network.head.weight"
    assert torch.allclose(one[key], other[key], atol=1e-6)
    assert "ema.network.further16.0.first.0.weight" in other


def test_other_recipe_is_refused(finished: Path, pictures: Path) -> None:
    with pytest.raises(RecipeError, match=r"learning_rate: 0\.002 then, 0\.01 now"):
        run(recipe("training.learning_rate=0.01"), pictures, finished)


def test_more_workers_are_the_same_recipe(finished: Path, pictures: Path) -> None:
    assert run(recipe("data.workers=1"), pictures, finished).finished


def test_unknown_option_is_named(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="depth"):
        run(recipe("network.options.depth=3"), pictures, tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", None])
def test_damaged_checkpoint_is_refused(
    finished: Path, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "checkpoint.safetensors"
    whole = (finished / "checkpoint.safetensors").read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(ModelError, match="checkpoint"):
        read_checkpoint(path)


def test_averages_follow_the_weights(pictures: Path, tmp_path: Path) -> None:
    run(recipe("training.ema=0"), pictures, tmp_path)
    tensors = load_file(tmp_path / "checkpoint.safetensors")
    measured = ("running_mean", "running_var")
    averages = {
        k: v for k, v in tensors.items() if k.startswith("ema.") and not k.endswith(measured)
    }
    assert averages
    assert all(torch.equal(v, tensors[k.replace("ema.", "task.")]) for k, v in averages.items())


def test_precision_follows_the_machine() -> None:
    assert processes._precision("fp32", "cpu") == "32-true"
    assert processes._precision("bf16", "cpu") == "bf16-mixed"
