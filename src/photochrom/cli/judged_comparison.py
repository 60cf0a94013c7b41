"""The judging of a comparison's runs: table, winners, comparison.json and comparison.html."""

from __future__ import annotations

import csv
import dataclasses
import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from photochrom.cli.evaluate import check_writable, progress_of, write_text
from photochrom.cli.judged_model import judged_models
from photochrom.data.sources import open_pictures
from photochrom.errors import RecipeError, WrongInput
from photochrom.evaluation.available import available_metrics
from photochrom.evaluation.earlier import Earlier
from photochrom.evaluation.methods import Method
from photochrom.evaluation.report.contest import Cost, contest_html, winners_text
from photochrom.evaluation.report.page import write_page
from photochrom.evaluation.runner import Trial, run_trial
from photochrom.evaluation.table import as_table
from photochrom.evaluation.verdict import Verdict, decide
from photochrom.evaluation.view import View
from photochrom.evaluation.words import shown_word
from photochrom.inference.settings import Settings

if TYPE_CHECKING:
    from photochrom.training.comparison import Comparison, Run

JUDGED = "comparison.json"
LOGGED = "validation/"
OF_DOCUMENTS = (
    "ab-mse", "uv-error", "u-accuracy", "v-accuracy", "saturation-difference",
    "top-1", "top-5", "cross-entropy",
)  # fmt: skip
"""What the papers of the recipes measured, judged beside the usual metrics."""


@dataclasses.dataclass(frozen=True)
class Judging:
    """How a comparison is judged; fields as the options of ``photochrom compare``."""

    places: tuple[str, ...]
    view: View
    size: int | None = None
    limit: int = 0
    metrics: tuple[str, ...] = ()
    dials: tuple[str, ...] = ()
    jobs: int = 1

    @property
    def wanted(self) -> tuple[str, ...]:
        """Names of the metrics, or of groups of them."""
        return self.metrics or ("usual", *OF_DOCUMENTS)

    def check(self) -> None:
        """See that it can be done, before hours of training.

        Raises :class:`WrongInput` for a size or a dial, :class:`UnknownName` for a metric, and
        :class:`DataError` for places without pictures.
        """
        Settings(size=self.size)
        for text in self.dials:
            _dial(text)
        available_metrics(self.wanted)
        open_pictures(self.places)


def _dial(text: str) -> tuple[float, float]:
    """Rebalance and temperature of "0:0.38"; raises :class:`WrongInput`."""
    rebalance, _, temperature = text.partition(":")
    try:
        dial = float(rebalance), float(temperature)
    except ValueError:
        message = f"a dial reads rebalance:temperature, as 0:0.38, not {text!r}"
        raise WrongInput(message) from None
    Settings(rebalance=dial[0], temperature=dial[1])
    return dial


def judge_comparison(comparison: Comparison, judging: Judging) -> None:
    """Judge what is finished and write the page; raises :class:`RecipeError` if nothing is.

    What is not finished is named.
    """
    unfinished = comparison.unfinished
    if not comparison.finished:
        message = f"{comparison.out}: nothing is finished yet; still to train: {_list(unfinished)}"
        raise RecipeError(message)
    check_writable([comparison.out / JUDGED])
    methods, costs = _methods(comparison, judging)
    metrics, missing = available_metrics(judging.wanted)
    trial = Trial(judging.places, methods, metrics, judging.view, limit=judging.limit)
    verdict = _verdict(comparison.out / JUDGED, judging, trial, missing)
    click.echo(as_table(verdict))
    click.echo(winners_text(verdict, costs))
    if unfinished:
        click.echo(f"not finished, not judged: {_list(unfinished)}")
    _write(comparison, judging, trial, verdict, costs)
    if any(row.failed for row in verdict.rows):
        raise click.exceptions.Exit(1)


def _verdict(path: Path, judging: Judging, trial: Trial, missing: dict[str, str]) -> Verdict:
    """Of every method; what ``path`` says of the same weights and pictures is not found again."""
    earlier = Earlier.read(path, _terms(judging) | {"metrics": list(trial.metrics)})
    if earlier is None:
        return _judged(trial, judging.jobs, missing)
    new = tuple(method for method in trial.methods if not earlier.knows(method))
    found = _judged(dataclasses.replace(trial, methods=new), judging.jobs, missing)
    joined = earlier.joined(found, trial.methods)
    if joined is None:
        click.echo("the pictures are not those of before: every model is judged anew")
        return _judged(trial, judging.jobs, missing)
    return joined


def _judged(trial: Trial, jobs: int, missing: dict[str, str]) -> Verdict:
    with progress_of(trial, quiet=False) as advance:
        return decide(trial, run_trial(trial, jobs=jobs, advance=advance), missing)


def _terms(judging: Judging) -> dict[str, Any]:
    """What figures depend on beside models, metrics and pictures."""
    from photochrom import __version__

    return {"size": judging.size, "version": __version__, **dataclasses.asdict(judging.view)}


def _list(names: list[str]) -> str:
    return ", ".join(names)


def _methods(
    comparison: Comparison, judging: Judging
) -> tuple[tuple[Method, ...], dict[str, Cost]]:
    """Every finished run, those that classify colors also at each dial; and their costs by row."""
    methods: list[Method] = []
    costs: dict[str, Cost] = {}
    for run in comparison.finished:
        folder = str(comparison.folder(run))
        (usual,) = judged_models((folder,), size=judging.size, calibration=True)
        cost = _cost(comparison, run)
        methods.append(dataclasses.replace(usual, name=run.name))
        costs[run.name] = cost
        if "temperature" not in usual.facts["inputs"]:
            continue
        rebalances = "rebalance" in usual.facts["inputs"]
        for dial in dict.fromkeys(judging.dials):
            rebalance, temperature = _dial(dial)
            if not rebalances and rebalance:
                continue
            at = dial if rebalances else f":{temperature}"
            (set_by_hand,) = judged_models((f"{folder}@{at}",), size=judging.size, calibration=True)
            name = f"{run.name}@{dial}"
            methods.append(dataclasses.replace(set_by_hand, name=name))
            costs[name] = cost
    return tuple(methods), costs


def _cost(comparison: Comparison, run: Run) -> Cost:
    with (comparison.folder(run) / "metrics.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    keys = [key for key in (rows[0] if rows else {}) if key.startswith(LOGGED)]
    curves = {
        key: [(float(row["images"]), float(row[key])) for row in rows if row.get(key)]
        for key in keys
    }
    return Cost(run.images, run.seconds, curves)


def _write(
    comparison: Comparison, judging: Judging, trial: Trial, verdict: Verdict, costs: dict[str, Cost]
) -> None:
    terms = _terms(judging)
    command = shlex.join(["photochrom", "compare", *map(shown_word, sys.argv[2:])])
    trained_by = {run: comparison.trained_by(run) for run in comparison.finished}
    values = _without_folders(
        verdict.to_dict()
        | terms
        | {
            "asked": comparison.asked,
            "unfinished": comparison.unfinished,
            "recipes": {run.name: facts["recipe"] for run, facts in trained_by.items()},
            "data": {run.data: facts["data"] for run, facts in trained_by.items()},
            "costs": {name: dataclasses.asdict(cost) for name, cost in costs.items()},
        }
    ) | {"command": command}
    write_text(comparison.out / JUDGED, json.dumps(values, indent=1))
    page = write_page(
        trial,
        verdict,
        command=command,
        version=terms["version"],
        contest=contest_html(verdict, costs, comparison.unfinished),
    )
    write_text(comparison.out / "comparison.html", page)
    click.echo(f"{comparison.out / 'comparison.html'}: the page")


def _without_folders(value: Any) -> Any:
    """Values whose absolute paths are file names only: folders of a machine concern nobody else."""
    if isinstance(value, dict):
        return {key: _without_folders(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_folders(one) for one in value]
    return shown_word(value) if isinstance(value, str) else value
