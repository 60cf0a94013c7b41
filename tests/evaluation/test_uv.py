from __future__ import annotations

import inspect

import numpy as np
import pytest
from skimage.color import rgb2hsv, rgb2yuv

from photochrom.architectures import vgg_bins
from photochrom.color.bins import equi_width_uv
from photochrom.color.encoding import encode_each_hard
from photochrom.evaluation.cards import build_metric
from photochrom.evaluation.pair import Pair
from photochrom.evaluation.uv import BINS, saturation, uv_bin


def uv(rgb: np.ndarray) -> np.ndarray:
    return rgb2yuv(rgb.transpose(1, 2, 0) / 255)[..., 1:]


def test_error_as_printed_but_the_mean(pairs: list[Pair]) -> None:
    metric = build_metric("uv-error")
    for pair in pairs:
        expected = ((uv(pair.predicted) - uv(pair.true)) ** 2).sum(-1).mean()
        assert metric.figure(metric.measure(pair), 1) == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("channel", [1, 2])
def test_bins_are_those_that_the_network_classifies(channel: int) -> None:
    assert inspect.signature(vgg_bins.build).parameters["bins"].default == BINS
    centers = equi_width_uv(BINS)
    values = np.random.default_rng(0).uniform(-0.7, 0.7, (1, 2, 60, 60))
    expected = encode_each_hard(values, centers)[0, channel - 1]
    np.testing.assert_array_equal(uv_bin(values[0, channel - 1], channel), expected)


def test_accuracy_by_hand() -> None:
    true = np.full((3, 4, 4), 100, np.uint8)
    predicted = true.copy()
    # Three quarters stay; the blue of one quarter moves U by 0.17, ten bins, and V by one or two.
    predicted[2, :2, :2] = 200
    pair = Pair(predicted, true)
    assert build_metric("u-accuracy").measure(pair) == pytest.approx([75])
    assert build_metric("v-accuracy").measure(pair) == pytest.approx([75])
    predicted[:, :2, :2] = [[[104]], [[98]], [[100]]]
    pair = Pair(predicted, true)
    assert build_metric("u-accuracy").measure(pair) == pytest.approx([100])


def test_all_grays_are_in_one_bin() -> None:
    grays = np.broadcast_to(np.arange(256, dtype=np.uint8).reshape(1, 16, 16), (3, 16, 16))
    pair = Pair(grays, grays[:, ::-1])
    for name in ("u-accuracy", "v-accuracy"):
        assert build_metric(name).measure(pair) == pytest.approx([100])


def test_saturation_is_that_of_hsv(pairs: list[Pair]) -> None:
    for pair in pairs:
        expected = rgb2hsv(pair.true.transpose(1, 2, 0))[..., 1]
        np.testing.assert_allclose(saturation(pair.true), expected, atol=1e-6)
    assert not saturation(np.zeros((3, 2, 2))).any()


def test_saturation_difference_by_hand() -> None:
    true, predicted = np.zeros((2, 3, 2, 2), np.uint8)
    true[0] = 200  # saturation 1 everywhere
    predicted[:] = [[[200]], [[150]], [[150]]]  # a quarter
    metric = build_metric("saturation-difference")
    assert metric.measure(Pair(predicted, true)) == pytest.approx([75])
    assert metric.measure(Pair(true, predicted)) == pytest.approx([300])
    assert metric.measure(Pair(true, np.full_like(true, 80))) is None
