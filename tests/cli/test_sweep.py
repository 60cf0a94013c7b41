"""``photochrom sweep`` as people run it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from skimage.data import astronaut, chelsea, coffee, rocket

from photochrom.cli import main as command_line
from photochrom.errors import PhotochromError
from tests.conftest import scene

pytest.importorskip("matplotlib")


def invoke(*words: str | Path) -> Result:
    return CliRunner().invoke(command_line.photochrom, ["sweep", *map(str, words)])


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "beach.png"
    Image.fromarray(scene(90, 120)).save(path)
    return path


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """Real ones: what a model makes of others says nothing of what its temperature does."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    for taken in (astronaut, chelsea, coffee, rocket):
        picture = Image.fromarray(taken())
        picture.thumbnail((256, 256))
        picture.save(folder / f"{taken.__name__}.png")
    return folder


def test_a_picture_and_the_figures_of_a_set(
    photograph: Path, photographs: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = ["photochrom", "-p", photograph, "-d", photographs, "-o", out, "-t", "1", "-t", "0.4"]
    result = invoke(*words, "--side", "128", "--limit", "4", "--jobs", "1")
    assert result.exit_code == 0, result.output
    values = json.loads((out / "sweep.json").read_text())
    warm, cold = values["rows"]
    assert [warm["temperature"], cold["temperature"]] == [1, 0.4]
    assert cold["colorfulness"] > warm["colorfulness"] > values["gray"]["colorfulness"] == 0
    assert values["truth"]["auc"] == 100
    assert values["pictures"] == 4
    low, high = warm["intervals"]["auc"]
    assert low < warm["auc"] < high
    drawn = Image.open(out / "sweep.png")
    assert drawn.width > 1000
    # The truth stands at the right: its colors are in the drawing, gray's column has none.
    top = np.asarray(drawn.convert("RGB"))[: drawn.height // 3].astype(int)
    colored = (top.max(2) - top.min(2)).max(0)
    assert colored[: drawn.width // 6].max() < 20
    assert colored[-drawn.width // 6 :].max() > 60


def test_a_temperature_without_numbers_is_named_and_left_out(
    photograph: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from photochrom.inference.onnx_session import OnnxSession
    from photochrom.inference.session import Chroma

    real, shown = OnnxSession.run, [2]

    def run(self: OnnxSession, lightness: np.ndarray, **dial: float) -> Chroma:
        found = real(self, lightness, **dial)  # type: ignore[arg-type]
        cold = dial["temperature"] == 0.05
        # The set is measured before the picture is shown.
        shown[0] -= cold
        bad = np.full_like(found.ab, np.nan) if cold and shown[0] == 1 else found.ab
        return Chroma(bad, found.confidence)

    monkeypatch.setattr(OnnxSession, "run", run)
    out = tmp_path / "out"
    words = ["photochrom", "-p", photograph, "-d", pictures, "-o", out, "-t", "1", "-t", "0.05"]
    result = invoke(*words, "--side", "64", "--limit", "2", "--jobs", "1")
    assert result.exit_code == 1, result.exception
    assert isinstance(result.exception, SystemExit)
    assert "T 0.05 failed: the model photochrom answered with" in result.output
    values = json.loads((out / "sweep.json").read_text())
    assert [row["temperature"] for row in values["rows"]] == [1]
    assert list(values["failed"]) == ["0.05"]
    assert (out / "sweep.png").is_file()


def test_the_same_twice_and_without_a_set(photograph: Path, tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        result = invoke("photochrom", "-p", photograph, "-o", tmp_path / name, "-t", "0.5")
        assert result.exit_code == 0, result.output
        found.append([(tmp_path / name / f).read_bytes() for f in ("sweep.json", "sweep.png")])
    assert found[0] == found[1]
    assert json.loads(found[0][0])["rows"] == []


def test_what_cannot_be_is_said_in_one_line(photograph: Path, tmp_path: Path) -> None:
    text = tmp_path / "notes.png"
    text.write_text("no picture")
    result = invoke("photochrom", "-p", text, "-o", tmp_path / "out")
    assert isinstance(result.exception, PhotochromError)
    assert "notes.png" in str(result.exception)
    assert invoke("photochrom", "-p", photograph, "-o", tmp_path, "-t", "0").exit_code == 2
    assert isinstance(
        invoke("photocrom", "-p", photograph, "-o", tmp_path).exception, PhotochromError
    )


def test_a_model_that_predicts_one_color_has_no_temperature(
    photograph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses

    from photochrom.inference.onnx_session import OnnxSession

    real = OnnxSession.__init__

    def opened(self: OnnxSession, path: Path, **options: int | None) -> None:
        real(self, path, **options)  # type: ignore[arg-type]
        self.card = dataclasses.replace(self.card, inputs=("lightness",))

    monkeypatch.setattr(OnnxSession, "__init__", opened)
    result = invoke("photochrom", "-p", photograph, "-o", tmp_path / "out")
    assert "takes no temperature" in str(result.exception)
