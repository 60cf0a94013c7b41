"""A figure has a value or says why not: in the table, in CSV, and for its interval."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from photochrom.errors import UnknownName, WrongInput
from photochrom.evaluation import table
from photochrom.evaluation.available import available_metrics, metric_options
from photochrom.evaluation.earlier import Earlier
from photochrom.evaluation.methods import GRAY, TRUTH, Method
from photochrom.evaluation.runner import GROUPS, Trial, run_trial
from photochrom.evaluation.table import as_csv, as_table, category_table
from photochrom.evaluation.tally import Tally
from photochrom.evaluation.verdict import Figure, decide, explained
from photochrom.evaluation.view import View
from tests.evaluation.test_runner import broken, folder, reddish

__all__ = ["folder"]


def test_fid_of_hardly_enough_pictures_has_no_interval(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    from photochrom.evaluation import fid

    monkeypatch.setattr(fid, "inception", lambda path, device: lambda rgb: rgb.mean((1, 2)))
    trial = Trial((str(folder),), (), ("fid",))
    generator = np.random.default_rng(0)
    found = {}
    for pictures in (125, 129):
        tallies = [Tally() for _ in range(GROUPS)]
        for tally in tallies:
            for method in (GRAY, TRUTH):
                features = generator.normal(size=(pictures, 3))
                sums = [features.sum(0), (features.T @ features).ravel()]
                tally.sums.values[method, "fid"] = np.concatenate([*sums, *sums])
                tally.sums.counts[method, "fid"] = pictures
        found[pictures] = decide(trial, tallies, {}).row(GRAY).figures["fid"]
    # Without a group of 125 there are 4,875.
    assert found[125].value == pytest.approx(0, abs=1e-9)
    assert (found[125].low, found[125].pictures) == (None, 5000)
    assert found[129].low is not None


def test_csv_has_a_value_or_the_reason_of_every_figure(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    from photochrom.evaluation import fid

    monkeypatch.setattr(fid, "inception", lambda path, device: lambda rgb: rgb.mean((1, 2)))
    methods = (Method("red", reddish, {"parameters": 7}), Method("broken", broken))
    trial = Trial((str(folder),), methods, ("auc", "fid", "ms-ssim", "top-1"), View(64))
    lacking = {"lpips": "weights not available: no file"}
    verdict = decide(trial, run_trial(trial, jobs=1), lacking)
    lines = list(csv.DictReader(as_csv(verdict).splitlines()))
    whole = {(x["method"], x["metric"]): x for x in lines if not x["category"]}
    names = [*trial.metrics, "lpips"]
    assert list(whole) == [(m, n) for m in (GRAY, "red", "broken", TRUTH) for n in names]
    assert all(bool(line["value"]) != bool(line["reason"]) for line in lines)
    reasons = {name: whole["red", name]["reason"] for name in names}
    assert reasons["auc"] == ""
    assert reasons["fid"].startswith("refused: FID of 7 pictures")
    assert reasons["ms-ssim"] == "only of pictures with sides of 176 pixels or more"
    assert reasons["top-1"] == "only of models that classify colors into bins of ab"
    assert reasons["lpips"] == lacking["lpips"]
    assert whole["broken", "auc"]["reason"].startswith("failed: the model broken answered")
    shown = as_table(verdict).splitlines()
    assert shown[0].split()[-3:] == ["LPIPS", "ms", "parameters"]
    assert next(line for line in shown if line.startswith("gray")).split()[-1] == "n/a"
    assert "LPIPS: weights not available: no file" in shown
    assert float(whole["red", "auc"]["milliseconds"]) > 0
    assert whole["red", "fid"]["parameters"] == "7"


def test_a_metric_without_a_figure_says_why(folder: Path) -> None:
    asked = ("auc", "ms-ssim", "top-1")
    trial = Trial((str(folder),), (Method("red", reddish),), asked, View(64))
    verdict = decide(trial, run_trial(trial, jobs=1), {})
    assert list(verdict.missing) == ["ms-ssim", "top-1"]
    text = as_table(verdict)
    assert "\nMS-SSIM: only of pictures with sides of 176 pixels or more" in text
    assert "\ntop-1: only of models that classify colors into bins" in text
    # Where every model has one, the words go.
    figures = verdict.row("red").figures | {"top-1": Figure(50.0)}
    rows = [verdict.rows[0], replace(verdict.row("red"), figures=figures), verdict.rows[2]]
    assert list(explained(replace(verdict, rows=rows)).missing) == ["ms-ssim"]


def test_what_was_judged_before_is_not_said_to_lack_a_figure(folder: Path) -> None:
    trial = Trial((str(folder),), (Method("bins", reddish),), ("auc", "top-1"), View(64))
    before = decide(trial, run_trial(trial, jobs=1), {})
    rows = {row.method: row for row in before.rows}
    figures = rows["bins"].figures | {"top-1": Figure(50.0)}
    rows["bins"] = replace(rows["bins"], figures=figures)
    alone = replace(trial, methods=())
    verdict = decide(alone, run_trial(alone, jobs=1), {})
    assert "top-1" in verdict.missing
    joined = Earlier(rows, before.records).joined(verdict, trial.methods)
    assert joined is not None
    assert joined.missing == {}


def test_one_metric_by_category(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = Trial((str(folder),), (Method("red", reddish),), ("rebalanced-auc", "auc"), View(64))
    verdict = decide(trial, run_trial(trial, jobs=1), {})
    lines = category_table(verdict).splitlines()
    assert lines[0].split() == ["AuC", "pictures", "gray", "red"]
    expected = verdict.row("red").categories["street"]["auc"].value
    assert lines[3].split()[::3] == ["street", f"{expected:.2f}"]
    assert lines[2].split()[:2] == ["forest", "3"]
    monkeypatch.setattr(table, "MOST_CATEGORIES", 1)
    assert category_table(verdict).endswith(
        "and 1 more categories: --json, --csv and --report have them"
    )
    one = replace(trial, categories=("forest",))
    assert category_table(decide(one, run_trial(one, jobs=1), {})) == ""


def test_several_metrics_by_one_word() -> None:
    names, missing = available_metrics(("chroma",))
    assert names == ("rmse-grayish", "rmse-muted", "rmse-colorful", "rmse-vivid")
    assert missing == {}


@pytest.mark.parametrize("metric", ["recognition", "fid"])
def test_a_network_that_there_is_not_is_an_error(metric: str) -> None:
    pytest.importorskip("torch")
    options = metric_options([f"{metric}.backbone=test_resnets"])
    with pytest.raises(UnknownName, match=rf"{metric}: .*'test_resnets'; did you mean test_resnet"):
        available_metrics((metric,), options)


def test_weights_that_are_not_here_are_no_error() -> None:
    pytest.importorskip("torch")
    options = metric_options(["recognition.backbone=test_resnet", "recognition.path=/no/such"])
    found, missing = available_metrics(("recognition", "auc"), options)
    assert found == ("auc",)
    assert missing["recognition"].startswith("weights not available: ")


@pytest.mark.parametrize("name", ["cdc", "warp-error"])
def test_figures_of_clips_are_not_of_photographs(name: str) -> None:
    with pytest.raises(WrongInput, match=f"^{name} is of clips, not of photographs"):
        available_metrics((name,))
    with pytest.raises(WrongInput, match="of clips"):
        metric_options([f"{name}.path=x"])
