"""``photochrom ensemble`` as people run it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from photochrom import load_model
from photochrom.cli import main as command_line
from tests.cli.without_torch import run_without_torch

Small = dict[str, Path]


def invoke(*words: str | Path) -> Result:
    return CliRunner().invoke(command_line.photochrom, [str(word) for word in words])


def fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str | Path
) -> str:
    """The one line with which the whole program fails."""
    monkeypatch.setattr(sys, "argv", ["photochrom", "ensemble", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code in (1, 2)
    text = capsys.readouterr().err.strip()
    assert text.startswith("photochrom: "), text
    assert "\n" not in text
    return text


def test_from_models_to_a_colorized_photo(
    small_models: Small, gray_photo: Path, tmp_path: Path
) -> None:
    both, out = tmp_path / "both.onnx", tmp_path / "colored.png"
    words = ["photochrom", small_models["coarse"], "-o", both, "--weights", "3", "1"]
    made = invoke("ensemble", *words, "--name", "duet", "--size", "96")
    assert made.exit_code == 0, made.output
    assert "photochrom" in made.output
    assert "(0.75), coarse 1 (0.25)" in made.output
    shown = json.loads(invoke("models", "show", both, "--json").output)
    assert (shown["name"], shown["working_size"], shown["multiple_of"]) == ("duet", 96, 96)
    assert [member["weight"] for member in shown["members"]] == [0.75, 0.25]
    assert "member         coarse 1, weight 0.25" in invoke("models", "show", both).output
    colored = invoke("colorize", gray_photo, "--model", both, "--output", out)
    assert colored.exit_code == 0, colored.output
    assert np.ptp(np.asarray(Image.open(out)).astype(int), axis=2).max() > 10


def test_a_learned_stack_colorizes(
    small_models: Small, pictures: Path, gray_photo: Path, tmp_path: Path
) -> None:
    both, out = tmp_path / "both.onnx", tmp_path / "colored.png"
    words = ["bins", "coarse", "--learn", pictures, "--images", "16", "--size", "48", "-o", both]
    made = invoke("ensemble", *(small_models.get(str(word), word) for word in words))
    assert made.exit_code == 0, made.output
    for row in ("gray", "bins 1", "coarse 1", "mean color", "learned stack"):
        assert f"  {row} " in made.output
    card = load_model(both).card
    assert card.images == 16
    assert card.metrics["held-out pictures"] == 2
    colored = invoke("colorize", gray_photo, "--model", both, "--output", out)
    assert colored.exit_code == 0, colored.output
    assert np.ptp(np.asarray(Image.open(out)).astype(int), axis=2).max() > 10


def test_mean_of_probabilities(small_models: Small, tmp_path: Path) -> None:
    bins = [small_models["bins"], small_models["bins2"]]
    made = invoke("ensemble", *bins, "--mean", "probabilities", "-o", tmp_path / "e.onnx")
    assert made.exit_code == 0, made.output
    assert load_model(tmp_path / "e.onnx").card.summary.startswith("mean distribution of bins 1")


@pytest.mark.parametrize("numbers", [["--weights", "1", "3"], ["--weights=1,3"]])
def test_weights_before_and_after_the_models(
    small_models: Small, tmp_path: Path, numbers: list[str]
) -> None:
    models = [small_models["fine"], small_models["coarse"]]
    for name, words in (("a", [*numbers, *models]), ("b", [*models, *numbers])):
        done = invoke("ensemble", *words, "-o", tmp_path / f"{name}.onnx")
        assert done.exit_code == 0, done.output
        weights = [m.weight for m in load_model(tmp_path / f"{name}.onnx").card.members]
        assert weights == [0.25, 0.75]


def test_exported_files_are_joined_without_torch(tmp_path: Path) -> None:
    words = ["ensemble", "photochrom", "photochrom", "--out", str(tmp_path / "two.onnx")]
    done = run_without_torch(*words)
    assert done.returncode == 0, done.stderr
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "checkpoint.safetensors").write_bytes(b"")
    words = ["ensemble", "photochrom", str(tmp_path / "run"), "--out", str(tmp_path / "x.onnx")]
    done = run_without_torch(*words)
    assert done.returncode == 1
    assert "pip install '.[train]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_goes_wrong_is_said_in_one_line(
    small_models: Small,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fine, coarse, out = small_models["fine"], small_models["coarse"], tmp_path / "e.onnx"
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    (tmp_path / "empty").mkdir()
    for words, told in (
        (["photocrom", fine], "photochrom"),
        ([fine, tmp_path / "bad.onnx"], "bad.onnx"),
        ([fine, tmp_path / "none.onnx"], "none.onnx"),
        ([fine, tmp_path / "empty"], "checkpoint"),
        ([fine], "two models"),
        ([fine, coarse, "--weights", "1"], "2 models need 2 weights, not 1"),
        ([fine, coarse, "--weights", "1", "-2"], "not -2"),
        ([fine, coarse, "--size", "7"], "size"),
        ([fine, coarse, "--mean", "probabilities"], "no probabilities"),
        ([fine, coarse, "--mean", "probabilities", "--learn", tmp_path], "--learn"),
        ([fine, coarse, "--learn", tmp_path / "empty"], "no pictures"),
    ):
        assert told in fails(monkeypatch, capsys, *words, "-o", out)
        assert not out.exists()
    below = tmp_path / "bad.onnx" / "e.onnx"
    assert "cannot be written" in fails(monkeypatch, capsys, fine, coarse, "-o", below)
    result = invoke("ensemble", fine, coarse, "-o", out, "--weights", "much")
    assert result.exit_code == 2
    assert "'much' is not a number" in result.output
