from __future__ import annotations

import numpy as np
import pytest

from photochrom.evaluation.auc import AbErrors
from photochrom.evaluation.cards import build_metric
from photochrom.evaluation.pair import Pair


def test_truth_is_100() -> None:
    errors, ab = AbErrors(), np.random.default_rng(0).uniform(-80, 80, (2, 9, 9))
    errors.add(ab, ab)
    assert errors.auc() == 100
    assert errors.rebalanced_auc() == pytest.approx(100)


def test_by_hand() -> None:
    # An error of exactly 10 is outside at t = 0..9 and inside at t = 10..150: 141 of 151.
    errors, truth = AbErrors(), np.zeros((2, 4, 4))
    predicted = truth.copy()
    predicted[0, :2] = 10
    errors.add(predicted, truth)
    assert errors.auc() == pytest.approx(100 * (0.5 + 0.5 * 141 / 151))


def test_between_two_thresholds_only_the_greater_holds() -> None:
    errors, truth = AbErrors(), np.zeros((2, 2, 2))
    predicted = truth.copy()
    predicted[0] = 10.5
    errors.add(predicted, truth)
    assert errors.auc() == pytest.approx(100 * 140 / 151)


def test_rebalanced_weighs_colors_alike() -> None:
    truth = np.zeros((2, 10, 10))
    truth[0, 0, 0] = 50
    errors = AbErrors()
    errors.add(np.zeros_like(truth), truth)
    rare = 101 / 151
    assert errors.auc() == pytest.approx(100 * (0.99 + 0.01 * rare))
    assert errors.rebalanced_auc() == pytest.approx(100 * (1 + rare) / 2)


def test_pictures_add_up() -> None:
    generator = np.random.default_rng(0)
    pairs = [generator.uniform(-60, 60, (2, 2, 8, 8)) for _ in range(3)]
    apart, together = AbErrors(), AbErrors()
    for predicted, truth in pairs:
        apart.add(predicted, truth)
    together.add(*np.concatenate(pairs, axis=2))
    assert apart.auc() == pytest.approx(together.auc())
    assert apart.rebalanced_auc() == pytest.approx(together.rebalanced_auc())


def test_errors_beyond_the_last_threshold_count_as_wrong() -> None:
    errors = AbErrors()
    errors.add(np.full((2, 2, 2), 120.0), np.full((2, 2, 2), -100.0))
    assert errors.auc() == 0


def test_metrics_are_the_same_added_up(pairs: list[Pair]) -> None:
    errors = AbErrors()
    for pair in pairs:
        errors.add(pair.predicted_lab[1:], pair.true_lab[1:])
    for name, expected in (("auc", errors.auc()), ("rebalanced-auc", errors.rebalanced_auc())):
        metric = build_metric(name)
        sums = np.sum([metric.measure(pair) for pair in pairs], 0)
        assert metric.figure(sums, len(pairs)) == pytest.approx(expected, abs=1e-9)
        assert expected < 100
