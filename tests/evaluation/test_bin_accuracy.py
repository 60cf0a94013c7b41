from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from photochrom.color.bins import zhang_313
from photochrom.evaluation.bin_accuracy import true_bins
from photochrom.evaluation.cards import build_metric
from photochrom.evaluation.pair import Pair
from tests.evaluation.conftest import pair_of

CENTERS = zhang_313()


def with_logits(logits: np.ndarray, pair: Pair | None = None) -> Pair:
    return dataclasses.replace(pair or pair_of(0), logits=logits, centers=CENTERS)


def measure(name: str, pair: Pair) -> float:
    metric = build_metric(name)
    return metric.figure(metric.measure(pair), 1)


def random_logits(height: int = 12, width: int = 16) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 2, (313, height, width)).astype(np.float32)


def test_the_true_bin_is_nearest_to_the_mean_color() -> None:
    pair = with_logits(random_logits())
    means = pair.true_lab[1:].reshape(2, 12, 4, 16, 4).mean((2, 4))
    distance = np.linalg.norm(means[:, None] - CENTERS.T[:, :, None, None], axis=0)
    np.testing.assert_array_equal(true_bins(pair), distance.argmin(0))


def test_against_a_loop() -> None:
    pair = with_logits(random_logits())
    bins = true_bins(pair)
    first, fifth, entropy = [], [], []
    for y, x in np.ndindex(12, 16):
        logits = pair.logits[:, y, x].astype(np.float64)
        order = np.argsort(-logits)
        first.append(order[0] == bins[y, x])
        fifth.append(bins[y, x] in order[:5])
        entropy.append(-math.log(np.exp(logits)[bins[y, x]] / np.exp(logits).sum()))
    assert measure("top-1", pair) == pytest.approx(100 * np.mean(first))
    assert measure("top-5", pair) == pytest.approx(100 * np.mean(fifth))
    assert measure("cross-entropy", pair) == pytest.approx(np.mean(entropy), rel=1e-5)


def test_certain_and_right() -> None:
    pair = with_logits(random_logits())
    logits = 900.0 * (np.arange(313)[:, None, None] == true_bins(pair))
    pair = with_logits(logits.astype(np.float32))
    assert measure("top-1", pair) == 100
    assert measure("cross-entropy", pair) == pytest.approx(0, abs=1e-6)


def test_knowing_nothing_is_no_knowledge() -> None:
    pair = with_logits(np.zeros((313, 12, 16), np.float32))
    assert measure("cross-entropy", pair) == pytest.approx(math.log(313), rel=1e-5)
    assert measure("top-5", pair) <= 100 * (true_bins(pair) < 5).mean()


def test_sizes_that_do_not_divide() -> None:
    assert true_bins(with_logits(random_logits(7, 9))).shape == (7, 9)


@pytest.mark.parametrize("name", ["top-1", "top-5", "cross-entropy"])
def test_models_that_do_not_classify_say_nothing(name: str) -> None:
    assert build_metric(name).measure(pair_of(0)) is None
