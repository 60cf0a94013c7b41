"""The judging of a comparison's runs, which comparison.json and comparison.html tell."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photochrom.data.sources import open_pictures
from photochrom.errors import RecipeError, WrongInput
from photochrom.evaluation.available import available_metrics
from photochrom.evaluation.earlier import Earlier
from photochrom.evaluation.methods import Method
from photochrom.evaluation.report.contest import Cost, contest_html
from photochrom.evaluation.report.page import write_page
from photochrom.evaluation.runner import Trial
from photochrom.evaluation.verdict import Verdict
from photochrom.evaluation.view import View
from photochrom.evaluation.words import shown_word
from photochrom.inference.settings import Settings
from photochrom.judging.models import judged_models
from photochrom.judging.trial import judge
from photochrom.photo.atomic import check_writable, write_text
from photochrom.training.progress import ProgressLine

if TYPE_CHECKING:
    from photochrom.training.comparison import Comparison, Run

JUDGED, PAGE = "comparison.json", "comparison.html"
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


def judge_comparison(
    comparison: Comparison, judging: Judging, *, progress: ProgressLine, command: str
) -> tuple[Verdict, dict[str, Cost]]:
    """Judge what is finished; write comparison.json and the page, which quotes ``command``.

    Returns the verdict and what each of its rows cost; raises :class:`RecipeError` if nothing is
    finished.
    """
    unfinished = comparison.unfinished
    if not comparison.finished:
        names = ", ".join(unfinished)
        message = f"{comparison.out}: nothing is finished yet; still to train: {names}"
        raise RecipeError(message)
    check_writable([comparison.out / JUDGED])
    methods, costs = _methods(comparison, judging)
    metrics, missing = available_metrics(judging.wanted)
    trial = Trial(judging.places, methods, metrics, judging.view, limit=judging.limit)
    verdict = _verdict(comparison.out / JUDGED, judging, trial, missing, progress)
    _write(comparison, judging, trial, verdict, costs, command)
    return verdict, costs


def _verdict(
    path: Path, judging: Judging, trial: Trial, missing: dict[str, str], progress: ProgressLine
) -> Verdict:
    """Of every method; what ``path`` says of the same weights and pictures is not found again."""

    def judged(some: Trial) -> Verdict:
        return judge(some, jobs=judging.jobs, missing=missing, progress=progress)

    earlier = Earlier.read(path, _terms(judging) | {"metrics": list(trial.metrics)})
    if earlier is None:
        return judged(trial)
    new = tuple(method for method in trial.methods if not earlier.knows(method))
    found = judged(dataclasses.replace(trial, methods=new))
    joined = earlier.joined(found, trial.methods)
    if joined is None:
        progress.say("the pictures are not those of before: every model is judged anew")
        return judged(trial)
    return joined


def _terms(judging: Judging) -> dict[str, Any]:
    """What figures depend on beside models, metrics and pictures."""
    from photochrom import __version__

    return {"size": judging.size, "version": __version__, **dataclasses.asdict(judging.view)}


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
    comparison: Comparison,
    judging: Judging,
    trial: Trial,
    verdict: Verdict,
    costs: dict[str, Cost],
    command: str,
) -> None:
    terms = _terms(judging)
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
    write_text(comparison.out / PAGE, page)


def _without_folders(value: Any) -> Any:
    """Values whose absolute paths are file names only: folders of a machine concern nobody else."""
    if isinstance(value, dict):
        return {key: _without_folders(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_folders(one) for one in value]
    return shown_word(value) if isinstance(value, str) else value
