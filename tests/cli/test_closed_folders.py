"""Folders that one may not enter: one line names each, and the rest is done."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.conftest import scene
from tests.locked import closed

REDUCED = ["network.options.widths=[16, 16, 16, 16]", "encoder.pretrained=none", "data.size=32",
           "data.workers=0", "data.validation=2", "training.images=8", "training.batch_size=8",
           "training.epoch_images=8"]  # fmt: skip


@pytest.fixture
def shut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A closed folder among others of a set, and litter; files of every kind lie in it."""
    monkeypatch.chdir(tmp_path)
    # Lightning logs to the stream that was stderr when it was imported, by another test perhaps.
    monkeypatch.setattr(logging, "raiseExceptions", False)
    for place in ("a", "shut", "@eaDir", "z"):
        folder = tmp_path / "set" / place
        folder.mkdir(parents=True)
        for index in range(8):
            seed = 10 * ord(place[0]) + index
            Image.fromarray(scene(40, 48, seed=seed)).save(folder / f"{index}.png")
    (tmp_path / "set" / "a" / "scan.psd").touch()
    (tmp_path / "one").mkdir()
    Image.fromarray(scene(40, 48)).save(tmp_path / "one" / "x.jpg")
    return tmp_path / "set" / "shut"


def said(capsys: pytest.CaptureFixture[str], status: Any, expected: int = 1) -> list[str]:
    lines = capsys.readouterr().err.splitlines()
    assert status == expected, lines
    assert not [line for line in lines if "Traceback" in line or "Errno" in line], lines
    return lines


@pytest.mark.parametrize("option", [[], ["--dry-run"], ["--json"], ["--shard", "1/1"]])
def test_colorizing(
    main: Any, capsys: pytest.CaptureFixture[str], shut: Path, option: list[str]
) -> None:
    with closed(shut):
        status = main("colorize", "set", "-o", "out", *option)
    lines = said(capsys, status)
    assert lines.count("photochrom: cannot list the folder set/shut: permission denied") == 1
    assert "left out: 1 file of another kind (1 .psd)" in lines
    assert "left out: 1 of the system's own (1 @eaDir)" in lines
    done = sorted(path.parent.name for path in Path("out").glob("*/*.png"))
    assert done == ([] if "--dry-run" in option else ["a"] * 8 + ["z"] * 8)


@pytest.mark.parametrize(
    "args",
    [
        ["colorize", "set/shut"],
        ["colorize", "set/shut/0.png"],
        ["colorize", "set/shut/*.png"],
        ["colorize", "one/x.jpg", "-o", "set/shut"],
        ["colorize", "one/x.jpg", "-o", "set/shut/out"],
        ["colorize", "one/x.jpg", "-o", "set/shut/out.png"],
        ["colorize", "one", "-o", "set/shut/out", "--dry-run"],
        ["colorize", "one/x.jpg", "--confidence", "set/shut/map.png"],
        ["colorize", "one/x.jpg", "--reference", "set/shut/0.png"],
        ["colorize", "one/x.jpg", "--model", "set/shut/model.onnx"],
        ["colorize", "one/x.jpg", "--model", "set/shut/run"],
        ["colorize", "one/x.jpg", "--model", "set/shut"],
        ["models", "show", "set/shut/model.onnx"],
        ["models", "show", "set/shut"],
        ["evaluate", "photochrom", "-d", "set/shut"],
        ["evaluate", "photochrom", "-d", "set/shut/*"],
        ["evaluate", "set/shut/model.onnx", "-d", "one"],
        ["evaluate", "photochrom", "-d", "one", "--json", "set/shut/found.json"],
        ["analyze", "set/shut"],
        ["analyze", "one", "-o", "set/shut"],
        ["analyze", "one", "-o", "set/shut/out"],
        ["data", "pack", "set/shut", "-o", "shards"],
        ["data", "pack", "one", "-o", "set/shut"],
        ["data", "pack", "one", "-o", "set/shut/shards"],
        ["data", "show", "one", "-o", "set/shut/sheet.png"],
        ["sweep", "photochrom", "-p", "set/shut/0.png", "-o", "sweep"],
        ["sweep", "photochrom", "-p", "one/x.jpg", "-o", "set/shut"],
        ["ensemble", "photochrom", "set/shut/model.onnx", "-o", "both.onnx"],
        ["export", "set/shut/run", "-o", "run.onnx"],
        ["contact", "set/shut/run"],
        ["weights", "import", "set/shut/x.pth", "--as", "eccv16", "-o", "x.onnx"],
        ["train", "set/shut/recipe.toml", "-d", "one", "-o", "run"],
        ["train", "photochrom", "-d", "set/shut", "-o", "run"],
        ["compare", "--judge-only", "--judge", "one", "-o", "set/shut"],
        ["compare", "cnn", "-d", "one", "--judge", "set/shut", "--budget", "9", "-o", "trial"],
    ],
    ids=" ".join,
)
def test_what_is_asked_for_is_closed(
    main: Any, capsys: pytest.CaptureFixture[str], shut: Path, args: list[str]
) -> None:
    if args[0] in (
        "analyze",
        "ensemble",
        "export",
        "train",
        "compare",
        "weights",
        "contact",
        "data",
    ):
        pytest.importorskip("torch")
    with closed(shut):
        status = main(*args)
    lines = [line for line in said(capsys, status) if line.startswith("photochrom: ")]
    assert len(lines) == 1
    assert "set/shut" in lines[0]
    assert "permission denied" in lines[0]


@pytest.mark.parametrize(
    ("args", "place"),
    [
        (["evaluate", "photochrom", "--jobs", "1", "-m", "auc", "-q", "-d"], "set"),
        (["analyze", "--clusters", "2", "--jobs", "1"], "set"),
        (["data", "pack", "-o", "shards", "--jobs", "1", "--smallest", "8"], "set"),
        (["data", "show", "-o", "sheet.png", "--rows", "1"], "set/*"),
        (["train", "photochrom", "-o", "run", "--device", "cpu",
          *(word for text in REDUCED for word in ("--set", text)), "-d"], "set"),
    ],
    ids=lambda args: " ".join(args[:2]) if isinstance(args, list) else args,
)  # fmt: skip
def test_pictures_of_the_workbench(
    main: Any, capsys: pytest.CaptureFixture[str], shut: Path, args: list[str], place: str
) -> None:
    pytest.importorskip("torch")
    with closed(shut):
        lines = said(capsys, main(*args, place))
    assert lines.count("photochrom: cannot list the folder set/shut: permission denied") == 1
    assert lines.count("left out: 1 file of another kind (1 .psd)") == 1
    assert lines.count("left out: 1 of the system's own (1 @eaDir)") == (place == "set")
