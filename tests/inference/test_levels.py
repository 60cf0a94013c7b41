"""Half-size chroma planes in whole numbers, beside the plain computation in floating point."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from photochrom.color.gamut import chroma_headroom
from photochrom.inference.levels import HalfPlanes

SHAPES = [(1, 1), (2, 2), (5, 3), (37, 61), (64, 640), (301, 203), (900, 700)]


def chroma(shape: tuple[int, int], strength: float, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    fields = rng.normal(0, strength, (2, 6, 8)).astype(np.float32)
    size = (min(shape[1], 96), min(shape[0], 72))
    images = (Image.fromarray(field).resize(size, Image.Resampling.BICUBIC) for field in fields)
    return [np.clip(np.asarray(image), -0.5, 0.5) for image in images]


def rgb_of(luma: np.ndarray, cb: np.ndarray, cr: np.ndarray) -> np.ndarray:
    b, r = (
        np.repeat(np.repeat(c.astype(float) - 128, 2, 0), 2, 1)[: luma.shape[0], : luma.shape[1]]
        for c in (cb, cr)
    )
    y = luma.astype(float)
    return np.stack([y + 1.402 * r, y - 0.344136 * b - 0.714136 * r, y + 1.772 * b], -1)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("strength", [0.02, 0.2, 0.6])
def test_every_pixel_stays_in_the_gamut(shape: tuple[int, int], strength: float) -> None:
    luma = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    cb, cr = HalfPlanes(*chroma(shape, strength), *shape).fitted(luma, 0)
    rgb = rgb_of(luma, cb, cr)
    # Rounding Cb and Cr to whole levels moves green by less than 0.344 + 0.714.
    assert rgb.min() >= -0.8
    assert rgb.max() <= 255.8


@pytest.mark.parametrize("shape", SHAPES)
def test_as_in_floating_point(shape: tuple[int, int]) -> None:
    """Within few levels (rounding, bilinear for bicubic), and as vivid."""
    rng = np.random.default_rng(2)
    luma = np.clip(rng.normal(120, 70, shape), 0, 255).astype(np.uint8)
    planes = chroma(shape, 0.15)
    half = ((shape[0] + 1) // 2, (shape[1] + 1) // 2)
    b, r = (
        np.asarray(Image.fromarray(c * 255).resize(half[::-1], Image.Resampling.BICUBIC))
        for c in planes
    )
    padded = np.pad(luma, ((0, shape[0] % 2), (0, shape[1] % 2)), mode="edge").astype(np.float32)
    blocks = padded.reshape(half[0], 2, half[1], 2)
    low, high = blocks.min((1, 3)), blocks.max((1, 3))
    scale = chroma_headroom(low, b, r, luma_high=high, white=255.0)
    found = HalfPlanes(*planes, *shape).fitted(luma, 0)
    for plane, exact in zip(found, (b * scale, r * scale), strict=True):
        away = np.abs(plane.astype(float) - 128 - exact)
        assert away.max() <= 4
        assert away.mean() <= 0.7


def test_what_has_room_is_not_touched() -> None:
    luma = np.full((64, 64), 128, np.uint8)
    even = np.full((32, 32), 20 / 255, np.float32)
    cb, cr = HalfPlanes(even, -even, 64, 64).fitted(luma, 0)
    assert set(cb.ravel()) == {148}
    assert set(cr.ravel()) == {108}


def test_sharp_colors_keep_their_side_of_gray() -> None:
    """Resizing them swings over the strongest level there is."""
    sides = np.where(np.indices((37, 61))[1] % 14 < 7, 0.5, -0.5).astype(np.float32)
    luma = np.full((37, 61), 128, np.uint8)
    cb, cr = HalfPlanes(sides, sides * 0, 37, 61).fitted(luma, 0)
    resized = Image.fromarray(sides).resize((31, 19), Image.Resampling.BICUBIC)
    exact = np.asarray(resized)
    assert np.abs(exact).max() > 128 / 255
    clear = np.abs(exact) > 0.1
    assert np.array_equal((cb > 128)[clear], (exact > 0)[clear])
    assert set(cr.ravel()) == {128}


@pytest.mark.parametrize("value", [0, 255])
def test_black_and_white_take_no_color(value: int) -> None:
    luma = np.full((64, 64), value, np.uint8)
    planes = HalfPlanes(*chroma((64, 64), 0.05), 64, 64).fitted(luma, 0)
    assert {*planes[0].ravel(), *planes[1].ravel()} == {128}


@pytest.mark.parametrize("shape", [(203, 151), (900, 700)])
def test_strips_are_the_whole_exactly(shape: tuple[int, int]) -> None:
    luma = np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)
    half = HalfPlanes(*chroma(shape, 0.3), *shape)
    whole = half.fitted(luma, 0)
    parts = [half.fitted(luma[top : top + 40], top) for top in range(0, shape[0], 40)]
    for plane, pieces in zip(whole, zip(*parts, strict=True), strict=True):
        assert np.array_equal(np.concatenate(pieces), plane)
