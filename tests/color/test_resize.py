from __future__ import annotations

import numpy as np
import pytest

from photochrom.color.resize import resize_chroma
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
    ab = np.stack([np.full((12, 16), 25.0), np.full((12, 16), -40.0)])
    lightness = np.random.default_rng(0).uniform(0, 100, size).astype(np.float32)
    found = resize_chroma(ab, size, method=method, lightness=lightness)
    assert found.shape == (2, *size)
    assert found.dtype == np.float32
    assert np.allclose(found[0], 25, atol=1e-3)
    assert np.allclose(found[1], -40, atol=1e-3)


def test_ramp_stays_a_ramp() -> None:
    ramp = np.tile((np.arange(16) + 0.5) / 16, (2, 8, 1))
    found = resize_chroma(ramp, (8, 64))
    inner = slice(8, -8)
    assert np.allclose(found[0, 4, inner], ((np.arange(64) + 0.5) / 64)[inner], atol=2e-3)


def test_batch_equals_single() -> None:
    ab = np.random.default_rng(0).normal(size=(3, 2, 8, 8)).astype(np.float32)
    assert np.array_equal(resize_chroma(ab, (20, 30))[1], resize_chroma(ab[1], (20, 30)))


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
