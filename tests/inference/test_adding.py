"""Models of one's own, by name."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from photochrom import Colorizer, list_models
from photochrom.cli.main import photochrom
from photochrom.errors import ModelError, PhotochromError, UnknownName, WrongInput
from photochrom.inference.adding import add_model, remove_model
from photochrom.weights.models import added_models, find_model, models_folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where added models lie; not there yet."""
    place = tmp_path / "data" / "models"
    monkeypatch.setenv("PHOTOCHROM_MODELS", str(place))
    return place


def test_a_model_is_added_used_listed_and_removed(folder: Path, hinting: Path) -> None:
    assert added_models() == {}
    name, card = add_model(hinting, "mine")
    assert (name, (folder / "mine.onnx").read_bytes()) == ("mine", hinting.read_bytes())
    assert Colorizer("mine").session.card == card
    assert list(list_models()) == ["photochrom", "mine"]
    assert remove_model("mine") == folder / "mine.onnx"
    with pytest.raises(UnknownName, match="no model named 'mine'"):
        find_model("mine")
    assert list(folder.iterdir()) == []


def test_without_a_name_the_card_names_it(folder: Path, hinting: Path) -> None:
    assert add_model(str(hinting))[0] == Colorizer(hinting).session.card.name


@pytest.mark.parametrize("name", ["photochrom", "Photochrom", "mine", "MINE"])
def test_a_name_that_is_taken_is_refused(folder: Path, hinting: Path, name: str) -> None:
    add_model(hinting, "mine")
    before = (folder / "mine.onnx").stat().st_mtime_ns
    with pytest.raises(WrongInput, match="already: give another --name"):
        add_model(hinting, name)
    assert (folder / "mine.onnx").stat().st_mtime_ns == before


@pytest.mark.parametrize("name", ["", "..", "a/b", "../a", ".a", "a b", "a\n", "-a", "x" * 300])
def test_a_name_that_is_none(folder: Path, hinting: Path, name: str) -> None:
    with pytest.raises(WrongInput, match="cannot be a model's name"):
        add_model(hinting, name)
    assert not folder.exists()


@pytest.mark.parametrize("kind", ["missing", "text", "cut", "folder"])
def test_what_is_no_exported_model_is_not_added(
    folder: Path, hinting: Path, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "m.onnx"
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes(b"text" if kind == "text" else hinting.read_bytes()[:-200])
    with pytest.raises(PhotochromError, match=r"m\.onnx"):
        add_model(path, "mine")
    assert added_models() == {}


def test_a_folder_that_cannot_be_made_is_one_line(
    tmp_path: Path, hinting: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PHOTOCHROM_MODELS", str(tmp_path / "file" / "models"))
    with pytest.raises(ModelError, match="cannot be copied to"):
        add_model(hinting, "mine")
    assert added_models() == {}


def test_what_comes_with_photochrom_stays_and_the_unknown_is_told(folder: Path) -> None:
    with pytest.raises(WrongInput, match="comes with photochrom"):
        remove_model("photochrom")
    with pytest.raises(UnknownName, match="none was added"):
        remove_model("mine")


def test_the_commands(folder: Path, hinting: Path, gray_photo: Path) -> None:
    def run(*args: object) -> str:
        done = CliRunner().invoke(photochrom, [*map(str, args)])
        assert done.exit_code == 0, done.output
        return done.output

    assert "--model mine" in run("models", "add", hinting, "--name", "mine")
    assert "mine" in run("models")
    run("colorize", gray_photo, "--model", "mine")
    assert gray_photo.with_name("grandma.color.jpg").is_file()
    (folder / "broken.onnx").write_text("no model")
    done = CliRunner().invoke(photochrom, ["models"])
    assert done.exit_code == 1
    assert "photochrom: broken: cannot load the model" in done.output
    assert "mine" in done.output
    assert str(folder) in run("models", "remove", "mine")


def test_where_they_lie_unless_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PHOTOCHROM_MODELS", raising=False)
    for name in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    for platform in ("linux", "darwin", "win32"):
        monkeypatch.setattr(sys, "platform", platform)
        place = models_folder()
        assert place.parts[-2:] == ("photochrom", "models")
        assert os.path.commonpath([place, tmp_path]) == str(tmp_path)
