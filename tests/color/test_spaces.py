from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from skimage.color import rgb2lab

from photochrom.color import spaces
from photochrom.color.scale import CENTERED, UNIT, ZHANG

PAIRS = [
    (spaces.rgb_to_linear_rgb, spaces.linear_rgb_to_rgb),
    (spaces.linear_rgb_to_xyz, spaces.xyz_to_linear_rgb),
    (spaces.xyz_to_lab, spaces.lab_to_xyz),
    (spaces.rgb_to_lab, spaces.lab_to_rgb),
    (spaces.rgb_to_yuv, spaces.yuv_to_rgb),
    (spaces.rgb_to_ycbcr, spaces.ycbcr_to_rgb),
]
BOTH_WAYS = [function for pair in PAIRS for function in pair]
ONE_WAY = [spaces.rgb_to_luma, spaces.luma_to_lightness, spaces.lightness_to_luma]


def cube(red: int) -> np.ndarray:
    """All 8-bit colors of one red level, ``(3, 256, 256)`` uint8."""
    green, blue = np.meshgrid(np.arange(256), np.arange(256), indexing="ij")
    return np.stack([np.full_like(green, red), green, blue]).astype(np.uint8)


def random_rgb(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 1, (*shape, 3, 7, 9))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_8_bit_color_survives_lab(dtype: type) -> None:
    # Measured over all 256**3: 1.459e-14 (three colors above 1.4e-14) and 9.0e-6.
    worst = {np.float64: 1.5e-14, np.float32: 1.2e-5}[dtype]
    for red in range(256):
        rgb8 = cube(red)
        rgb = rgb8.astype(dtype) / dtype(255)
        again = spaces.lab_to_rgb(spaces.rgb_to_lab(rgb))
        assert again.dtype == dtype
        assert np.abs(again - rgb).max() <= worst
        assert np.array_equal(np.rint(again * 255).astype(np.uint8), rgb8)


def test_grays_are_neutral() -> None:
    gray = np.tile(np.linspace(0, 1, 1001), (3, 1, 1))
    assert np.abs(spaces.rgb_to_lab(gray)[1:]).max() <= 6e-14
    assert np.abs(spaces.rgb_to_yuv(gray)[1:]).max() <= 1e-15
    assert np.abs(spaces.rgb_to_ycbcr(gray)[1:]).max() <= 1e-15


@pytest.mark.parametrize("rgb", [random_rgb(), cube(0) / 255, cube(255) / 255])
def test_agrees_with_scikit_image(rgb: np.ndarray) -> None:
    theirs = np.moveaxis(rgb2lab(np.moveaxis(rgb, 0, -1)), -1, 0)
    assert np.abs(spaces.rgb_to_lab(rgb) - theirs).max() < 0.02


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((0, 0, 0), (0, 0, 0)),
        ((1, 1, 1), (100, 0, 0)),
        ((1, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 1, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 1), (32.30, 79.19, -107.86)),
    ],
)
def test_published_corners(rgb: tuple[float, ...], lab: tuple[float, ...]) -> None:
    found = spaces.rgb_to_lab(np.array(rgb, float).reshape(3, 1, 1)).ravel()
    assert found == pytest.approx(lab, abs=0.02)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda p: p[0].__name__)
def test_forth_and_back(pair: tuple) -> None:
    rgb = random_rgb(2)
    there, back = pair
    assert np.abs(back(there(rgb)) - rgb).max() < 1e-13


@pytest.mark.parametrize(
    "function", [f for p in PAIRS for f in p] + ONE_WAY, ids=lambda f: f.__name__
)
def test_torch_equals_numpy(function: object) -> None:
    rgb = random_rgb(2)
    ours = function(torch.from_numpy(rgb))
    assert isinstance(ours, torch.Tensor)
    assert np.abs(ours.numpy() - function(rgb)).max() <= 6e-14


@pytest.mark.parametrize("function", BOTH_WAYS, ids=lambda f: f.__name__)
def test_batch_equals_single(function: object) -> None:
    rgb = random_rgb(3)
    assert np.array_equal(function(rgb)[1], function(rgb[1]))
    assert function(rgb).shape == rgb.shape


@pytest.mark.parametrize("function", BOTH_WAYS + ONE_WAY, ids=lambda f: f.__name__)
def test_dtype_is_kept(function: object) -> None:
    for dtype in (np.float32, np.float64):
        rgb = random_rgb().astype(dtype)
        assert function(rgb).dtype == dtype
        assert function(torch.from_numpy(rgb)).dtype == torch.from_numpy(rgb).dtype


def test_luma_is_pillows() -> None:
    from PIL import Image

    rgb8 = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    theirs = np.asarray(Image.fromarray(rgb8).convert("L"))
    ours = np.rint(spaces.rgb_to_luma(rgb8.transpose(2, 0, 1) / 255)[0] * 255)
    assert np.abs(ours - theirs).max() <= 1


@given(st.floats(0, 1))
@example(0.04045)  # where the two branches of the transfer curve meet
@settings(deadline=None)
def test_luma_and_lightness_are_inverse(luma: float) -> None:
    value = np.array([luma])
    lightness = spaces.luma_to_lightness(value)
    assert 0 <= lightness[0] <= 100 + 1e-12
    assert spaces.lightness_to_luma(lightness)[0] == pytest.approx(luma, abs=1e-13)


def test_gradients() -> None:
    rgb = torch.rand(1, 3, 2, 2, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(spaces.rgb_to_lab, (rgb,))
    black = torch.zeros(1, 3, 2, 2, dtype=torch.float64).requires_grad_()
    spaces.lab_to_rgb(spaces.rgb_to_lab(black)).sum().backward()
    assert torch.isfinite(black.grad).all()


def test_export() -> None:
    class Convert(torch.nn.Module):
        def forward(self, rgb: torch.Tensor) -> torch.Tensor:
            return spaces.rgb_to_lab(rgb)

    rgb = torch.rand(1, 3, 4, 4)
    exported = torch.export.export(Convert(), (rgb,)).module()
    assert torch.equal(exported(rgb), spaces.rgb_to_lab(rgb))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("function", BOTH_WAYS, ids=lambda f: f.__name__)
def test_not_a_number_does_not_crash(function: object, value: float) -> None:
    image = random_rgb()
    image[:, 0, 0] = value
    with np.errstate(all="ignore"):
        found = function(image)
    assert not np.isfinite(found[:, 0, 0]).all()
    assert np.isfinite(found[:, 1:]).all()  # a bad pixel harms no other
    assert function(torch.from_numpy(image)).shape == image.shape


@pytest.mark.parametrize("scale", [CENTERED, ZHANG, UNIT])
def test_scales_are_inverse(scale: object) -> None:
    ab = np.linspace(-110, 110, 23)
    assert np.allclose(scale.ab_out(scale.ab_in(ab)), ab)
    assert np.abs(scale.lightness_in(np.array([0.0, 100.0]))).max() <= 1
