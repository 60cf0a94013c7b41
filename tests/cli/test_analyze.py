"""``photochrom analyze`` as people run it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from photochrom.cli import main as command_line
from tests.cli.test_data import one_line
from tests.conftest import scene

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")

FIGURES = ("bins.png", "chosen.png", "clusters.png", "distributions.png")


def run(*words: object) -> Result:
    return CliRunner().invoke(command_line.photochrom, ["analyze", *map(str, words)])


def test_with_the_embedded_model(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "new" / "out"
    folder.mkdir()
    for index in range(3):
        Image.fromarray(scene(48, 64, seed=index)).save(folder / f"{index}.png")
    Image.fromarray(scene(40, 40)).convert("L").save(folder / "gray.png")
    (folder / "broken.png").write_bytes(b"no")
    words = (folder, "--out", out, "--model", "photochrom", "--bins", 6, "--clusters", 2)
    result = run(*words, "-j", 2)
    assert result.exit_code == 0, result.output
    assert sorted(p.name for p in out.iterdir()) == sorted((*FIGURES, "analysis.json"))
    for name in FIGURES:
        with Image.open(out / name) as image:
            image.load()
    content = json.loads((out / "analysis.json").read_text())
    assert content["places"] == [str(folder)]
    assert content["gray"] == ["gray.png"]
    assert content["unreadable"][0]["name"] == "broken.png"
    assert content["chosen"]["count"] == 6
    assert sum(content["chosen"]["models"]["photochrom"]["share"]) == pytest.approx(1, abs=1e-4)
    assert 0 < content["chosen"]["models"]["photochrom"]["moved"] < 1
    said = result.stdout
    assert "3 of 5 pictures counted" in said
    assert "1 gray, not counted, such as gray.png" in said
    assert "1 unreadable, such as broken.png (it is no picture, or damaged)" in said
    assert "photochrom: mean colorfulness" in said


def test_some_pictures_of_a_shard_as_json(pictures: Path, tmp_path: Path) -> None:
    from photochrom.data.pack import pack
    from photochrom.data.packed_picture import PackSettings
    from photochrom.data.sources import open_pictures

    pack(open_pictures([pictures]), tmp_path / "shards", PackSettings(), workers=1)
    words = (tmp_path / "shards", "-o", tmp_path / "shards" / "out", "--clusters", 2)
    result = run(*words, "--limit", 5, "--json")
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    assert content == json.loads((tmp_path / "shards" / "out" / "analysis.json").read_text())
    assert content["pictures"]["looked_at"] == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere", "--out", "out"), "nowhere"),
        (("empty", "--out", "out"), "no pictures in empty"),
        (("gray", "--out", "out"), "1 gray, such as a.png"),
        (("PICTURES", "--out", "a.file"), "a.file cannot be written: it is a file"),
        (("PICTURES", "--out", "a.file/out"), "a.file/out cannot be written"),
        (("PICTURES", "--out", "PICTURES/out"), "choose another"),
        (("PICTURES", "--out", "out", "--model", "photocrom"), "did you mean photochrom"),
        (("PICTURES", "--out", "out", "--model", "no.onnx"), "no model file at no.onnx"),
        (("places36:x", "--out", "out"), "places365"),
    ],
)
def test_errors_are_one_line(
    words: tuple[str, ...],
    said: str,
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.file").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    (tmp_path / "gray").mkdir()
    Image.new("L", (40, 40), 99).save(tmp_path / "gray" / "a.png")
    given = [word.replace("PICTURES", str(pictures)) for word in words]
    assert said in one_line(monkeypatch, capsys, "analyze", *given)
    assert not list(tmp_path.glob("out/*"))


def test_ctrl_c_is_one_line_and_writes_nothing(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from photochrom.training.progress import ProgressLine

    def stop(self: ProgressLine, position: int, parts: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ProgressLine, "update", stop)
    result = run(pictures, "--out", tmp_path / "out", "-j", 2)
    assert result.exit_code == 130
    assert result.stderr == "photochrom: stopped; the same command begins anew\n"
    assert not list((tmp_path / "out").iterdir())


def test_what_is_missing_is_named(
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in [n for n in sys.modules if n.startswith("photochrom.evaluation.analysis")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    said = one_line(monkeypatch, capsys, "analyze", pictures, "--out", tmp_path / "out")
    assert "pip install '.[train]'" in said
