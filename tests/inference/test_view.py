"""The small views of a photograph."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from photochrom.inference.view import reduced_luma, seen_at
from photochrom.photo.photo import OVERVIEW_SIDE, Photo


def photo(shape: tuple[int, int], dtype: type = np.uint8) -> Photo:
    """Smooth fields with grain, and a hard edge."""
    rng = np.random.default_rng(shape)
    field = Image.fromarray(rng.normal(120, 40, (9, 12)).astype(np.float32))
    luma = np.asarray(field.resize(shape[::-1], Image.Resampling.BICUBIC)) + rng.normal(0, 6, shape)
    luma[:, : shape[1] // 3] -= 60
    levels = np.clip(luma, 0, 255) * (257 if dtype is np.uint16 else 1)
    return Photo(levels.astype(dtype))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(2100, 2800), (3000, 1100), (700, 900)])
@pytest.mark.parametrize("side", [96, 192, 380])
def test_a_view_of_the_overview_is_one_of_the_picture(shape, dtype, side) -> None:
    whole = photo(shape, dtype)
    scale = side / min(shape)
    size = round(shape[0] * scale), round(shape[1] * scale)
    away = np.abs(seen_at(whole, size) - reduced_luma(whole.luma, size)) * 255
    assert away.mean() < 0.6
    assert np.quantile(away, 0.99) < 6


def test_views_larger_than_the_overview_are_of_the_picture_itself() -> None:
    whole = photo((1600, 2000))
    size = (1200, 1500)
    assert np.array_equal(seen_at(whole, size), reduced_luma(whole.luma, size))


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 5000), (5000, 1), (511, 512), (1023, 9), (2049, 700)]
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_overview_is_the_mean_of_whole_boxes(
    shape: tuple[int, int], dtype: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 5000)
    whole = photo(shape, dtype)
    box = max(1, max(shape) // OVERVIEW_SIDE)
    overview = whole.overview
    assert overview.shape == (-(-shape[0] // box), -(-shape[1] // box))
    assert overview.dtype == np.uint8
    plain = whole.luma if dtype is np.uint8 else (whole.luma >> 8).astype(np.uint8)
    expected = np.asarray(Image.fromarray(plain).reduce(box))
    assert np.array_equal(overview, expected)
