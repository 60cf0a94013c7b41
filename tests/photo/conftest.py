"""Small pictures, and a coloring that tints them evenly."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image


class EvenTint:
    """Luma with one modest chroma everywhere: in gamut for 8-bit luma within 40..215."""

    def __init__(self, luma: np.ndarray, cb: float = 10.0, cr: float = -8.0) -> None:
        self.luma, self.cb, self.cr = luma, cb, cr
        self.height, self.width = luma.shape
        self.depth = luma.dtype.itemsize * 8

    def rgb(self, start: int, stop: int) -> np.ndarray:
        level = 257 if self.depth == 16 else 1
        y, cb, cr = self.luma[start:stop].astype(np.float64), self.cb * level, self.cr * level
        rgb = np.stack([y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb], -1)
        return np.clip(np.rint(rgb), 0, 255 * level).astype(self.luma.dtype)

    def planes(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        size = ((stop - start + 1) // 2, (self.width + 1) // 2)
        cb, cr = (np.full(size, 128 + chroma, np.uint8) for chroma in (self.cb, self.cr))
        return self.luma[start:stop], cb, cr


@pytest.fixture(scope="session")
def tint() -> Callable[..., EvenTint]:
    return EvenTint


@pytest.fixture(scope="session")
def color_picture() -> Image.Image:
    """RGB, 45 x 31, smooth with grain: every side odd."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:31, 0:45]
    rgb = np.stack([60 + 3 * x, 200 - 4 * y, 40 + 2 * x + 2 * y], -1)
    return Image.fromarray(np.clip(rgb + rng.integers(-9, 10, rgb.shape), 0, 255).astype(np.uint8))


@pytest.fixture(scope="session")
def luma8() -> np.ndarray:
    """(31, 45) uint8 within 60..200."""
    return np.random.default_rng(8).integers(60, 200, (31, 45), dtype=np.uint8)


@pytest.fixture(scope="session")
def luma16() -> np.ndarray:
    """(31, 45) uint16 within 60..200 of 255, all 16 bits used."""
    return np.random.default_rng(9).integers(60 * 257, 200 * 257, (31, 45), dtype=np.uint16)


@pytest.fixture(scope="session")
def saved() -> Callable[..., bytes]:
    """(picture, format, options) -> the bytes of the file that Pillow writes."""

    def save(image: Image.Image, format: str, **options: object) -> bytes:
        buffer = io.BytesIO()
        image.save(buffer, format, **options)
        return buffer.getvalue()

    return save
