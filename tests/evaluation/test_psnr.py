from __future__ import annotations

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from photochrom.evaluation.cards import build_metric
from photochrom.evaluation.pair import Pair


def test_mean_of_the_pictures(pairs: list[Pair]) -> None:
    metric = build_metric("psnr")
    sums = np.sum([metric.measure(pair) for pair in pairs], 0)
    expected = np.mean([peak_signal_noise_ratio(p.true, p.predicted) for p in pairs])
    assert metric.figure(sums, len(pairs)) == pytest.approx(expected, rel=1e-5)


def test_equal_pictures_are_100() -> None:
    metric = build_metric("psnr")
    picture = np.zeros((3, 4, 4), np.uint8)
    assert metric.measure(Pair(picture, picture)) == pytest.approx([100])
    large = np.zeros((3, 300, 300), np.uint8)
    nearly = large.copy()
    nearly[0, 0, 0] = 1
    assert metric.measure(Pair(nearly, large)) == pytest.approx([100])
