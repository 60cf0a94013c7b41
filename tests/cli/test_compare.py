"""``photochrom compare`` as people run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from photochrom.cli import main as command_line
from photochrom.errors import PhotochromError, RecipeError
from photochrom.training import comparison as room
from photochrom.training.comparison import PLAN, Budget, Comparison
from photochrom.training.loop import RunResult
from photochrom.training.progress import ProgressLine

SMALL = [
    "encoder.pretrained=none", "data.size=32", "data.workers=0", "data.validation=2",
    "data.limit=0", "training.batch_size=4", "training.precision=fp32", "stages=[]",
]  # fmt: skip


def invoke(pictures: Path, out: Path, *words: str, budget: str = "16") -> Result:
    chosen = [word for key in SMALL for word in ("--set", key)]
    places = ["-d", str(pictures), "--judge", str(pictures), "--side", "64", "--jobs", "1"]
    words = words or ("cnn-first", "resnet18-half")
    command = ["compare", *words, *places, "--budget", budget, "-o", str(out), *chosen]
    return CliRunner().invoke(command_line.photochrom, [*command, "--device", "cpu"])


@pytest.fixture(scope="module")
def done(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("trial")
    result = invoke(pictures, out)
    assert result.exit_code == 0, result.output
    return out, result.output


def test_every_recipe_sees_as_many_images_and_is_judged(done: tuple[Path, str]) -> None:
    out, text = done
    values = json.loads((out / "comparison.json").read_text())
    assert [row["method"] for row in values["rows"]] == [
        "gray", "cnn-first", "resnet18-half", "truth",
    ]  # fmt: skip
    assert {cost["images"] for cost in values["costs"].values()} == {16}
    assert all(cost["seconds"] > 0 for cost in values["costs"].values())
    assert "16 images in" in text
    assert "AuC: " in text
    page = (out / "comparison.html").read_text(encoding="utf-8")
    for part in ("Winners", "While training", "mean squared error of ab", "resnet18-half"):
        assert part in page


def test_what_is_finished_is_not_repeated(
    done: tuple[Path, str], pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, _ = done
    before = (out / PLAN).read_text()
    monkeypatch.setattr(room, "train", None)
    assert invoke(pictures, out).exit_code == 0
    assert (out / PLAN).read_text() == before
    again = invoke(pictures, out, budget="32")
    assert isinstance(again.exception, RecipeError)
    assert "other budget" in str(again.exception)


def test_stopping_keeps_the_plan(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = room.train

    def stopped(*given: object, **named: object) -> RunResult:
        found = real(*given, **named)  # type: ignore[arg-type]
        return RunResult(found.images, False, found.losses, found.checkpoint)

    monkeypatch.setattr(room, "train", stopped)
    result = invoke(pictures, tmp_path)
    assert result.exit_code == 130
    assert not (tmp_path / "comparison.json").exists()
    runs = json.loads((tmp_path / PLAN).read_text())["runs"]
    assert [run["finished"] for run in runs] == [False, False]
    monkeypatch.setattr(room, "train", real)
    assert invoke(pictures, tmp_path).exit_code == 0


def test_sets_are_tried_by_themselves_and_minutes_become_images(
    pictures: Path, tmp_path: Path
) -> None:
    place = str(pictures)
    sets = {"one": [place], "two": [place]}
    overrides = [*SMALL, "training.learning_rate=1e-3"]
    found = Comparison(tmp_path, ["cnn-first"], sets, Budget(minutes=0.01), overrides)
    assert found.go(ProgressLine(Console(quiet=True)), device="cpu")
    assert [run.name for run in found.runs] == ["cnn-first on one", "cnn-first on two"]
    assert all(run.images >= 1 and run.finished for run in found.runs)
    again = Comparison(tmp_path, ["cnn-first"], sets, Budget(minutes=0.01), overrides)
    assert again.runs == found.runs


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("20m", Budget(minutes=20)),
        ("1.5h", Budget(minutes=90)),
        ("1_000", Budget(images=1000)),
        ("50,000", Budget(images=50_000)),
    ],
)
def test_budgets(text: str, budget: Budget) -> None:
    assert Budget.parse(text) == budget


@pytest.mark.parametrize("text", ["", "m", "-5m", "much", "0", "1e30"])
def test_budgets_that_cannot_be(text: str) -> None:
    with pytest.raises(RecipeError, match=r"20m or 1\.5h"):
        Budget.parse(text)


def test_a_wrong_recipe_is_said_before_anything_trains(pictures: Path, tmp_path: Path) -> None:
    result = invoke(pictures, tmp_path / "out", "cnn-first", "cnn-last")
    assert isinstance(result.exception, PhotochromError)
    assert "cnn-last" in str(result.exception)
    assert not (tmp_path / "out").exists()
