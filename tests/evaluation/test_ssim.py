from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage.measure import block_reduce
from skimage.metrics import structural_similarity

from photochrom.evaluation.cards import build_metric
from photochrom.evaluation.pair import Pair
from photochrom.evaluation.ssim import ms_ssim, ssim
from tests.evaluation.conftest import pair_of


def test_is_scikit_images(pairs: list[Pair]) -> None:
    metric = build_metric("ssim")
    for pair in [*pairs, pair_of(3, strength=0), pair_of(9, size=(31, 12))]:
        expected = structural_similarity(
            pair.predicted,
            pair.true,
            channel_axis=0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=255,
        )
        assert metric.figure(metric.measure(pair), 1) == pytest.approx(expected, abs=1e-4)


def test_noise_in_the_dark() -> None:
    # Small variances beside bright means are where single precision could be lost.
    generator = np.random.default_rng(0)
    one, other = generator.integers(250, 256, (2, 64, 64)).astype(np.uint8)
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    expected = structural_similarity(one, other, data_range=255, **options)
    assert ssim(one, other) == pytest.approx(expected, abs=1e-4)


def contrast_and_structure(one: np.ndarray, other: np.ndarray) -> float:
    def mean(plane: np.ndarray) -> np.ndarray:
        return gaussian_filter(plane, 1.5, truncate=3.5)[5:-5, 5:-5]

    covariance = mean(one * other) - mean(one) * mean(other)
    variances = mean(one**2) - mean(one) ** 2 + mean(other**2) - mean(other) ** 2
    stable = (0.03 * 255) ** 2
    return ((2 * covariance + stable) / (variances + stable)).mean()


@pytest.mark.parametrize("size", [(176, 176), (224, 272)])
def test_five_scales_by_scipy(size: tuple[int, int]) -> None:
    pair = pair_of(2, size=size)
    for channels in zip(pair.predicted, pair.true, strict=True):
        one, other = (plane.astype(np.float64) for plane in channels)
        expected = 1.0
        for weight in (0.0448, 0.2856, 0.3001, 0.2363):
            expected *= contrast_and_structure(one, other) ** weight
            one, other = (block_reduce(plane, (2, 2), np.mean) for plane in (one, other))
        options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
        expected *= structural_similarity(one, other, data_range=255, **options) ** 0.1333
        assert ms_ssim(*channels) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("name", ["ssim", "ms-ssim"])
def test_truth_is_1_and_the_order_does_not_matter(name: str) -> None:
    metric, pair = build_metric(name), pair_of(0, size=(180, 190))
    assert metric.measure(Pair(pair.true, pair.true)) == pytest.approx(1, abs=1e-6)
    turned = Pair(pair.true, pair.predicted)
    assert metric.measure(turned) == pytest.approx(metric.measure(pair), abs=1e-6)
    assert metric.measure(pair) < 0.999


@pytest.mark.parametrize(("name", "least"), [("ssim", 11), ("ms-ssim", 176)])
def test_small_pictures_say_nothing(name: str, least: int) -> None:
    metric = build_metric(name)
    assert metric.measure(pair_of(0, size=(least - 1, 300))) is None
    assert np.isfinite(metric.measure(pair_of(0, size=(least, 300)))).all()


def test_opposite_structure_is_0_not_a_complex_number() -> None:
    plane = np.random.default_rng(0).integers(0, 256, (180, 180)).astype(np.uint8)
    assert ms_ssim(plane, 255 - plane) == 0
