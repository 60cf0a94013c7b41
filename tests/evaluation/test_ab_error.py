from __future__ import annotations

import math

import numpy as np
import pytest

from photochrom.color.spaces import rgb_to_lab
from photochrom.evaluation.ab_error import BANDS
from photochrom.evaluation.cards import build_metric
from photochrom.evaluation.pair import Pair
from tests.evaluation.conftest import pair_of


def ab(rgb: np.ndarray) -> np.ndarray:
    return rgb_to_lab(rgb / 255)[1:]


def figure(name: str, pairs: list[Pair]) -> float:
    metric = build_metric(name)
    statistics = [s for s in map(metric.measure, pairs) if s is not None]
    return metric.figure(np.sum(statistics, 0), len(statistics))


def test_all_values_of_the_set_count_alike() -> None:
    pairs = [pair_of(0), pair_of(1, size=(20, 30))]
    differences = [(ab(p.predicted) - ab(p.true)).ravel() for p in pairs]
    expected = np.mean(np.concatenate(differences) ** 2)
    assert figure("ab-mse", pairs) == pytest.approx(expected, rel=1e-4)
    assert figure("ab-rmse", pairs) == pytest.approx(math.sqrt(expected), rel=1e-4)


def test_bands_divide_the_pixels(pairs: list[Pair]) -> None:
    truth = np.concatenate([ab(p.true).reshape(2, -1) for p in pairs], 1)
    found = np.concatenate([ab(p.predicted).reshape(2, -1) for p in pairs], 1)
    chroma = np.hypot(*truth)
    for name, (low, high) in BANDS.items():
        kept = (chroma >= low) & (chroma < high)
        expected = math.sqrt(np.mean((truth - found)[:, kept] ** 2))
        assert figure(name, pairs) == pytest.approx(expected, rel=1e-3)
    sums = sum(
        build_metric(name).measure(p)
        for p in pairs
        for name in BANDS
        if build_metric(name).measure(p) is not None
    )
    assert sums[1] == truth.size


def test_vivid_pixels_are_missed_by_gray(pairs: list[Pair]) -> None:
    gray = [pair_of(seed, strength=0) for seed in range(6)]
    assert figure("rmse-vivid", gray) > 40 / math.sqrt(2)
    assert figure("rmse-vivid", gray) > figure("rmse-vivid", pairs)
    assert figure("rmse-grayish", gray) < 10 / math.sqrt(2)


def test_a_picture_without_such_colors_says_nothing() -> None:
    gray = np.full((3, 8, 8), 90, np.uint8)
    assert build_metric("rmse-vivid").measure(Pair(gray, gray)) is None
    assert math.isnan(build_metric("rmse-vivid").figure(np.zeros(2), 0))
    assert build_metric("rmse-grayish").measure(Pair(gray, gray)) == pytest.approx([0, 128])
