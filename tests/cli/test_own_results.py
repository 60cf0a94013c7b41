"""A folder in which ``colorize`` ran before: what learns and judges takes only the photographs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from photochrom import Colorizer
from photochrom.cli import main as command_line
from photochrom.errors import PhotochromError
from tests.cli.test_compare import SMALL
from tests.conftest import scene

pytest.importorskip("torch")
SAID = "left out, being no true pictures: 4 results of photochrom, such as 0.color.jpg"


def invoke(*words: object) -> Result:
    return CliRunner().invoke(command_line.photochrom, list(map(str, words)))


def said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets") / "clean"
    folder.mkdir()
    for index in range(12):
        Image.fromarray(scene(40, 48, seed=index)).save(folder / f"{index}.jpg", quality=95)
    return folder


@pytest.fixture(scope="module")
def album(clean: Path) -> Path:
    """The same with results: beside their photographs, elsewhere, and one without provenance."""
    folder = clean.parent / "album"
    shutil.copytree(clean, folder)
    colorizer = Colorizer(threads=1)
    (folder / "vivid").mkdir()
    for name in ("0.color.jpg", "1.color.png", "vivid/2.webp"):
        colorizer.save(folder / f"{Path(name).name[0]}.jpg", folder / name)
    Image.fromarray(scene(40, 48, seed=50)).save(folder / "3.color.jpg")
    return folder


def test_evaluate(clean: Path, album: Path, tmp_path: Path) -> None:
    found = {}
    for folder in (clean, album):
        file, page = tmp_path / f"{folder.name}.json", tmp_path / f"{folder.name}.html"
        words = ("photochrom", "-d", folder, "--side", 32, "-j", 1, "-q", "--limit", 6)
        found[folder.name] = said(invoke("evaluate", *words, "--json", file, "--report", page))
    assert SAID in found["album"]
    assert "left out" not in found["clean"]
    values = {name: json.loads((tmp_path / f"{name}.json").read_text()) for name in found}
    figures = {name: [row["figures"] for row in value["rows"]] for name, value in values.items()}
    assert figures["album"] == figures["clean"]
    names = ["0.color.jpg", "1.color.png", "3.color.jpg", "vivid/2.webp"]
    assert values["album"]["own_results"] == names
    assert "4 results of photochrom left out" in (tmp_path / "album.html").read_text("utf-8")


def test_sweep(album: Path, tmp_path: Path) -> None:
    words = ("-d", album, "-o", tmp_path / "out", "-t", 1, "--side", 32, "--limit", 3, "-j", 1)
    assert SAID in said(invoke("sweep", "photochrom", "-p", album / "5.jpg", *words))
    refused = invoke("sweep", "photochrom", "-p", album / "0.color.jpg", "-o", tmp_path / "new")
    assert isinstance(refused.exception, PhotochromError)
    assert "0.color.jpg is a result of photochrom" in str(refused.exception)


def test_analyze(album: Path, tmp_path: Path) -> None:
    text = said(invoke("analyze", album, "--out", tmp_path / "out"))
    assert "12 of 12 pictures counted" in text
    assert SAID in text
    assert len(json.loads((tmp_path / "out" / "analysis.json").read_text())["own_results"]) == 4


def test_data(album: Path, tmp_path: Path) -> None:
    text = said(invoke("data", "pack", album, "--out", tmp_path / "out", "--side", 32, "-j", 1))
    assert "12 pictures in 1 shards" in text
    assert "left out: 4 result of photochrom; see" in text
    sheet = tmp_path / "sheet.png"
    overrides = [word for key in SMALL for word in ("--set", key)]
    assert SAID in said(invoke("data", "show", album, "--out", sheet, *overrides))


@pytest.mark.parametrize("words", [(), ("--overfit", 2, "--overfit-steps", 2)])
def test_train(album: Path, tmp_path: Path, words: tuple[object, ...]) -> None:
    changes = (*SMALL, "training.images=8", "training.epoch_images=8")
    overrides = [word for key in changes for word in ("--set", key)]
    place = ("-d", album, "-o", tmp_path / "run", "--device", "cpu")
    result = invoke("train", "cnn-first", *place, *overrides, *words)
    assert SAID in " ".join(result.output.split())


def test_compare(album: Path, tmp_path: Path) -> None:
    overrides = [word for key in SMALL for word in ("--set", key)]
    places = ("-d", album, "--judge", album, "--side", 32, "-j", 1, "--device", "cpu")
    result = invoke("compare", "cnn-first", *places, "--budget", 8, "-o", tmp_path, *overrides)
    assert said(result).count(SAID) == 2, "of training, and of judging"
    assert json.loads((tmp_path / "comparison.json").read_text())["pictures"] == 12
