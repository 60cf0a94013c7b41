from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from photochrom.color.bins import zhang_313
from photochrom.color.gamut import chroma_headroom, fit_chroma_to_luma, fit_lab_to_gamut
from photochrom.color.spaces import lab_to_rgb, rgb_to_lab, rgb_to_luma, ycbcr_to_rgb

LUMA, CHROMA = st.floats(0, 1), st.floats(-0.5, 0.5)


@given(LUMA, CHROMA, CHROMA)
@settings(deadline=None, max_examples=300)
def test_fitted_colors_are_in_gamut_at_the_same_luma(y: float, cb: float, cr: float) -> None:
    luma, blue, red = (np.full((1, 1), v) for v in (y, cb, cr))
    rgb = ycbcr_to_rgb(np.stack([luma, *fit_chroma_to_luma(luma, blue, red)]))
    assert rgb.min() >= -2e-6
    assert rgb.max() <= 1 + 2e-6
    assert abs(rgb_to_luma(rgb)[0, 0, 0] - y) < 1e-12
    rounded = np.rint(np.clip(rgb, 0, 1) * 255) / 255
    assert abs(rgb_to_luma(rounded)[0, 0, 0] - y) <= 0.5 / 255 + 1e-6


@given(LUMA, CHROMA, CHROMA)
@settings(deadline=None, max_examples=300)
def test_headroom_is_the_largest(y: float, cb: float, cr: float) -> None:
    luma, blue, red = (np.full((1, 1), v) for v in (y, cb, cr))
    scale = chroma_headroom(luma, blue, red)
    assert 0 <= scale[0, 0] <= 1
    if 1e-6 < scale[0, 0] < 1 and abs(cb) + abs(cr) > 1e-3:
        beyond = ycbcr_to_rgb(np.stack([luma, 1.01 * scale * blue, 1.01 * scale * red]))
        assert beyond.min() < 0 or beyond.max() > 1


def test_a_sample_shared_by_several_luma_values_fits_them_all() -> None:
    low, high = np.full((1, 1), 10.0), np.full((1, 1), 240.0)
    cb, cr = np.full((1, 1), 40.0), np.full((1, 1), -30.0)
    scale = chroma_headroom(low, cb, cr, luma_high=high, white=255.0)
    for luma in (low, high):
        rgb = ycbcr_to_rgb(np.stack([luma, scale * cb, scale * cr]))
        assert rgb.min() >= -1e-9
        assert rgb.max() <= 255 + 1e-9


def test_lab_keeps_lightness_and_hue() -> None:
    generator = np.random.default_rng(0)
    lab = np.concatenate(
        [generator.uniform(0, 100, (1, 40, 40)), generator.uniform(-110, 110, (2, 40, 40))]
    )
    fitted = fit_lab_to_gamut(lab)
    rgb = lab_to_rgb(fitted)
    assert rgb.min() > -1e-3
    assert rgb.max() < 1 + 1e-3
    assert np.array_equal(fitted[0], lab[0])
    cross = lab[1] * fitted[2] - lab[2] * fitted[1]
    assert np.abs(cross).max() < 1e-6


def test_fitting_keeps_lightness_where_clipping_does_not() -> None:
    generator = np.random.default_rng(0)
    L = generator.uniform(0, 100, (1, 200, 200))
    lab = np.concatenate(
        [L, zhang_313()[generator.integers(0, 313, L.shape[1:])].transpose(2, 0, 1)]
    )

    def moved(colors: np.ndarray) -> float:
        rounded = np.rint(np.clip(lab_to_rgb(colors), 0, 1) * 255) / 255
        return float(np.abs(rgb_to_lab(rounded)[0] - L[0]).max())

    assert moved(fit_lab_to_gamut(lab)) <= 0.25
    assert moved(lab) > 15


def test_more_rounds_leave_more_chroma() -> None:
    lab = np.array([50.0, 90.0, -60.0]).reshape(3, 1, 1)
    coarse, fine = (np.hypot(*fit_lab_to_gamut(lab, rounds=n)[1:, 0, 0]) for n in (4, 16))
    assert coarse <= fine <= coarse + np.hypot(90, 60) / 16


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_colors_of_the_whole_cube_are_left_alone(dtype: type) -> None:
    level = np.arange(0, 256, 15) / 255  # with the cube's faces, the border of the gamut
    rgb = np.stack(np.meshgrid(level, level, level, indexing="ij")).reshape(3, 1, -1)
    lab = rgb_to_lab(rgb.astype(dtype))
    fitted = fit_lab_to_gamut(lab)
    assert fitted.dtype == dtype
    assert np.array_equal(fitted, lab)


def test_headroom_at_black_and_white() -> None:
    luma = np.array([0.0, 1.0, 0.0, 1.0, 0.5])
    cb = np.array([0.0, 0.0, 0.3, -0.2, 0.0])
    scale = chroma_headroom(luma, cb, np.zeros(5))
    blue = 1.772 * cb * scale  # what is left to add to black or take from white
    assert scale[[0, 1, 4]].tolist() == [1, 1, 1]
    assert blue[[2, 3]] == pytest.approx(0, abs=1e-6)


def test_float32_stays_float32_and_in_gamut() -> None:
    generator = np.random.default_rng(0)
    luma = generator.uniform(0, 1, (50, 50)).astype(np.float32)
    cb, cr = generator.uniform(-0.5, 0.5, (2, 50, 50)).astype(np.float32)
    fitted = fit_chroma_to_luma(luma, cb, cr)
    assert all(plane.dtype == np.float32 for plane in fitted)
    rgb = ycbcr_to_rgb(np.stack([luma, *fitted]))
    assert rgb.min() >= -1e-6
    assert rgb.max() <= 1 + 1e-6


def test_torch_equals_numpy() -> None:
    generator = np.random.default_rng(0)
    planes = [generator.uniform(0, 1, (5, 5)), *generator.uniform(-0.5, 0.5, (2, 5, 5))]
    ours = chroma_headroom(*map(torch.from_numpy, planes)).numpy()
    assert np.allclose(ours, chroma_headroom(*planes), atol=1e-14)
    lab = np.concatenate(
        [generator.uniform(0, 100, (2, 1, 5, 5)), generator.uniform(-110, 110, (2, 2, 5, 5))], 1
    )
    fitted = fit_lab_to_gamut(lab)
    assert np.abs(fit_lab_to_gamut(torch.from_numpy(lab)).numpy() - fitted).max() <= 6e-14
    assert np.array_equal(fit_lab_to_gamut(lab[1]), fitted[1])
