"""A run that cannot begin leaves no folder behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from photochrom.errors import PhotochromError
from photochrom.training import loop
from photochrom.training.config import Recipe
from tests.training.conftest import overfit_run, run, tiny_recipe, train_run

pytestmark = pytest.mark.usefixtures("tiny_network")


def unfit(**sections: object) -> dict[str, object]:
    return sections


@pytest.mark.parametrize(
    "sections",
    [
        unfit(network={"options": {"depth": 3}}),
        unfit(bins={"system": "none"}),
        unfit(training={"start_from": "gone.safetensors"}),
        unfit(loss={"cross-entropy": {"sigma": 0}}),
    ],
    ids=lambda sections: next(iter(sections)),
)
@pytest.mark.parametrize("learns", [train_run, overfit_run], ids=["run", "overfit"])
def test_a_run_that_never_began_leaves_no_folder(
    learns: Callable[[Recipe, Path, Path], object],
    sections: dict[str, object],
    pictures: Path,
    tmp_path: Path,
) -> None:
    recipe = tiny_recipe(**sections)
    with pytest.raises(PhotochromError):
        learns(recipe, pictures, tmp_path / "runs" / "mine")
    assert not (tmp_path / "runs").exists()
    (tmp_path / "mine").mkdir()
    with pytest.raises(PhotochromError):
        learns(recipe, pictures, tmp_path / "mine" / "first")
    assert (tmp_path / "mine").is_dir()
    assert not any((tmp_path / "mine").iterdir())


def test_a_run_that_is_interrupted_before_it_began_leaves_no_folder(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "build_task", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(tiny_recipe(), pictures, tmp_path / "runs" / "mine")
    assert not (tmp_path / "runs").exists()


def test_a_folder_with_something_in_it_stays(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "runs" / "mine"
    out.mkdir(parents=True)
    (out / "notes.txt").write_text("mine")
    with pytest.raises(PhotochromError):
        run(tiny_recipe(bins={"system": "none"}), pictures, out)
    assert (out / "notes.txt").read_text() == "mine"
