"""``photochrom evaluate`` as people run it."""

from __future__ import annotations

import csv
import datetime
import json
import math
import shutil
from pathlib import Path

import pytest

from photochrom import list_models
from photochrom.errors import WrongInput
from photochrom.evaluation.cards import METRICS
from tests.cli.conftest import evaluate
from tests.cli.without_torch import run_without_torch


def test_models_beside_gray_and_truth_in_every_form(scenes: Path, tmp_path: Path) -> None:
    files = {kind: tmp_path / f"verdict.{kind}" for kind in ("json", "csv", "html")}
    words = ["photochrom", "photochrom@0", "photochrom@0.5:0.6", "photochrom", "-d", scenes]
    outputs = ["--json", files["json"], "--csv", files["csv"], "--report", files["html"]]
    result = evaluate(*words, "--side", "64", "--jobs", "1", *outputs, "--quiet")
    assert result.exit_code == 0, result.output
    names = ["gray", "photochrom", "photochrom@0", "photochrom@0.5:0.6", "photochrom (2)", "truth"]
    rows = [line for line in result.output.splitlines() if line.startswith(tuple(names))]
    assert [next(n for n in reversed(names) if r.startswith(n)) for r in rows[:4]] == names[:4]
    values = json.loads(files["json"].read_text())
    assert [row["method"] for row in values["rows"]] == names
    figures = {
        r["method"]: {k: f["value"] for k, f in r["figures"].items()} for r in values["rows"]
    }
    assert figures["photochrom"] == figures["photochrom (2)"]
    assert figures["photochrom"] != figures["photochrom@0"]
    assert figures["truth"]["auc"] == 100
    assert values["rows"][1]["facts"]["parameters"] > 5_000_000
    assert values["rows"][1]["calibration_error"] is not None
    lines = list(csv.DictReader(files["csv"].read_text().splitlines()))
    assert {line["method"] for line in lines} == set(names)
    assert "photochrom evaluate" in files["html"].read_text(encoding="utf-8")


def test_one_picture_has_figures_without_intervals(scenes: Path, tmp_path: Path) -> None:
    files = {kind: tmp_path / f"verdict.{kind}" for kind in ("json", "csv", "html")}
    outputs = ["--json", files["json"], "--csv", files["csv"], "--report", files["html"]]
    (tmp_path / "one").mkdir()
    shutil.copy(scenes / "1.png", tmp_path / "one")
    result = evaluate("photochrom", "-d", tmp_path / "one", "--side", "64", "-q", *outputs)
    assert result.exit_code == 0, result.output
    assert "1 picture at 64 px" in result.output
    assert "±" not in result.output
    assert "nan" not in result.output
    lines = list(csv.DictReader(files["csv"].read_text().splitlines()))
    assert {line["method"] for line in lines} == {"gray", "photochrom", "truth"}
    assert all(math.isfinite(float(x["value"])) if x["value"] else x["reason"] for x in lines)
    assert {line["low"] for line in lines} == {""}
    (record,) = json.loads(files["json"].read_text())["records"]
    assert record["name"].endswith("1.png")
    assert "NaN" not in files["html"].read_text(encoding="utf-8")


def test_a_second_run_gives_the_same_numbers(scenes: Path, tmp_path: Path) -> None:
    found = []
    for number in range(2):
        file = tmp_path / f"{number}.json"
        evaluate("photochrom", "-d", scenes, "--side", "64", "--jobs", 1 + number, "--json", file)
        rows = json.loads(file.read_text())["rows"]
        found.append([row["figures"] for row in rows])
    assert found[0] == found[1]


def test_only_the_metrics_asked_for(scenes: Path) -> None:
    result = evaluate("photochrom", "-d", scenes, "--side", "64", "--jobs", "1", "-m", "auc")
    assert "AuC" in result.output
    assert "rAuC" not in result.output


def test_any_classifier_says_what_it_recognizes(scenes: Path, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    from photochrom.backbones.creation import create_backbone

    torch.manual_seed(0)
    weights = tmp_path / "tiny.safetensors"
    save_file(create_backbone("test_resnet", "none", channels=3, classes=9).state_dict(), weights)
    chosen = {"backbone": "test_resnet", "path": weights, "classes": 9}
    words = [
        word for key, value in chosen.items() for word in ("--set", f"recognition.{key}={value}")
    ]
    file = tmp_path / "verdict.json"
    result = evaluate(
        "photochrom", "-d", scenes, "-j", "1", "-m", "recognition", *words, "--json", file
    )
    assert result.exit_code == 0, result.output
    found = json.loads(file.read_text())
    assert found["rows"][-1]["figures"]["recognition"]["value"] == 100
    assert found["notes"]["recognition"].startswith("test_resnet, ")


def test_the_gate_needs_faces_and_says_so(scenes: Path) -> None:
    words = ["photochrom", "-d", scenes, "--side", "64", "--jobs", "1", "-m", "regions"]
    result = evaluate(*words, "--gate")
    assert result.exit_code == 1
    assert "photochrom: does not pass the gate of skin tones" in result.output
    assert "dark skin: no picture shows it" in result.output
    assert "tan skin °" in result.output
    assert "foliage ×" in result.output
    assert evaluate(*words).exit_code == 0


def test_models_say_how_well_they_classify(scenes: Path, checkpoint: Path) -> None:
    words = ["photochrom", checkpoint, "-d", scenes, "--side", "64", "--jobs", "1", "-q"]
    file = scenes.parent / "verdict.json"
    result = evaluate(*words, "-m", "top-1", "-m", "top-5", "-m", "cross-entropy", "--json", file)
    assert result.exit_code == 0, result.output
    gray, embedded, trained, _ = json.loads(file.read_text())["rows"]
    for row in (embedded, trained):
        values = [row["figures"][m]["value"] for m in ("top-1", "top-5", "cross-entropy")]
        assert all(value is not None for value in values)
        assert values[0] <= values[1]
        assert row["calibration_error"] is not None
    assert gray["figures"]["top-1"]["value"] is None
    bins = [row["facts"]["bins"] for row in (embedded, trained)]
    assert all(count > 1 for count in bins)
    assert ("not comparable" in result.output) == (bins[0] != bins[1])


def test_gray_as_a_film_saw_it(scenes: Path, tmp_path: Path) -> None:
    file = tmp_path / "ortho.json"
    words = ["photochrom", "-d", scenes, "--side", "64", "--jobs", "1", "--json", file]
    result = evaluate(*words, "--film", "orthochromatic", "-m", "psnr")
    assert "gray as orthochromatic film" in result.output
    filmed = json.loads(file.read_text())
    assert filmed["film"] == "orthochromatic"
    evaluate(*words, "-m", "psnr")
    gray, eye = (values["rows"][0]["figures"] for values in (filmed, json.loads(file.read_text())))
    assert gray["psnr"]["value"] < eye["psnr"]["value"], "a film's gray is not the picture's own"
    result = evaluate(*words, "--film", "orthocromatic")
    assert result.exit_code != 0
    assert "orthochromatic" in str(result.exception or result.output)


def usual_words(scenes: Path) -> list[str | Path]:
    return ["photochrom", "photochrom@0.5:0.6", "-d", scenes, "--side", "64", "-j", "1", "-q"]


def test_it_fits_a_terminal_and_says_what_it_is_of(scenes: Path) -> None:
    text = evaluate(*usual_words(scenes)).output
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split()[:5] == ["method", "AuC", "rAuC", "CF", "|ΔCF|"]
    assert any(line.startswith("photochrom@0.5:0.6") for line in lines)
    assert "--wide also shows RMSE, " in text
    assert f"3 pictures at 64 px; {scenes.name}; {datetime.date.today().isoformat()}" in text
    card = list_models()["photochrom"]
    assert f"photochrom: version {card.version}, sha256 {card.sha256[:12]}" in text


def test_wide_shows_every_column_in_one_table(scenes: Path) -> None:
    lines = evaluate(*usual_words(scenes), "--wide").output.splitlines()
    assert {"RMSE", "PSNR", "SSIM", "parameters"} < set(lines[0].split())
    assert len(lines[0]) > 80
    assert not any("--wide" in line for line in lines)


def test_metrics_asked_for_are_all_shown_within_bounds(scenes: Path, tmp_path: Path) -> None:
    file = tmp_path / "verdict.json"
    asked = [word for m in ("usual", "chroma", "regions", "ms-ssim", "top-1") for word in ("-m", m)]
    text = evaluate(*usual_words(scenes), *asked, "--json", file).output
    assert max(map(len, text.splitlines())) <= 80
    for title in ("MS-SSIM", "dark skin °", "PSNR", "parameters"):
        assert title in text
    found = [
        (name, figure)
        for row in json.loads(file.read_text())["rows"]
        for name, figure in row["figures"].items()
        if figure["low"] is not None
    ]
    for name, figure in found:
        least, most = METRICS[name].bounds
        assert least <= figure["low"] <= figure["value"] <= figure["high"] <= most, name
    cut = [name for name, figure in found if figure["value"] > 0 and figure["low"] == 0]
    assert cut, "of three pictures some interval would reach below 0"


def test_a_page_that_is_there_is_replaced_only_when_asked_to(scenes: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("of before")
    words = ["photochrom", "-d", scenes, "--side", "64", "-j", "1", "-m", "auc", "--report", page]
    refused = evaluate(*words)
    assert isinstance(refused.exception, WrongInput)
    assert "already there; --overwrite replaces it" in str(refused.exception)
    assert page.read_text() == "of before"
    assert evaluate(*words, "--overwrite").exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert scenes.name in text
    assert datetime.date.today().isoformat() in text
    assert list_models()["photochrom"].sha256[:12] in text


def test_without_torch(scenes: Path) -> None:
    words = ["evaluate", "photochrom", "-d", str(scenes), "--side", "64", "--jobs", "1"]
    done = run_without_torch(*words)
    assert done.returncode == 0, done.stderr
    assert "truth" in done.stdout
