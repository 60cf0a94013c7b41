"""Turned gray again, a result is the photograph: over modes, depths and formats."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom import Colorizer
from photochrom.inference.tint import Tint
from photochrom.photo.decode import read
from tests.conftest import scene

MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "LAB", "I;16", "gray+alpha 16", "RGB 16")
LOSSLESS = ("PNG", "TIFF", "WEBP")


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1, vividness=1)


def source(mode: str, shape: tuple[int, int]) -> Image.Image | np.ndarray:
    rgb = scene(*shape)
    noise = np.random.default_rng(0).integers(0, 257, shape, dtype=np.uint16)
    deep = np.asarray(Image.fromarray(rgb).convert("L")).astype(np.uint16) * 256 + noise % 256
    if mode == "gray+alpha 16":
        return np.dstack((deep, deep[::-1]))
    if mode == "RGB 16":
        return rgb.astype(np.uint16) * 256 + (noise % 256)[..., None]
    if mode == "I;16":
        return Image.fromarray(deep)
    image = Image.fromarray(rgb)
    image = image.convert("L").convert(mode) if mode in ("1", "LA") else _converted(image, mode)
    if mode in ("LA", "RGBA"):
        image.putalpha(Image.linear_gradient("L").resize(shape[::-1]))
    return image


def _converted(image: Image.Image, mode: str) -> Image.Image:
    from PIL import ImageCms

    if mode == "LAB":
        profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        return ImageCms.profileToProfile(image, *profiles, outputMode="LAB")
    return image.convert(mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("format", LOSSLESS)
@pytest.mark.parametrize("keep_tint", [False, True])
def test_over_modes_and_formats(
    colorizer: Colorizer, mode: str, format: str, keep_tint: bool
) -> None:
    photo = read(source(mode, (37, 52)))
    used = Colorizer(threads=1, vividness=1, keep_tint=True) if keep_tint else colorizer
    buffer = io.BytesIO()
    used.write(photo, buffer, format=format, quality=100)
    again = read(buffer.getvalue())
    expected = photo.luma.astype(int)
    if again.depth < photo.depth:
        expected = (expected + 128) // 257
    assert again.depth == (8 if format == "WEBP" else photo.depth)
    assert np.abs(again.luma - expected).max() <= 1
    if photo.alpha is not None and again.depth == photo.depth:
        assert np.array_equal(again.alpha, photo.alpha)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([np.uint8, np.uint16]),
    st.integers(0, 2**32 - 1),
    st.integers(1, 40),
    st.integers(1, 40),
)
def test_whatever_the_colors(dtype: type, seed: int, height: int, width: int) -> None:
    generator = np.random.default_rng(seed)
    luma = generator.integers(0, np.iinfo(dtype).max + 1, (height, width)).astype(dtype)
    cb, cr = generator.uniform(-0.5, 0.5, (2, 5, 7)).astype(np.float32)
    rgb = Tint(luma, cb, cr).rgb(0, height)
    assert np.abs(rgb.astype(float) @ [0.299, 0.587, 0.114] - luma).max() <= 1
    assert np.ptp(rgb.astype(int), axis=-1).max() > 0 or luma.size < 3


class TestTonedPrints:
    @staticmethod
    def sepia() -> np.ndarray:
        luma = np.asarray(Image.fromarray(scene(90, 120)).convert("L")).astype(float)
        stops = ((40, 25, 15), (150, 130, 100), (250, 240, 210))
        rgb = [np.interp(luma, (0, 128, 255), column) for column in zip(*stops, strict=True)]
        return np.rint(np.stack(rgb, -1)).astype(np.uint8)

    def test_gray_again_is_the_scans_own_gray(self, colorizer: Colorizer) -> None:
        own = np.asarray(Image.fromarray(self.sepia()).convert("L")).astype(int)
        for used in (colorizer, Colorizer(threads=1, keep_tint=True)):
            gray = Image.fromarray(used(self.sepia())).convert("L")
            assert np.abs(np.asarray(gray) - own).max() <= 1

    def test_without_colors_the_tint_is_off_or_all_there(self) -> None:
        off = Colorizer(threads=1, strength=0)(self.sepia())
        assert np.ptp(off.astype(int), axis=-1).max() <= 1
        kept = Colorizer(threads=1, strength=0, keep_tint=True)(self.sepia())
        assert np.abs(kept.astype(int) - self.sepia()).mean() < 2

    def test_the_network_sees_no_tint(self, colorizer: Colorizer) -> None:
        gray = np.asarray(Image.fromarray(self.sepia()).convert("L"))
        assert np.array_equal(colorizer(self.sepia()), colorizer(gray))

    def test_the_provenance_says_so(self) -> None:
        colorizer = Colorizer(threads=1, keep_tint=True)
        assert "tint=kept" in colorizer.provenance().settings
