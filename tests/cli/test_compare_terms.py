"""What ``photochrom compare`` refuses before it trains, and what it publishes of finished runs."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from photochrom.errors import DataError, PhotochromError, RecipeError, UnknownName, WrongInput
from photochrom.recipes import find_recipe
from photochrom.training import comparison as room
from photochrom.training.comparison import PLAN, Budget, Comparison
from tests.cli.test_compare import invoke, judge_only

SEED, OTHER = "seed = 2021", "seed = 7"
QUICK = ("-m", "auc", "--limit", "2")


@pytest.fixture(scope="module")
def trained(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds my.toml and a comparison of it, trained with seed 2021."""
    folder = tmp_path_factory.mktemp("mine")
    recipe = folder / "my.toml"
    shutil.copy(find_recipe("cnn-first"), recipe)
    assert SEED in recipe.read_text()
    result = invoke(pictures, folder / "trial", str(recipe), *QUICK, budget="4")
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def mine(trained: Path, tmp_path: Path) -> Path:
    """That comparison to change; its plan names the recipe where that is now."""
    folder = tmp_path / "mine"
    shutil.copytree(trained, folder)
    plan = folder / "trial" / PLAN
    plan.write_text(plan.read_text().replace(str(trained), str(folder)))
    return folder


def edit(recipe: Path) -> None:
    recipe.write_text(recipe.read_text().replace(SEED, OTHER))


def published(mine: Path) -> dict[str, dict[str, object]]:
    values = json.loads((mine / "trial" / "comparison.json").read_text())
    found: dict[str, dict[str, object]] = values["recipes"]
    return found


def test_what_is_published_is_what_the_weights_were_trained_by(mine: Path, pictures: Path) -> None:
    edit(mine / "my.toml")
    (mine / "trial" / "comparison.json").unlink()
    assert judge_only(mine / "trial", pictures, *QUICK).exit_code == 0
    assert published(mine)["my"]["seed"] == 2021
    (mine / "my.toml").unlink()
    result = judge_only(mine / "trial", pictures, *QUICK)
    assert result.exit_code == 0, result.exception
    assert published(mine)["my"]["seed"] == 2021


def test_a_finished_run_of_an_edited_recipe_is_not_taken_for_it(
    mine: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "train", None)
    words = (str(mine / "my.toml"), *QUICK)
    assert invoke(pictures, mine / "trial", *words, budget="4").exit_code == 0
    edit(mine / "my.toml")
    result = invoke(pictures, mine / "trial", *words, budget="4")
    assert isinstance(result.exception, RecipeError)
    assert "another recipe (seed: 2021 then, 7 now)" in str(result.exception)
    assert "NAME=" in str(result.exception)
    assert "\n" not in str(result.exception)


def test_a_run_that_does_not_say_its_recipe_is_named(mine: Path, pictures: Path) -> None:
    (mine / "trial" / "my" / "run.json").write_text("{}")
    result = judge_only(mine / "trial", pictures, *QUICK)
    assert isinstance(result.exception, RecipeError)
    assert "does not say what my was trained by" in str(result.exception)


@pytest.mark.parametrize(
    ("words", "kind", "text"),
    [
        (("--judge", "nowhere"), DataError, "nowhere"),
        (("-m", "auk"), UnknownName, "did you mean auc"),
        (("--dial", ":0.5"), WrongInput, "a dial reads rebalance:temperature"),
        (("--dial", "0.5"), WrongInput, "a dial reads rebalance:temperature"),
        (("--dial", "2:0.5"), WrongInput, "rebalance must be between 0 and 1"),
        (("--size", "3"), WrongInput, "size must be"),
    ],
)
def test_what_cannot_be_judged_is_said_before_anything_trains(
    pictures: Path, tmp_path: Path, words: tuple[str, ...], kind: type[PhotochromError], text: str
) -> None:
    result = invoke(pictures, tmp_path / "out", "cnn-first", *words)
    assert isinstance(result.exception, kind)
    assert text in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_is_said_before_anything_trains(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "train", None)
    (tmp_path / "file").write_text("")
    result = invoke(pictures, tmp_path / "file" / "out", "cnn-first")
    assert isinstance(result.exception, PhotochromError)
    assert "cannot be written" in str(result.exception)


@pytest.mark.parametrize("name", ["gray", "truth"])
def test_names_of_rows_that_are_always_there_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RecipeError, match=f"{name} is a row of every table"):
        Comparison(tmp_path, [f"{name}=cnn"], {"data": []}, Budget(images=4), [])


def test_the_command_is_published_whole_and_without_folders(
    mine: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--set", "training.start_from=/m/a.st", "--data=/home/ann/x", "p/", "--out", "runs/t"]
    monkeypatch.setattr(sys, "argv", ["photochrom", "compare", *words])
    assert judge_only(mine / "trial", pictures, *QUICK).exit_code == 0
    shown = "photochrom compare --set training.start_from=a.st --data=x p/ --out runs/t"
    values = json.loads((mine / "trial" / "comparison.json").read_text())
    assert values["command"] == shown
    page = (mine / "trial" / "comparison.html").read_text(encoding="utf-8")
    assert shown in page
    assert "/home/ann" not in page
