from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from photochrom.color.spaces import lab_to_rgb
from photochrom.evaluation.cards import build_metric
from photochrom.evaluation.histograms import circular_distance, line_distance
from photochrom.evaluation.pair import Pair
from tests.evaluation.conftest import pair_of


def figure(name: str, pairs: list[Pair]) -> float:
    metric = build_metric(name)
    return metric.figure(np.sum([metric.measure(pair) for pair in pairs], 0), len(pairs))


def flat(hue: float, chroma: float, size: int = 4) -> np.ndarray:
    """A picture of one color, ``(3, size, size)``; hue in degrees."""
    turn = math.radians(hue)
    lab = np.array([60, chroma * math.cos(turn), chroma * math.sin(turn)]).reshape(3, 1, 1)
    rgb = (255 * lab_to_rgb(lab)).round().astype(np.uint8)
    return np.broadcast_to(rgb, (3, size, size))


def test_on_a_line_as_scipy() -> None:
    one, other = np.random.default_rng(0).random((2, 30))
    expected = wasserstein_distance(range(30), range(30), one, other)
    assert line_distance(one, other) == pytest.approx(expected)
    assert line_distance(one, 7 * one) == pytest.approx(0, abs=1e-12)


def test_on_a_circle_is_the_best_cut() -> None:
    # The circle may be cut where nothing has to pass: the best of all cuts of histograms that
    # leave such a place free. In general it is at most any cut's.
    one, other = np.random.default_rng(0).random((2, 30))
    cuts = [line_distance(np.roll(one, k), np.roll(other, k)) for k in range(30)]
    assert circular_distance(one, other) <= min(cuts) + 1e-12
    assert circular_distance(one, other) < line_distance(one, other)
    ahead = np.cumsum(one / one.sum() - other / other.sum())
    flows = [abs(ahead - extra).sum() for extra in np.linspace(-1, 1, 4001)]
    assert circular_distance(one, other) == pytest.approx(min(flows), abs=1e-3)


@pytest.mark.parametrize("turn", [0, 20, 90, 180, 270])
def test_hues_are_as_far_as_they_are_turned(turn: int) -> None:
    pairs = [Pair(flat(40 + turn, 30), flat(40, 30))]
    assert figure("hue-histogram", pairs) == pytest.approx(min(turn, 360 - turn), abs=5.01)


def test_hues_of_the_set_not_of_pictures() -> None:
    red, blue = flat(30, 30), flat(280, 30)
    assert figure("hue-histogram", [Pair(red, blue), Pair(blue, red)]) == pytest.approx(0, abs=1)


def test_chroma_weighs_hues() -> None:
    two = np.concatenate([flat(30, 15), flat(120, 45)], 2)
    # A quarter of the color is at 30 degrees, three quarters at 120: 22.5 on average.
    assert figure("hue-histogram", [Pair(two, flat(120, 30))]) == pytest.approx(22.5, abs=3)


def test_gray_has_no_hue() -> None:
    gray = np.full((3, 8, 8), 120, np.uint8)
    assert math.isnan(figure("hue-histogram", [Pair(gray, flat(30, 30))]))
    assert math.isnan(figure("hue-histogram", [Pair(flat(30, 30), flat(30, 8))]))


def test_gray_is_the_mean_chroma_away() -> None:
    pairs = [pair_of(seed, strength=0) for seed in range(3)]
    expected = np.mean([np.floor(pair.true_chroma).mean() for pair in pairs])
    assert figure("chroma-histogram", pairs) == pytest.approx(expected, rel=1e-3)


def test_pictures_of_all_sizes_weigh_alike() -> None:
    pairs = [Pair(flat(30, 20.5, 2), flat(30, 40.5, 2)), Pair(flat(30, 20.5, 9), flat(30, 20.5, 9))]
    assert figure("chroma-histogram", pairs) == pytest.approx(10, abs=0.6)
    # Half of the hues are 90 degrees off, in the small picture.
    turned = [Pair(flat(120, 30, 2), flat(30, 30, 2)), Pair(flat(30, 30, 9), flat(30, 30, 9))]
    assert figure("hue-histogram", turned) == pytest.approx(45, abs=3)


@pytest.mark.parametrize("name", ["hue-histogram", "chroma-histogram"])
def test_truth_is_0_and_dull_is_not(name: str, pairs: list[Pair]) -> None:
    assert figure(name, [Pair(pair.true, pair.true) for pair in pairs]) == 0
    assert figure(name, pairs) > 0.1
