from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from photochrom.color.resize import resize_chroma
from photochrom.color.spaces import rgb_to_lab
from photochrom.errors import WrongInput


def picture(side: int = 128) -> tuple[np.ndarray, np.ndarray]:
    """Lightness with a sharp edge and ab that follows it, ``(H, W)`` and ``(2, H, W)``."""
    y, x = np.mgrid[:side, :side] / side
    mask = (x + 0.3 * y > 0.6).astype(np.float32)
    lightness = (30 + 40 * mask + 5 * np.sin(9 * y)).astype(np.float32)
    return lightness, np.stack([40 * mask - 20, 30 - 50 * mask]).astype(np.float32)


def shrink(ab: np.ndarray, factor: int) -> np.ndarray:
    _, height, width = ab.shape
    return resize_chroma(ab, (height // factor, width // factor))


def error(method: str, small: np.ndarray, truth: np.ndarray, lightness: np.ndarray) -> float:
    found = resize_chroma(small, truth.shape[1:], method=method, lightness=lightness)
    return float(np.sqrt(np.square(found - truth).mean()))


@pytest.mark.parametrize("method", ["bicubic", "guided"])
@pytest.mark.parametrize("size", [(1, 1), (7, 13), (16, 12), (200, 90)])
def test_constants_stay(method: str, size: tuple[int, int]) -> None:
    ab = np.stack([np.full((12, 16), 25.3), np.full((12, 16), -40.7)]).astype(np.float32)
    lightness = np.random.default_rng(0).uniform(0, 100, size).astype(np.float32)
    found = resize_chroma(ab, size, method=method, lightness=lightness)
    assert found.shape == (2, *size)
    assert found.dtype == np.float32
    assert np.array_equal(found, np.broadcast_to(ab[:, :1, :1], found.shape))


@pytest.mark.parametrize(("before", "after"), [(16, 64), (64, 16), (20, 33)])
def test_ramp_stays_a_ramp(before: int, after: int) -> None:
    ramp = np.tile((np.arange(before) + 0.5) / before, (2, 8, 1))
    found = resize_chroma(ramp, (8, after))
    margin = 3 * max(1, after // before)
    inner = slice(margin, -margin)
    assert np.allclose(found[0, 4, inner], ((np.arange(after) + 0.5) / after)[inner], atol=1e-6)


def test_batch_equals_single() -> None:
    ab = np.random.default_rng(0).normal(size=(3, 2, 8, 8)).astype(np.float32)
    lightness = np.random.default_rng(1).uniform(0, 100, (20, 30)).astype(np.float32)
    for method in ("bicubic", "guided"):
        whole = resize_chroma(ab, (20, 30), method=method, lightness=lightness)
        single = resize_chroma(ab[1], (20, 30), method=method, lightness=lightness)
        assert whole.shape == (3, 2, 20, 30)
        assert np.array_equal(whole[1], single)


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_photographs(name: str) -> None:
    """Exact chroma is best left alone; displaced or noisy chroma is repaired."""
    rgb = getattr(data, name)()[:288, :288]
    lab = rgb_to_lab(rgb.transpose(2, 0, 1).astype(np.float32) / 255)
    lightness, truth = lab[0], lab[1:]
    small = shrink(truth, 4)
    noise = np.random.default_rng(0).normal(0, 8, small.shape).astype(np.float32)
    displaced = np.roll(small, 2, 2)
    for chroma, better, worse in (
        (small, "bicubic", "guided"),
        (displaced, "guided", "bicubic"),
        (small + noise, "guided", "bicubic"),
    ):
        assert error(better, chroma, truth, lightness) < error(worse, chroma, truth, lightness)


def test_flat_lightness_divides_by_nothing() -> None:
    ab = np.random.default_rng(0).normal(0, 30, (2, 12, 16)).astype(np.float32)
    flat = np.full((40, 50), 99.7, np.float32)
    found = resize_chroma(ab, (40, 50), method="guided", lightness=flat, epsilon=1e-9)
    assert np.abs(found).max() <= np.abs(ab).max()


def test_guided_repairs_noise_and_harms_exact_chroma_on_texture() -> None:
    lightness, truth = picture()
    small = shrink(truth, 4)
    noisy = small + np.random.default_rng(0).normal(0, 12, small.shape).astype(np.float32)
    assert error("guided", noisy, truth, lightness) < 0.8 * error(
        "bicubic", noisy, truth, lightness
    )
    texture = np.random.default_rng(1).uniform(0, 100, lightness.shape).astype(np.float32)
    assert error("bicubic", small, truth, texture) < error("guided", small, truth, texture)


def test_wrong_use() -> None:
    ab = np.zeros((2, 4, 4), np.float32)
    with pytest.raises(WrongInput, match="nearest"):
        resize_chroma(ab, (8, 8), method="nearest")
    with pytest.raises(WrongInput, match="lightness"):
        resize_chroma(ab, (8, 8), method="guided")
    with pytest.raises(WrongInput, match="lightness"):
        resize_chroma(ab, (8, 8), method="guided", lightness=np.zeros((4, 4)))
    with pytest.raises(WrongInput, match="size"):
        resize_chroma(ab, (0, 8))
    with pytest.raises(WrongInput, match="shape"):
        resize_chroma(ab[0], (8, 8))
    for options in ({"radius": -1}, {"epsilon": 0.0}):
        with pytest.raises(WrongInput, match="radius"):
            resize_chroma(ab, (8, 8), method="guided", lightness=np.zeros((8, 8)), **options)
