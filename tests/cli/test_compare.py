"""``photochrom compare`` as people run it."""

from __future__ import annotations

import datetime
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image
from rich.console import Console

from photochrom.cli import main as command_line
from photochrom.errors import PhotochromError, RecipeError
from photochrom.evaluation.runner import Trial
from photochrom.evaluation.tally import Tally
from photochrom.judging import trial as judging_trial
from photochrom.training import comparison as room
from photochrom.training.comparison import PLAN, Budget, Comparison
from photochrom.training.loop import RunResult
from photochrom.training.progress import ProgressLine
from photochrom.training.variant import Variant

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
    assert values["recipes"]["cnn-first"]["training"]["images"] == 16
    assert values["costs"]["cnn-first"]["curves"]["validation/mse"]
    assert values["unfinished"] == []
    assert str(out.parent) not in (out / "comparison.json").read_text()
    page = (out / "comparison.html").read_text(encoding="utf-8")
    for part in ("Winners", "While training", "mean squared error of ab", "resnet18-half"):
        assert part in page


def test_it_fits_a_terminal_and_says_what_it_is_of(done: tuple[Path, str], pictures: Path) -> None:
    text = done[1].partition("method ")[2]
    assert max(map(len, text.splitlines()[:-1])) <= 80
    assert f"12 pictures at 64 px; {pictures.name}; {datetime.date.today().isoformat()}" in text
    values = json.loads((done[0] / "comparison.json").read_text())
    assert f"sha256 {values['rows'][1]['facts']['sha256'][:12]}" in text
    assert values["date"] in text
    assert "--wide also shows" in " ".join(text.split())


def test_one_run_is_no_contest(done: tuple[Path, str], pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "one"
    shutil.copytree(done[0], out)
    plan = json.loads((out / PLAN).read_text())
    plan["runs"][1]["finished"] = False
    (out / PLAN).write_text(json.dumps(plan))
    text = judge_only(out, pictures, "--wide").output
    assert "winner" not in text
    assert "AuC: " not in text
    assert "cnn-first: 16 images in" in text
    assert "RMSE" in text


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


def judge_only(out: Path, pictures: Path, *words: str) -> Result:
    command = ["compare", "--judge-only", "-o", str(out), "--judge", str(pictures), "-j", "1"]
    return CliRunner().invoke(command_line.photochrom, [*command, "--side", "64", *words])


def test_what_is_finished_is_judged_and_the_rest_named(
    done: tuple[Path, str], pictures: Path, tmp_path: Path
) -> None:
    out = tmp_path / "half"
    shutil.copytree(done[0], out)
    plan = json.loads((out / PLAN).read_text())
    plan["runs"][1]["finished"] = False
    plan["asked"]["recipes"].append("colorunet")
    (out / PLAN).write_text(json.dumps(plan))
    result = judge_only(out, pictures, "--size", "32", "-m", "auc")
    assert result.exit_code == 0, result.output
    assert "not finished, not judged: resnet18-half, colorunet" in result.output
    values = json.loads((out / "comparison.json").read_text())
    assert [row["method"] for row in values["rows"]] == ["gray", "cnn-first", "truth"]
    assert values["rows"][1]["facts"]["settings"] == {"size": 32}
    assert values["unfinished"] == ["resnet18-half", "colorunet"]
    page = (out / "comparison.html").read_text(encoding="utf-8")
    assert "Not finished, not judged: resnet18-half, colorunet." in page
    assert json.loads((out / PLAN).read_text()) == plan
    plan["runs"] = []
    (out / PLAN).write_text(json.dumps(plan))
    nothing = judge_only(out, pictures)
    assert isinstance(nothing.exception, RecipeError)
    assert "still to train: cnn-first" in str(nothing.exception)


def test_no_run_is_judged_twice(
    done: tuple[Path, str], pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, other = tmp_path / "twice", tmp_path / "pictures"
    shutil.copytree(done[0], out)
    shutil.copytree(pictures, other)
    judged: list[list[str]] = []
    real = judging_trial.run_trial

    def counted(trial: Trial, **named: Any) -> list[Tally]:
        judged.append([method.name for method in trial.methods])
        return real(trial, **named)

    monkeypatch.setattr(judging_trial, "run_trial", counted)
    first = json.loads((out / "comparison.json").read_text())
    assert judge_only(out, pictures).exit_code == 0
    assert judged.pop() == []
    again = json.loads((out / "comparison.json").read_text())
    assert {**again, "command": ""} == {**first, "command": ""}
    row = next(row for row in again["rows"] if row["method"] == "cnn-first")
    assert row["facts"]["sha256"]
    row["facts"]["sha256"] = "of the weights before"
    (out / "comparison.json").write_text(json.dumps(again))
    assert judge_only(out, pictures).exit_code == 0
    assert judged.pop() == ["cnn-first"]
    Image.open(other / "3.png").transpose(Image.Transpose.ROTATE_180).save(other / "3.png")
    assert "judged anew" in judge_only(out, other).output
    assert judged == [[], ["cnn-first", "resnet18-half"]]
    assert judge_only(out, other, "-m", "auc").exit_code == 0
    assert judged[2:] == [["cnn-first", "resnet18-half"]]


def test_judging_needs_a_comparison_and_training_needs_recipes(
    pictures: Path, tmp_path: Path
) -> None:
    nothing = judge_only(tmp_path, pictures)
    assert isinstance(nothing.exception, RecipeError)
    assert "holds no comparison" in str(nothing.exception)
    (tmp_path / PLAN).write_text("{")
    assert "is damaged" in str(judge_only(tmp_path, pictures).exception)
    command = ["compare", "cnn", "--judge", str(pictures), "-o", str(tmp_path / "out")]
    result = CliRunner().invoke(command_line.photochrom, command)
    assert result.exit_code == 2
    assert "--judge-only" in result.output


def test_recipes_are_added_and_classifiers_judged_at_other_dials(
    done: tuple[Path, str], pictures: Path, tmp_path: Path
) -> None:
    out = tmp_path / "more"
    shutil.copytree(done[0], out)
    added = "plain=colorunet,loss.cross-entropy.uniform=1.0,network.options.widths=[8, 8]"
    result = invoke(pictures, out, added, "--dial", "0:1", "-m", "cross-entropy")
    assert result.exit_code == 0, result.output
    runs = json.loads((out / PLAN).read_text())["runs"]
    assert [run["name"] for run in runs] == ["cnn-first", "resnet18-half", "plain"]
    values = json.loads((out / "comparison.json").read_text())
    rows = {row["method"]: row["figures"]["cross-entropy"]["value"] for row in values["rows"]}
    assert set(rows) == {"gray", "cnn-first", "resnet18-half", "plain", "plain@0:1", "truth"}
    assert rows["plain"] is not None
    assert rows["plain"] == rows["plain@0:1"]
    assert rows["cnn-first"] is rows["gray"] is None
    assert values["recipes"]["plain"]["loss"]["cross-entropy"]["uniform"] == 1.0


@pytest.mark.parametrize(
    ("text", "variant"),
    [
        ("cnn", ("cnn", "cnn", ())),
        ("a b=cnn", ("a b", "cnn", ())),
        (
            "fusion,network.options.fuse=false",
            ("fusion fuse=false", "fusion", ("network.options.fuse=false",)),
        ),
        ("x=cnn,a=[1, 2],b='1,2'", ("x", "cnn", ("a=[1, 2]", "b='1,2'"))),
    ],
)
def test_variants(text: str, variant: tuple[str, str, tuple[str, ...]]) -> None:
    assert Variant.parse(text) == Variant(text, *variant)


@pytest.mark.parametrize("text", ["", "=cnn", "x=", "cnn,seed", "../x=cnn", "a/b=cnn"])
def test_variants_that_cannot_be(text: str) -> None:
    with pytest.raises(RecipeError, match=r"NAME=|key=value"):
        Variant.parse(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("cnn,seed=1", "cnn seed=1=cnn"), ("a b=cnn", "a-b=cnn"), ("A=cnn", "a=cnn")],
)
def test_two_variants_of_one_folder_are_refused(tmp_path: Path, one: str, other: str) -> None:
    with pytest.raises(RecipeError, match="would share the folder"):
        Comparison(tmp_path, [one, other], {"data": []}, Budget(images=4), [])


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
