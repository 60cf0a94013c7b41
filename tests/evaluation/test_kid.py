"""The kernel distance of two sets, by its definition, and what groups of pictures come to."""

from __future__ import annotations

import numpy as np
import pytest

from photochrom.evaluation.cards import METRICS
from photochrom.evaluation.kid import KernelDistance
from photochrom.evaluation.metric import refusal_of
from photochrom.evaluation.tally import Sums, Tally
from photochrom.evaluation.verdict import _figure
from tests.evaluation.conftest import pair_of

KEY = ("model", "kid")


def features(rgb: np.ndarray) -> np.ndarray:
    """Made up: means and spreads of the channels."""
    return np.concatenate([rgb.mean((1, 2)), rgb.std((1, 2))]) / 255


def by_definition(found: np.ndarray, true: np.ndarray) -> float:
    """By the kernel of the paper, pair by pair; what is of one photograph is left out."""

    def mean(some: np.ndarray, others: np.ndarray) -> float:
        values = [
            (float(one @ other) / len(one) + 1) ** 3
            for i, one in enumerate(some)
            for j, other in enumerate(others)
            if i != j
        ]
        return sum(values) / len(values)

    return 1000 * (mean(found, found) + mean(true, true) - 2 * mean(found, true))


@pytest.fixture
def rows() -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.normal(size=(30, 2 * 8)) + np.repeat([0.3, 0.0], 8)


def test_it_is_that_of_the_paper(rows: np.ndarray) -> None:
    metric = KernelDistance(features, "made up")
    expected = by_definition(rows[:, :8], rows[:, 8:])
    assert metric.figure(rows, 30) == pytest.approx(expected, rel=1e-6)
    assert metric.figure(rows[::-1], 30) == pytest.approx(expected, rel=1e-6)
    assert np.isnan(metric.figure(rows[:1], 1))


def test_sets_of_one_kind_have_none_on_average() -> None:
    """However few pictures there are, which is why it is compared where FID is not."""
    generator = np.random.default_rng(1)
    metric = KernelDistance(features, "made up")
    for count in (20, 60):
        found = [metric.figure(generator.normal(size=(count, 12)), count) for _ in range(400)]
        error = np.std(found) / 20
        assert abs(np.mean(found)) < 3 * error
    other = generator.normal(size=(60, 12)) + np.repeat([0.5, 0.0], 6)
    assert metric.figure(other, 60) > 5 * np.std(found)


def test_groups_left_out_are_as_if_they_had_not_been(rows: np.ndarray) -> None:
    metric = KernelDistance(features, "made up")
    parts = np.split(rows, [3, 12, 13])
    value, without = metric.figures(parts)
    assert value == pytest.approx(metric.figure(rows, 30))
    for left, found in enumerate(without):
        kept = np.concatenate([part for i, part in enumerate(parts) if i != left])
        assert found == pytest.approx(metric.figure(kept, len(kept)))


def test_pictures_of_groups_become_one_figure_with_its_interval() -> None:
    metric = KernelDistance(features, "made up")
    pairs = [pair_of(seed) for seed in range(24)]
    tallies = [Tally() for _ in range(4)]
    for number, pair in enumerate(pairs):
        tallies[number % 4].add(KEY, metric.measure(pair), "a category")
    whole = Tally()
    for tally in tallies:
        whole.relieve(tally)  # it is never too large to be kept by group
    assert not whole.sums.values
    found = _figure([tally.sums for tally in tallies], KEY, metric)
    rows = np.concatenate([metric.measure(pair) for pair in pairs])
    assert found.value == pytest.approx(metric.figure(rows, 24), rel=1e-4)
    assert found.pictures == 24
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    together = Sums()
    for tally in tallies:
        together.take(KEY, tally.sums)
    assert together.values[KEY].shape == rows.shape
    assert together.counts[KEY] == 24


def test_the_truth_is_far_from_gray_and_not_from_itself() -> None:
    metric = KernelDistance(features, "made up")
    pairs = [pair_of(seed) for seed in range(24)]
    truth = np.concatenate([metric.measure(pair.beside(pair.true)) for pair in pairs])
    gray = [
        np.broadcast_to(p.true.mean(0, keepdims=True).astype(np.uint8), p.true.shape) for p in pairs
    ]
    grays = np.concatenate([metric.measure(p.beside(g)) for p, g in zip(pairs, gray, strict=True)])
    assert metric.figure(truth, 24) == pytest.approx(0, abs=1e-4)
    assert metric.figure(grays, 24) > 1


def test_few_pictures_are_refused() -> None:
    metric = KernelDistance(features, "made up")
    assert "KID of 19 pictures says nothing" in refusal_of(metric, 19)
    assert refusal_of(metric, 20) == ""
    assert METRICS["kid"].better == "lower"
