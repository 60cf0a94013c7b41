"""Judges methods on pictures: every method sees the same gray, beside gray and the truth."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from typing import Any

import numpy as np

from photochrom.data.categories import in_categories
from photochrom.data.grayness import is_gray
from photochrom.data.pictures import Pictures
from photochrom.data.sources import open_pictures
from photochrom.data.transforms import decode
from photochrom.errors import DataError, ModelError
from photochrom.evaluation.calibration import reliability
from photochrom.evaluation.cards import build_metric
from photochrom.evaluation.methods import GRAY, TRUTH, Guess, Method, gray_guess
from photochrom.evaluation.metric import Metric, refusal_of
from photochrom.evaluation.pair import Pair
from photochrom.evaluation.shades import count_shades
from photochrom.evaluation.tally import Record, Tally
from photochrom.evaluation.view import View

GROUPS = 40
"""Pictures are judged in so many groups, whatever their number: what intervals follow from."""

CALIBRATION, SHADES = "calibration", "shades"
"""Statistics beside the metrics', for the report."""


@dataclass(frozen=True)
class Trial:
    """What is judged on what: everything that a process needs to do its part.

    ``places`` as for :func:`~photochrom.data.sources.open_pictures`, of all or some ``categories``,
    at most ``limit`` pictures (0: all), evenly spread; ``options`` of metrics by their names.
    """

    places: tuple[str, ...]
    methods: tuple[Method, ...]
    metrics: tuple[str, ...]
    view: View = field(default_factory=View)
    categories: tuple[str, ...] = ()
    limit: int = 0
    options: dict[str, dict[str, Any]] = field(default_factory=dict)

    def built(self) -> dict[str, Metric]:
        """The metrics by name, with their options."""
        return {name: build_metric(name, **self.options.get(name, {})) for name in self.metrics}

    def pictures(self) -> tuple[Pictures, list[int]]:
        """The pictures and which of them are judged; raises :class:`DataError` without any."""
        pictures: Pictures = open_pictures(self.places)
        if self.categories:
            pictures = in_categories(pictures, self.categories)
        count = min(len(pictures), self.limit or len(pictures))
        return pictures, [round(i * len(pictures) / count) for i in range(count)]


class Bench:
    """A trial opened in one process; ``stopped`` is asked before every picture."""

    def __init__(self, trial: Trial, stopped: Callable[[], bool] = lambda: False) -> None:
        self.trial, self.stopped = trial, stopped
        self.all, self.chosen = trial.pictures()
        # Each measurement may be two passes of a large network: none for what will be refused.
        self.metrics = {
            name: metric
            for name, metric in trial.built().items()
            if not refusal_of(metric, len(self.chosen))
        }
        self.methods = {method.name: method.open() for method in trial.methods}
        self.warm: set[str] = set()

    def judge(self, group: int) -> Tally:
        """Judge the pictures of one group, in order."""
        tally = Tally()
        for index in self.chosen[group::GROUPS]:
            if self.stopped():
                break
            name = self.all.name(index)
            try:
                image = decode(self.all.read(index), name)
            except DataError:
                tally.unreadable.append(name)
                continue
            if is_gray(image):
                tally.gray.append(name)
                continue
            true, gray = self.trial.view.of(image)
            self._one(tally, index, true, gray)
        return tally

    def _one(self, tally: Tally, index: int, true: np.ndarray, gray: np.ndarray) -> None:
        name, category = self.all.name(index), self.all.category(index)
        pair = Pair(true, true, name)
        errors: dict[str, float] = {}
        guesses = self._guesses(tally, true, gray)
        for method, guess in guesses:
            # What the rows before have computed of the truth is not computed again.
            pair = pair.beside(guess.rgb, logits=guess.logits, centers=guess.centers)
            for metric, built in self.metrics.items():
                statistics = built.measure(pair)
                if statistics is not None:
                    tally.add((method, metric), statistics, category)
            found = reliability(guess, pair.true_lab[1:])
            if found is not None:
                tally.sums.add((method, CALIBRATION), found.ravel())
            shades = count_shades(pair.predicted_lab, pair.predicted_chroma)
            tally.sums.add((method, SHADES), shades)
            errors[method] = float(pair.ab_error.mean())
        tally.records.append(Record(index, name, errors))

    def _guesses(
        self, tally: Tally, true: np.ndarray, gray: np.ndarray
    ) -> Iterator[tuple[str, Guess]]:
        yield GRAY, gray_guess(gray)
        for name, colorize in self.methods.items():
            if name in tally.failed:
                continue
            started = time.perf_counter()
            try:
                if name not in self.warm:
                    # The first picture of each process prepares more than itself.
                    colorize(gray)
                    self.warm.add(name)
                    started = time.perf_counter()
                guess = colorize(gray)
            except ModelError as error:
                tally.failed[name] = str(error)
                continue
            tally.seconds[name] += time.perf_counter() - started
            yield name, guess
        yield TRUTH, Guess(true)


_bench: Bench | None = None


def _open(trial: Trial, stop: Event) -> None:
    global _bench
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bench = Bench(trial, stop.is_set)


def _judge(group: int) -> Tally:
    assert _bench is not None
    return _bench.judge(group)


def run_trial(
    trial: Trial, *, jobs: int, advance: Callable[[int], None] = lambda count: None
) -> list[Tally]:
    """Judge all groups, in ``jobs`` processes; the tallies do not depend on their number.

    ``advance`` hears how many more pictures are done. Raises :class:`DataError` without pictures
    and what opening a method or a metric raises.
    """
    # Here first, so that what is wrong is said once and before any process starts.
    pictures, chosen = trial.pictures()
    groups = min(GROUPS, len(chosen))
    sizes = [len(chosen[group::GROUPS]) for group in range(groups)]
    tallies: list[Tally] = []
    for size, tally in zip(sizes, _all(trial, groups, jobs), strict=True):
        if tallies:
            tallies[0].relieve(tally)
        tallies.append(tally)
        advance(size)
    tallies[0].own_results.extend(pictures.own_results)
    if not any(tally.records for tally in tallies):
        message = f"no color picture to judge by: {_left_out(tallies)}"
        raise DataError(message)
    return tallies


def _all(trial: Trial, groups: int, jobs: int) -> Iterator[Tally]:
    if jobs == 1:
        yield from map(Bench(trial).judge, range(groups))
        return
    context = get_context("spawn")
    stop = context.Event()
    pool = ProcessPoolExecutor(jobs, context, initializer=_open, initargs=(trial, stop))
    try:
        yield from pool.map(_judge, range(groups))
    finally:
        # After Ctrl-C the interpreter waits for its processes, and they for their pictures.
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)


def _left_out(tallies: Sequence[Tally]) -> str:
    gray = sum(len(tally.gray) for tally in tallies)
    broken = [name for tally in tallies for name in tally.unreadable]
    such = f", such as {broken[0]}" if broken else ""
    return f"{gray:,} are gray, {len(broken):,} cannot be read{such}"
