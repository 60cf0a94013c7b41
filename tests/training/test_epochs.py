"""Which weights stay, by which measure, and the sheet to choose among them by eye."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from safetensors.torch import load_file

from photochrom.cli.main import photochrom
from photochrom.errors import ModelError, RecipeError
from photochrom.training import contact
from photochrom.training.config import BETTER
from photochrom.training.contact import contact_pictures, draw_contact
from photochrom.training.validation import Validation
from photochrom.weights.checkpoints import read_checkpoint
from photochrom.weights.graph import load_graph
from tests.training.conftest import Heard, run, tiny_recipe

pytestmark = pytest.mark.usefixtures("tiny_network")


def judged_as(monkeypatch: pytest.MonkeyPatch, **values: list[float]) -> None:
    """Validation gives these values, epoch by epoch."""
    streams = {f"validation/{k}": iter(v) for k, v in values.items()}

    def judge(self: Validation, *given: object) -> dict[str, float]:
        return {key: next(stream) for key, stream in streams.items()}

    monkeypatch.setattr(Validation, "judge", judge)


def keeping(keep: str, **training: object) -> object:
    return tiny_recipe(training={"images": 40, "epoch_images": 8, "keep": keep, **training})


def test_last_keeps_nothing_else(pictures: Path, tmp_path: Path) -> None:
    run(keeping("last"), pictures, tmp_path)
    assert [p.name for p in tmp_path.glob("*.safetensors")] == ["checkpoint.safetensors"]


@pytest.mark.parametrize(
    ("by", "values", "images"),
    [
        ("loss", [float("nan"), 3, 4, 3, 6], 16),
        ("auc", [70, 72, 75, 75, 71], 24),
        ("colorfulness_difference", [9, 8, 7, 6, 5], 40),
    ],
)
def test_best_by_any_measure(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str, values: list[float],
    images: int,
) -> None:  # fmt: skip
    judged_as(monkeypatch, **{by: values})
    result = run(keeping("best", best_by=f"validation/{by}"), pictures, tmp_path)
    assert result.best == {
        "by": f"validation/{by}", "value": values[images // 8 - 1], "images": images
    }  # fmt: skip
    assert result.best_file == tmp_path / "best.safetensors"
    assert read_checkpoint(result.best_file)[1]["images"] == images


@pytest.mark.parametrize("keep", ["best", "every"])
def test_weights_that_were_not_kept_are_not_named(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: str
) -> None:
    judged_as(monkeypatch, loss=[1, 2, 4, 3, 5])

    def stop(position: int) -> None:
        if position == 16:
            os.kill(os.getpid(), signal.SIGINT)

    # The best epoch was before anything was kept.
    run(keeping("last"), pictures, tmp_path, Heard(stop))
    found = run(keeping(keep), pictures, tmp_path)
    if keep == "best":
        assert found.best["images"] == 32
        assert read_checkpoint(found.best_file)[1]["images"] == 32
    else:
        assert found.best["images"] == 8
        assert found.best_file is None


def test_the_best_survives_a_resume(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged_as(monkeypatch, loss=[2, 1, 3, 4, 5])

    def stop(position: int) -> None:
        if position == 20:
            os.kill(os.getpid(), signal.SIGINT)

    run(keeping("best"), pictures, tmp_path, Heard(stop))
    assert run(keeping("best"), pictures, tmp_path).best["images"] == 16
    assert read_checkpoint(tmp_path / "best.safetensors")[1]["images"] == 16


def test_best_needs_something_to_judge_by(pictures: Path, tmp_path: Path) -> None:
    recipe = tiny_recipe(data={"validation": 0}, training={"keep": "best"})
    with pytest.raises(RecipeError, match=r"needs pictures to judge by: .*data\.validation"):
        run(recipe, pictures, tmp_path)
    with pytest.raises(RecipeError, match="best_by must be one of validation/loss"):
        tiny_recipe(training={"best_by": "validation/psnr"})


def test_everything_that_best_by_can_name_is_judged(pictures: Path, tmp_path: Path) -> None:
    run(keeping("every"), pictures, tmp_path)
    metrics = read_checkpoint(tmp_path / "epoch-000000008.safetensors")[1]["metrics"]
    assert set(metrics) == set(BETTER)
    assert all(np.isfinite(list(metrics.values())))
    assert 0 < metrics["validation/auc"] <= 100


@pytest.fixture
def every(pictures: Path, tmp_path: Path) -> Path:
    run(keeping("every", learning_rate=0.03), pictures, tmp_path / "run")
    return tmp_path / "run"


def test_every_epoch_has_its_averages_only(every: Path) -> None:
    names = sorted(p.name for p in every.glob("epoch-*"))
    assert names == [f"epoch-{n:09d}.safetensors" for n in (8, 16, 24, 32, 40)]
    last, whole = load_file(every / names[-1]), load_file(every / "checkpoint.safetensors")
    assert not any(k.startswith("optimizer.") for k in last)
    averages = {k for k in whole if k.startswith("ema.")}
    assert averages
    assert all(torch.equal(last[k], whole[k]) for k in averages)
    assert not any(k.replace("ema.", "task.") in last for k in averages)
    graph, _ = load_graph(every / names[-1])
    other, _ = load_graph(every / "checkpoint.safetensors")
    inputs = torch.rand(1, 1, 16, 16) * 100, torch.tensor(1.0), torch.tensor(0.0)
    assert torch.equal(graph(*inputs)[0], other(*inputs)[0])


def test_an_epoch_can_be_trained_from(every: Path, pictures: Path, tmp_path: Path) -> None:
    origin = every / "epoch-000000016.safetensors"
    recipe = tiny_recipe(
        training={"images": 4, "start_from": str(origin), "learning_rate": 1e-9, "ema": 0.0}
    )
    run(recipe, pictures, tmp_path / "next")
    one, other = load_file(origin), load_file(tmp_path / "next" / "checkpoint.safetensors")
    key = "ema.network.head.weight"
    assert torch.allclose(one[key], other[key], atol=1e-6)


def test_the_sheet_shows_gray_epochs_and_truth(every: Path) -> None:
    with Image.open(every / "contact.jpg") as image:
        written = image.size
    shown = draw_contact(every, every / "sheet.png", contact_pictures(every))
    assert [p.name for p, _ in shown] == sorted(p.name for p in every.glob("epoch-*"))
    assert shown[0][1].startswith("1: 8 images, loss ")
    with Image.open(every / "sheet.png") as image:
        assert image.size == written
        sheet = np.asarray(image).astype(int)
    wide = sheet.shape[1] // 7
    top = 2 * contact.LINE + 2 * contact.GAP
    tiles = [sheet[top : top + 16, contact.GAP + i * wide :][:, :16] for i in range(7)]
    gray, first, last, truth = tiles[0], tiles[1], tiles[-2], tiles[-1]
    assert np.ptp(gray, axis=2).max() <= 2
    assert np.ptp(truth, axis=2).mean() > 20
    assert not np.array_equal(first, last)
    # Tiles of a row have the same luma, whatever their color.
    assert np.abs(gray.mean(2) - truth.mean(2)).mean() < 40
    heads = sheet[:top]
    assert all((heads[:, i * wide : (i + 1) * wide] < 128).any() for i in range(7))


def test_many_epochs_are_spread(every: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact, "COLUMNS", 3)
    shown = draw_contact(every, every / "sheet.jpg", contact_pictures(every, count=1))
    assert [p.name[6:15] for p, _ in shown] == ["000000008", "000000024", "000000040"]


def test_nothing_to_show(pictures: Path, tmp_path: Path) -> None:
    run(tiny_recipe(training={"images": 4}), pictures, tmp_path)
    with pytest.raises(ModelError, match=r"no epoch-\*\.safetensors"):
        contact_pictures(tmp_path)
    with pytest.raises(ModelError, match=r"no epoch-\*\.safetensors"):
        draw_contact(tmp_path, tmp_path / "sheet.jpg", torch.zeros(1, 3, 16, 16))


def test_the_command_lists_what_it_shows(every: Path, pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.png"
    words = ["contact", str(every), "-d", str(pictures), "--out", str(out), "--size", "24"]
    result = CliRunner().invoke(photochrom, [*words, "--pictures", "3"])
    assert result.exit_code == 0, result.output
    assert "epoch-000000024.safetensors  3: 24 images, loss " in result.output
    with Image.open(out) as image:
        assert image.height == 2 * contact.LINE + 2 * contact.GAP + 3 * (24 + contact.GAP)


def test_an_interrupted_run_draws_no_sheet(pictures: Path, tmp_path: Path) -> None:
    stop = Heard(lambda position: os.kill(os.getpid(), signal.SIGINT))
    assert not run(keeping("every"), pictures, tmp_path, stop).finished
    assert not (tmp_path / "contact.jpg").exists()
