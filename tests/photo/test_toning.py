"""Toned prints are told from photographs in color."""

import io

import numpy as np
import pytest
from PIL import Image
from skimage import data

from photochrom.photo.decode import read
from photochrom.photo.toning import tone_of

COLOR = ("astronaut", "coffee", "chelsea", "rocket")
# Colors of deepest shadow, middle and bare paper.
TONES = {
    "sepia": ((8, 0, 0), (140, 122, 97), (255, 245, 205)),
    "paper": ((0, 0, 0), (128, 119, 100), (255, 237, 199)),
    "cyanotype": ((10, 40, 110), (125, 143, 175), (240, 246, 240)),
    "faded": ((70, 45, 25), (154, 132, 102), (238, 220, 180)),
    "selenium": ((20, 10, 30), (120, 105, 115), (250, 240, 220)),
}


def gray(name: str) -> np.ndarray:
    picture = Image.fromarray(getattr(data, name)()).convert("L")
    picture.thumbnail((400, 400))
    return np.asarray(picture)


def toned(luma: np.ndarray, tone: str) -> np.ndarray:
    columns = zip(*TONES[tone], strict=True)
    rgb = [np.interp(luma, (0, 128, 255), column) for column in columns]
    return np.rint(np.stack(rgb, -1)).astype(np.uint8)


def aged(rgb: np.ndarray) -> Image.Image:
    """With grain of each channel's own, yellower borders, and a coder's noise."""
    height, width, _ = rgb.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    border = (x**2 + y**2)[..., None] / 2 * np.array([0.01, 0.02, 0.05])
    noise = np.random.default_rng(0).normal(0, 4, rgb.shape)
    buffer = io.BytesIO()
    worn = np.clip(rgb * (1 - border) + noise, 0, 255).astype(np.uint8)
    Image.fromarray(worn).save(buffer, "JPEG", quality=80)
    return Image.open(buffer)


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("name", ["camera", *COLOR])
@pytest.mark.parametrize("old", [False, True])
def test_toned_prints_are_recognized(tone, name, old):
    rgb = toned(gray(name), tone)
    photo = read(aged(rgb) if old else rgb)
    assert photo.tone is not None
    assert not photo.was_color
    at = np.array([0.3, 0.7])
    expected = toned(np.interp(at, (0, 1), (0, 255)), tone) / 255
    cb, cr = photo.tone.chroma(expected @ [0.299, 0.587, 0.114])
    luma = expected @ [0.299, 0.587, 0.114]
    assert np.abs(cb - (expected[:, 2] - luma) / 1.772).max() < 0.03
    assert np.abs(cr - (expected[:, 0] - luma) / 1.402).max() < 0.03


@pytest.mark.parametrize("share", [1, 0.5, 0.25])
@pytest.mark.parametrize("name", COLOR)
def test_photographs_in_color_are_not(saved, name, share):
    picture = Image.fromarray(getattr(data, name)())
    picture = Image.blend(picture.convert("L").convert("RGB"), picture, share)
    for format in ("PNG", "JPEG"):
        photo = read(saved(picture, format))
        assert photo.tone is None
        assert photo.was_color


def test_a_painted_cheek_is_color():
    rgb = toned(gray("astronaut"), "sepia")
    rgb[100:116, 180:200] = rgb[100:116, 180:200] // 2 + np.array([110, 20, 40], np.uint8)
    assert read(rgb).tone is None


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_in_every_format_and_depth(saved, format):
    rgb = toned(gray("camera"), "sepia")
    assert read(saved(Image.fromarray(rgb), format)).tone is not None
    assert read(rgb.astype(np.uint16) * 257).tone is not None
    assert read(rgb / 255).tone is not None


def test_gray_and_next_to_nothing_have_no_tone():
    assert read(gray("camera")).tone is None
    assert read(np.repeat(gray("camera")[..., None], 3, 2)).tone is None
    assert tone_of(np.full((10, 3), (200, 180, 150), np.uint8)) is None


def test_a_very_large_jpeg_is_judged_by_fewer_samples(monkeypatch, saved):
    large = Image.fromarray(gray("camera")).resize((1600, 1600), Image.Resampling.BICUBIC)
    files = [saved(aged(toned(np.asarray(large), "sepia")), "JPEG", quality=95)]
    files.append(saved(Image.fromarray(data.astronaut()).resize((1600, 1600)), "JPEG"))
    whole = [read(file).tone for file in files]
    monkeypatch.setattr("photochrom.photo.jpeg._MOST_SWATCHES", 20_000)
    monkeypatch.setattr("photochrom.photo.toning._SAMPLES", 2_000)
    fewer = [read(file).tone for file in files]
    assert [tone is None for tone in fewer] == [tone is None for tone in whole] == [False, True]
    chroma = [np.array(tone.chroma(np.linspace(0.1, 0.9, 9))) for tone in (whole[0], fewer[0])]
    assert np.abs(chroma[0] - chroma[1]).max() < 0.02
