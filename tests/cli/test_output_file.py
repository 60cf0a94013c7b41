"""No command that writes something else replaces a photograph by it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from photochrom.cli import main as command_line
from tests.conftest import scene

Fails = Callable[..., str]


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Fails:
    """The one line with which the whole program refuses wrong usage."""

    def run(*words: object) -> str:
        monkeypatch.setattr(sys, "argv", ["photochrom", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        assert ended.value.code == 2
        said = capsys.readouterr().err
        assert said.startswith("photochrom: ")
        assert said.count("\n") == 1
        return said

    return run


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "grandma.jpg"
    Image.fromarray(scene(40, 60)).save(path)
    return path


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("ensemble", "photochrom", "photochrom", "-o"), ".onnx"),
        (("export", ".", "-o"), ".onnx"),
        (("weights", "import", "grandma.jpg", "--as", "eccv16", "-o"), ".onnx"),
        (("evaluate", "photochrom", "-d", ".", "--json"), ".json"),
        (("evaluate", "photochrom", "-d", ".", "--csv"), ".csv"),
        (("evaluate", "photochrom", "-d", ".", "--report"), ".html or .htm"),
    ],
)
def test_files_have_the_suffix_of_their_kind(
    words: tuple[str, ...],
    kind: str,
    photograph: Path,
    monkeypatch: pytest.MonkeyPatch,
    fails: Fails,
) -> None:
    monkeypatch.chdir(photograph.parent)
    before = photograph.read_bytes()
    assert f"grandma.jpg: its name should end in {kind}" in fails(*words, "grandma.jpg")
    assert photograph.read_bytes() == before


@pytest.mark.parametrize("command", [("contact",), ("data", "show")])
def test_a_sheet_replaces_no_picture_unless_asked(
    command: tuple[str, ...], photograph: Path, fails: Fails
) -> None:
    before = photograph.read_bytes()
    said = fails(*command, photograph.parent, "--out", photograph)
    assert "grandma.jpg is already there; --overwrite replaces it" in said
    assert photograph.read_bytes() == before
    said = fails(*command, photograph.parent, "--out", photograph.with_suffix(".tif"))
    assert "should end in .jpg, .jpeg" in said


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        ("sweep.png", ("sweep", "photochrom", "-p")),
        ("clusters.png", ("analyze",)),
    ],
)
def test_a_figure_replaces_no_picture_unless_asked(
    figure: str, words: tuple[str, ...], photograph: Path, tmp_path: Path, fails: Fails
) -> None:
    pytest.importorskip("matplotlib")
    pytest.importorskip("sklearn")
    own = tmp_path / "out" / figure
    own.parent.mkdir()
    own.write_bytes(b"precious")
    source = photograph.rename(tmp_path / "a.jpg")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    place = source if words[0] == "sweep" else pictures
    Image.fromarray(scene(40, 60)).save(pictures / "1.png")
    assert f"{figure} is already there; --overwrite" in fails(*words, place, "-o", own.parent)
    assert [path.name for path in own.parent.iterdir()] == [figure]
    assert own.read_bytes() == b"precious"


def test_overwrite_replaces(pictures: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from click.testing import CliRunner

    sheet = tmp_path / "sheet.PNG"
    sheet.write_bytes(b"an older one")
    words = ["data", "show", str(pictures), "--out", str(sheet), "--overwrite", "--rows", "1"]
    done = CliRunner().invoke(command_line.photochrom, [*words, "--set", "data.size=32"])
    assert done.exit_code == 0, done.output
    with Image.open(sheet) as image:
        assert image.format == "PNG"


@pytest.mark.parametrize(
    "words",
    [
        ("models", "show", "photocrom"),
        ("evaluate", "photochrom", "-d", ".", "-m", "auk"),
        ("weights", "import", "grandma.jpg", "--as", "cnn", "-o", "x.onnx"),
        ("train", "photocrom", "-d", ".", "-o", "run"),
    ],
)
def test_an_unknown_name_is_wrong_usage(
    words: tuple[str, ...], photograph: Path, monkeypatch: pytest.MonkeyPatch, fails: Fails
) -> None:
    pytest.importorskip("torch")
    monkeypatch.chdir(photograph.parent)
    fails(*words)
