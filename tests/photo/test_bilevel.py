"""Pictures of black and white alone, and those that can hold no color."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from skimage import data

from photochrom.photo.bilevel import holds_color, is_bilevel

PHOTOS = ("camera", "astronaut", "coffee", "coins", "moon", "page", "clock", "text")


def gray_of(name: str) -> Image.Image:
    return Image.fromarray(getattr(data, name)()).convert("L")


def screened(gray: Image.Image) -> Image.Image:
    """A halftone of round dots, as in print."""
    level = np.asarray(gray) / 255
    y, x = np.mgrid[: level.shape[0], : level.shape[1]]
    dots = (np.cos(x * 1.05) * np.cos(y * 1.05) + 1) / 2
    return Image.fromarray(((level > dots) * 255).astype(np.uint8))


def through_jpeg(image: Image.Image, quality: int) -> np.ndarray:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


BILEVEL = {
    "dither": lambda gray: gray.convert("1").convert("L"),
    "halftone": screened,
    "line art": lambda gray: gray.point(lambda level: 255 * (level > 100)),
    "ink on gray paper": lambda gray: (
        gray.convert("1").convert("L").point(lambda v: 40 + v * 2 // 3)
    ),
}


@pytest.mark.parametrize("name", PHOTOS)
def test_a_photograph_has_grays(name):
    luma = np.asarray(gray_of(name))
    assert not is_bilevel(luma)
    assert not is_bilevel(luma.astype(np.uint16) * 257)
    assert holds_color(luma)


@pytest.mark.parametrize("name", ["camera", "astronaut", "coins", "moon"])
@pytest.mark.parametrize("kind", sorted(BILEVEL))
def test_black_and_white_alone_is_known(name, kind):
    image = BILEVEL[kind](gray_of(name))
    luma = np.asarray(image)
    assert is_bilevel(luma)
    assert is_bilevel(luma.astype(np.uint16) * 257)
    assert holds_color(luma) == (kind == "ink on gray paper")
    for quality in (75, 90):
        if kind != "ink on gray paper":
            assert is_bilevel(through_jpeg(image, quality))


@pytest.mark.parametrize("level", [0, 1, 255])
def test_a_blank_page_holds_no_color(level):
    for dtype, scale in ((np.uint8, 1), (np.uint16, 257)):
        blank = np.full((40, 60), level * scale, dtype)
        assert not holds_color(blank)
        assert not is_bilevel(blank)
        blank[17, 23] = 128 * scale
        assert holds_color(blank)
