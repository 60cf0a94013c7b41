"""What ``photochrom evaluate`` refuses, and models that fail: named, in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photochrom.errors import PhotochromError
from tests.cli.conftest import evaluate


def test_a_model_without_numbers_fails_by_name(
    scenes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from photochrom.inference.onnx_session import OnnxSession
    from photochrom.inference.session import Chroma

    real = OnnxSession.run

    def run(self: OnnxSession, lightness: np.ndarray, **dial: float) -> Chroma:
        found = real(self, lightness, **dial)  # type: ignore[arg-type]
        bad = np.full_like(found.ab, np.nan) if dial["rebalance"] == 1 else found.ab
        return Chroma(bad, found.confidence)

    monkeypatch.setattr(OnnxSession, "run", run)
    result = evaluate("photochrom", "photochrom@1:1", "-d", scenes, "--side", "64", "--jobs", "1")
    assert result.exit_code == 1
    assert "photochrom@1:1 failed: the model photochrom answered with colors" in result.output
    assert "truth" in result.output


@pytest.mark.parametrize("colors", ["are numbers", "are none"])
def test_a_model_without_probabilities_fails_by_name(
    scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, colors: str
) -> None:
    from photochrom.color.distribution import Distribution
    from photochrom.inference.onnx_session import OnnxSession
    from photochrom.inference.session import Chroma

    run, distribution = OnnxSession.run, OnnxSession.distribution

    def is_lit(lightness: np.ndarray) -> bool:
        return bool(lightness.std() > 1e-3)  # a photograph, not the black that models are tried on

    def dark(self: OnnxSession, lightness: np.ndarray, **named: object) -> Distribution:
        found = distribution(self, lightness, **named)  # type: ignore[arg-type]
        bad = np.full_like(found.logits, np.nan) if is_lit(lightness) else found.logits
        return Distribution(bad, found.centers, found.prior)

    def colored(self: OnnxSession, lightness: np.ndarray, **named: object) -> Chroma:
        found = run(self, lightness, **named)  # type: ignore[arg-type]
        bad = np.full_like(found.ab, np.nan) if colors == "are none" else found.ab
        return Chroma(bad, found.confidence)

    monkeypatch.setattr(OnnxSession, "distribution", dark)
    monkeypatch.setattr(OnnxSession, "run", colored)
    words = ["photochrom", "-d", scenes, "--side", "64", "--jobs", "1", "-m", "auc"]
    for more in (["-m", "top-1"], ["--report", tmp_path / "page.html"]):
        result = evaluate(*words, *more)
        assert result.exit_code == 1, result.exception
        assert "photochrom failed: the model photochrom answered with" in result.output
        assert "truth" in result.output
    assert "photochrom failed" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["report.html", "json.json", "csv.csv"])
def test_where_nothing_can_be_written_nothing_is_judged(
    scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    from photochrom.judging import trial

    monkeypatch.setattr(trial, "run_trial", None)
    option, words = f"--{kind.partition('.')[0]}", ["photochrom", "-d", scenes]
    result = evaluate(*words, option, tmp_path / "nowhere" / kind)
    assert isinstance(result.exception, PhotochromError)
    assert "cannot be written: no such folder" in str(result.exception)
    file = tmp_path / kind
    file.write_text("of before")
    assert evaluate(*words, option, file).exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == [kind]
    assert file.read_text() == "of before"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("photocrom",), "photocrom"),
        (("photochrom@x",), "vividness"),
        (("photochrom", "-m", "auk"), "did you mean auc"),
        (("photochrom", "--side", "4"), "between 32 and 2048"),
        (("photochrom", "--set", "recognition=3"), "metric.option=value"),
        (("photochrom", "--set", "auk.path=3"), "did you mean auc"),
        (("photochrom", "-m", "psnr", "--set", "psnr.path=3"), "no options"),
        (("photochrom", "-m", "cdc"), "cdc is of clips, not of photographs"),
        (("photochrom", "--category", "forest"), "no category fits"),
    ],
)
def test_what_cannot_be_is_one_line(scenes: Path, words: tuple[str, ...], text: str) -> None:
    result = evaluate(*words, "-d", scenes, "--jobs", "1")
    assert isinstance(result.exception, PhotochromError)
    assert text in str(result.exception)
    assert "\n" not in str(result.exception)


def test_no_pictures(tmp_path: Path) -> None:
    result = evaluate("photochrom", "-d", tmp_path)
    assert isinstance(result.exception, PhotochromError)
    assert str(tmp_path) in str(result.exception)
