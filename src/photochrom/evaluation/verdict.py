"""Tallies made into rows: figures with their intervals, by method and by category."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.errors import PhotochromError
from photochrom.evaluation.calibration import STEPS, calibration_error
from photochrom.evaluation.cards import METRICS, Metric
from photochrom.evaluation.jackknife import half_width, leave_one_out
from photochrom.evaluation.methods import GRAY, TRUTH
from photochrom.evaluation.runner import CALIBRATION, SHADES, Trial
from photochrom.evaluation.tally import LARGEST, Record, Sums, Tally


@dataclass(frozen=True)
class Figure:
    """A metric's value for one method, its 95 % interval, and the pictures it is of.

    ``without`` are the values without each group of pictures, the same groups for every method:
    differences of methods have smaller intervals than the methods, see ``jackknife``.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    pictures: int = 0
    without: tuple[float, ...] = ()


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

    ``missing`` says of metrics why they have no figure, ``notes`` what a figure depends on.
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

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; pictures by name, no folder of this machine."""
        return asdict(self) | {"places": [shown_word(place) for place in self.places]}

    def row(self, method: str) -> Row:
        """The row of a method."""
        return next(row for row in self.rows if row.method == method)


def shown_word(word: str) -> str:
    """A word as others may see it: of an absolute path only its end."""
    return Path(word).name if Path(word).is_absolute() else word


def decide(trial: Trial, tallies: Sequence[Tally], missing: dict[str, str]) -> Verdict:
    """Figures of every method, gray first and the truth last."""
    metrics = trial.built()
    failed = {name: text for tally in tallies for name, text in tally.failed.items()}
    rows = [
        Row(method.name, method.facts, failed=failed[method.name])
        if method.name in failed
        else _row(method.name, method.facts, tallies, metrics)
        for method in trial.methods
    ]
    ends = [_row(name, {}, tallies, metrics) for name in (GRAY, TRUTH)]
    return Verdict(
        places=list(trial.places),
        pictures=sum(len(t.records) for t in tallies),
        side=trial.view.side,
        fit=trial.view.fit,
        metrics=list(trial.metrics),
        rows=[ends[0], *rows, ends[1]],
        records=sorted((r for t in tallies for r in t.records), key=lambda r: r.index),
        unreadable=[name for t in tallies for name in t.unreadable],
        gray=[name for t in tallies for name in t.gray],
        missing=missing | _refused(metrics, tallies),
        notes={
            name: f"{metric.backbone}, {_pictures(name, tallies):,} pictures"
            for name, metric in metrics.items()
            if hasattr(metric, "backbone")
        },
        film=trial.view.film,
    )


def _pictures(metric: str, tallies: Sequence[Tally]) -> int:
    """How many pictures a metric has seen of gray, and so of every method that did not fail."""
    return sum(tally.sums.counts.get((GRAY, metric), 0) for tally in tallies)


def _refused(metrics: dict[str, Metric], tallies: Sequence[Tally]) -> dict[str, str]:
    """Why metrics refuse to give a figure of these pictures."""
    reasons = {}
    for name, metric in metrics.items():
        found = [t.sums.values[GRAY, name] for t in tallies if (GRAY, name) in t.sums.values]
        try:
            if found:
                metric.figure(np.sum(found, axis=0), float(_pictures(name, tallies)))
        except PhotochromError as error:
            reasons[name] = str(error)
    return reasons


def _row(
    method: str, facts: dict[str, Any], tallies: Sequence[Tally], metrics: dict[str, Metric]
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
            name: _figure([t.sums for t in tallies], (method, name), metric)
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
    if not parts:
        return Figure(None)
    sums = np.stack([part.values[key] for part in parts])
    counts = np.array([part.counts[key] for part in parts])
    try:
        value = metric.figure(sums.sum(0), float(counts.sum()))
    except PhotochromError:
        # Too few pictures for it, or weights that are gone: no number is better than a wrong one.
        return Figure(None, pictures=int(counts.sum()))
    if not math.isfinite(value):
        return Figure(None, pictures=int(counts.sum()))
    pictures = int(counts.sum())
    if not with_interval or sums.shape[1] > LARGEST:
        return Figure(value, pictures=pictures)
    without = leave_one_out(sums, counts, metric.figure)
    half = half_width(without)
    if half is None:
        return Figure(value, pictures=pictures)
    return Figure(value, value - half, value + half, pictures, tuple(without.tolist()))


def best(verdict: Verdict, metric: str) -> str | None:
    """The method that a metric ranks first, gray among them, the truth not."""
    truth = verdict.row(TRUTH).figures[metric].value
    rated = [
        (row.figures[metric].value, row.method)
        for row in verdict.rows
        if row.method != TRUTH and not row.failed and row.figures[metric].value is not None
    ]
    if not rated:
        return None
    better = METRICS[metric].better
    if better == "truth":
        return min(rated, key=lambda pair: abs((pair[0] or 0.0) - (truth or 0.0)))[1]
    chosen = max if better == "higher" else min
    return chosen(rated, key=lambda pair: pair[0] or 0.0)[1]
