"""Tallies made into rows: figures with their intervals, by method and by category."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from photochrom.errors import PhotochromError
from photochrom.evaluation.bin_systems import incomparable
from photochrom.evaluation.calibration import STEPS, calibration_error
from photochrom.evaluation.cards import METRICS
from photochrom.evaluation.jackknife import half_width, leave_one_out
from photochrom.evaluation.methods import GRAY, TRUTH
from photochrom.evaluation.metric import Metric, refusal_of
from photochrom.evaluation.runner import CALIBRATION, SHADES, Trial
from photochrom.evaluation.tally import LARGEST, Record, Sums, Tally
from photochrom.evaluation.words import shown_word


@dataclass(frozen=True)
class Figure:
    """A metric's value for one method, its 95 % interval, and the pictures it is of.

    ``without`` are the values without each group of pictures, the same groups for every method:
    differences of methods have smaller intervals than the methods, see ``jackknife``. ``reason``
    says why there is no value.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    pictures: int = 0
    without: tuple[float, ...] = ()
    reason: str = field(default="", compare=False)


@dataclass(frozen=True)
class Row:
    """One method: ``figures`` by metric, ``categories`` by category and metric.

    ``milliseconds`` for each picture, network and pipeline without decoding, on one thread.
    ``calibration`` is its expected error in percent with the counts of each step of confidence,
    ``shades`` its pixels by chroma and by hue.
    """

    method: str
    facts: dict[str, Any] = field(default_factory=dict)
    milliseconds: float | None = None
    figures: dict[str, Figure] = field(default_factory=dict)
    categories: dict[str, dict[str, Figure]] = field(default_factory=dict)
    calibration_error: float | None = None
    calibration: list[list[float]] = field(default_factory=list)
    shades: list[float] = field(default_factory=list)
    failed: str = ""


@dataclass(frozen=True)
class Verdict:
    """All that a trial found.

    ``missing`` says of metrics why they, or some models, have no figure; ``notes`` what a figure
    depends on; ``unreadable``, ``gray`` and ``own_results`` name the pictures that were left out.
    """

    places: list[str]
    pictures: int
    side: int
    fit: str
    metrics: list[str]
    rows: list[Row]
    records: list[Record]
    unreadable: list[str]
    gray: list[str]
    missing: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    film: str = ""
    own_results: list[str] = field(default_factory=list)
    date: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; pictures by name, no folder of this machine."""
        return asdict(self) | {"places": [shown_word(place) for place in self.places]}

    @property
    def models(self) -> list[Row]:
        """The rows of models that did not fail."""
        return [row for row in self.rows if row.method not in (GRAY, TRUTH) and not row.failed]

    @property
    def columns(self) -> list[str]:
        """The metrics asked for: those measured, then those that could not be."""
        return list(dict.fromkeys([*self.metrics, *self.missing]))

    def by_category(self) -> tuple[str, list[str]]:
        """The first metric that is kept by category, and the categories; none if fewer than two."""
        names = sorted({category for row in self.rows for category in row.categories})
        kept = {
            metric
            for row in self.rows
            for figures in row.categories.values()
            for metric, figure in figures.items()
            if figure.pictures
        }
        metric = next((metric for metric in self.metrics if metric in kept), "")
        return metric, names if metric and len(names) > 1 else []

    def row(self, method: str) -> Row:
        """The row of a method."""
        return next(row for row in self.rows if row.method == method)


def decide(trial: Trial, tallies: Sequence[Tally], missing: dict[str, str]) -> Verdict:
    """Figures of every method, gray first and the truth last."""
    metrics = trial.built()
    refused = _refused(metrics, tallies)
    failed = {name: text for tally in tallies for name, text in tally.failed.items()}
    rows = [
        Row(method.name, method.facts, failed=failed[method.name])
        if method.name in failed
        else _row(method.name, method.facts, tallies, metrics, refused)
        for method in trial.methods
    ]
    ends = [_row(name, {}, tallies, metrics, refused) for name in (GRAY, TRUTH)]
    verdict = Verdict(
        places=list(trial.places),
        pictures=sum(len(t.records) for t in tallies),
        side=trial.view.side,
        fit=trial.view.fit,
        metrics=list(trial.metrics),
        rows=[ends[0], *rows, ends[1]],
        records=sorted((r for t in tallies for r in t.records), key=lambda r: r.index),
        unreadable=[name for t in tallies for name in t.unreadable],
        gray=[name for t in tallies for name in t.gray],
        own_results=[name for t in tallies for name in t.own_results],
        missing=missing | refused,
        notes={
            name: f"{metric.backbone}, {_pictures(name, tallies):,} pictures"
            for name, metric in metrics.items()
            if hasattr(metric, "backbone") and name not in refused
        },
        film=trial.view.film,
        date=datetime.date.today().isoformat(),
    )
    return explained(verdict)


def explained(verdict: Verdict) -> Verdict:
    """The verdict whose ``missing`` says of its rows, as they are now, why figures are not there.

    Gray and the truth lack what only models have: alone that needs no words.
    """
    missing = {n: text for n, text in verdict.missing.items() if text != METRICS[n].silent}
    for name in verdict.metrics:
        lacking = [row for row in verdict.rows if not row.failed and _lacks(row, name)]
        models = [row for row in lacking if row.method not in (GRAY, TRUTH)]
        whole = len(lacking) == sum(not row.failed for row in verdict.rows)
        if name not in missing and (models or whole):
            missing[name] = METRICS[name].silent
    apart = {name: incomparable(verdict.rows, name) for name in verdict.metrics}
    notes = verdict.notes | {name: text for name, text in apart.items() if text}
    return replace(verdict, missing=missing, notes=notes)


def _lacks(row: Row, metric: str) -> bool:
    return row.figures.get(metric, Figure(None)).value is None


def _pictures(metric: str, tallies: Sequence[Tally]) -> int:
    """How many pictures a metric has seen of gray, and so of every method that did not fail."""
    return sum(tally.sums.counts.get((GRAY, metric), 0) for tally in tallies)


def _refused(metrics: dict[str, Metric], tallies: Sequence[Tally]) -> dict[str, str]:
    """Why metrics refuse to give a figure of these pictures; they may not have been measured."""
    judged = sum(len(t.records) for t in tallies)
    reasons = {
        name: refusal_of(metric, _pictures(name, tallies) or judged)
        for name, metric in metrics.items()
    }
    return {name: reason for name, reason in reasons.items() if reason}


def _row(
    method: str,
    facts: dict[str, Any],
    tallies: Sequence[Tally],
    metrics: dict[str, Metric],
    refused: dict[str, str],
) -> Row:
    seconds = sum(t.seconds.get(method, 0.0) for t in tallies)
    pictures = sum(len(t.records) for t in tallies)
    categories = sorted({category for t in tallies for category in t.categories})
    reliability = _total(tallies, (method, CALIBRATION))
    shades = _total(tallies, (method, SHADES))
    return Row(
        method,
        facts,
        milliseconds=1000 * seconds / pictures if seconds else None,
        figures={
            name: Figure(None, reason=f"refused: {refused[name]}")
            if name in refused
            else _figure([t.sums for t in tallies], (method, name), metric)
            for name, metric in metrics.items()
        },
        categories={
            category: {
                name: _figure(
                    [t.categories[category] for t in tallies if category in t.categories],
                    (method, name),
                    metric,
                    with_interval=False,
                )
                for name, metric in metrics.items()
            }
            for category in categories
        },
        calibration_error=None
        if reliability is None
        else calibration_error(reliability.reshape(3, STEPS)),
        calibration=[] if reliability is None else reliability.reshape(3, STEPS).tolist(),
        shades=[] if shades is None else shades.tolist(),
    )


def _total(tallies: Sequence[Tally], key: tuple[str, str]) -> np.ndarray | None:
    found = [t.sums.values[key] for t in tallies if key in t.sums.values]
    return np.sum(found, axis=0) if found else None


def _figure(
    parts: Sequence[Sums], key: tuple[str, str], metric: Metric, *, with_interval: bool = True
) -> Figure:
    parts = [part for part in parts if key in part.values]
    silent = METRICS[key[1]].silent
    if not parts:
        return Figure(None, reason=silent)
    sums = [part.values[key] for part in parts]
    counts = np.array([part.counts[key] for part in parts])
    pictures = int(counts.sum())
    try:
        value, without = _values(sums, counts, metric, with_interval=with_interval)
    except PhotochromError as error:
        # Too few pictures for it, as of a category: no number is better than a wrong one.
        return Figure(None, pictures=pictures, reason=f"refused: {error}")
    if not math.isfinite(value):
        return Figure(None, pictures=pictures, reason=silent)
    half = half_width(without)
    if half is None:
        return Figure(value, pictures=pictures)
    lowest, highest = METRICS[key[1]].bounds
    low, high = max(value - half, lowest), min(value + half, highest)
    return Figure(value, low, high, pictures, tuple(without.tolist()))


def _values(
    sums: Sequence[np.ndarray], counts: np.ndarray, metric: Metric, *, with_interval: bool
) -> tuple[float, np.ndarray]:
    """The figure of all groups, and those without each, ``(G,)``: none where no interval is told.

    Raises as the metric does where it refuses a figure of so few pictures.
    """
    if stacked := getattr(metric, "figures", None):
        value, without = stacked(sums)
        return value, without if with_interval else np.zeros(0)
    added = np.stack(sums)
    value = metric.figure(added.sum(0), float(counts.sum()))
    if not math.isfinite(value) or not with_interval or added.shape[1] > LARGEST:
        return value, np.zeros(0)
    try:
        return value, leave_one_out(added, counts, metric.figure)
    except PhotochromError:
        # Enough pictures for a figure, but not without a group: it stands without an interval.
        return value, np.zeros(0)
