"""Margins, borders and blank backgrounds come out without color; photographs keep theirs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from photochrom import Colorizer, Hint
from photochrom.color.spaces import rgb_to_lab
from photochrom.inference.margins import blank
from photochrom.inference.view import seen_at, view_size
from photochrom.photo.decode import read


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


def landscape(height: int = 200, width: int = 300, seed: int = 1) -> np.ndarray:
    """A sky that falls off, two hills and a figure, with grain: float levels."""
    rng = np.random.default_rng(seed)
    y, x = (
        side / (size - 1)
        for side, size in zip(np.mgrid[:height, :width], (height, width), strict=True)
    )
    levels = 215 - 60 * y
    levels = np.where(y > 0.55 + 0.08 * np.sin(9 * x), 105 - 60 * y + 12 * np.sin(60 * x), levels)
    levels = np.where(y > 0.75 + 0.05 * np.sin(5 * x), 60 + 40 * y + 9 * np.sin(90 * x), levels)
    levels = np.where((np.abs(x - 0.5) < 0.06) & (y > 0.4), 45 + 10 * np.sin(40 * y), levels)
    return levels + rng.normal(0, 3, levels.shape)


def framed(
    level: float, share: float = 0.08, sides: str = "tblr", **more: Any
) -> tuple[np.ndarray, np.ndarray]:
    """A landscape within a margin: uint8 ``(H, W)``, and where the margin is."""
    picture = landscape()
    depth = round(share * len(picture))
    pads = [[depth * (side in sides) for side in pair] for pair in ("tb", "lr")]
    levels = np.pad(picture, pads, constant_values=level)
    margin = np.pad(np.zeros(picture.shape, bool), pads, constant_values=True)
    if more.get("oval"):
        y, x = (np.linspace(-1, 1, side) for side in levels.shape)
        margin |= (y[:, None] ** 2 + x**2) > 0.9
        levels[margin] = level
    if more.get("tilt"):
        drawn = Image.fromarray(levels.astype(np.float32))
        levels = np.asarray(drawn.rotate(more["tilt"], Image.Resampling.BICUBIC, fillcolor=level))
        turned = Image.fromarray(margin).rotate(more["tilt"], fillcolor=True)
        margin = np.asarray(turned)
    if more.get("falloff"):
        slope = np.linspace(-more["falloff"], more["falloff"], levels.shape[1])
        levels = np.where(margin, levels + slope, levels)
    if more.get("writing"):
        drawn = Image.fromarray(levels.astype(np.float32))
        place = levels.shape[1] // 3, len(levels) - depth + 2
        ImageDraw.Draw(drawn).text(place, "Anna and Otto, June 1931", fill=70)
        levels = np.asarray(drawn)
    if "around" in more:
        levels = np.pad(levels, depth, constant_values=more["around"])
        margin = np.pad(margin, depth, constant_values=True)
    noise = np.random.default_rng(0).normal(0, more.get("grain", 0), levels.shape)
    return np.clip(np.rint(levels + noise), 0, 255).astype(np.uint8), margin


def found_in(photo: np.ndarray, told: np.ndarray | None = None) -> np.ndarray:
    """What is found on the view of a photograph."""
    size = view_size(*photo.shape, 192)
    return blank(seen_at(read(photo), size), told)


KINDS: dict[str, tuple[float, dict[str, Any]]] = {
    **{f"level {level}": (level, {}) for level in (255, 250, 245, 240, 235, 230, 20, 10, 0)},
    **{f"gray {level}": (level, {}) for level in (60, 128, 200)},
    **{f"sides {sides}": (240, {"sides": sides}) for sides in ("t", "b", "l", "tb", "br", "tbl")},
    **{f"share {share}": (238, {"share": share}) for share in (0.03, 0.05, 0.2)},
    "grain": (240, {"grain": 3}),
    "dark grain": (12, {"grain": 2}),
    "light falls off": (240, {"falloff": 5}),
    "tilted": (240, {"tilt": 1.5}),
    "oval": (240, {"oval": True}),
    "writing": (240, {"writing": True, "share": 0.12}),
    "paper on a lid": (236, {"around": 254}),
    "paper on black": (240, {"around": 6}),
    "paper on gray": (240, {"around": 150}),
    "black line inside paper": (8, {"around": 240, "share": 0.05}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_margins_are_found_and_end_at_the_picture(kind: str) -> None:
    level, more = KINDS[kind]
    photo, margin = framed(level, **more)
    found = found_in(photo)
    share = np.asarray(Image.fromarray(margin.astype(np.float32)).resize(found.shape[::-1]))
    assert found[share > 0.99].mean() > 0.75
    assert found[share < 0.01].mean() < 0.02


@pytest.mark.parametrize("kind", ["level 240", "level 10", "gray 128", "sides b", "oval"])
def test_a_margin_comes_out_neutral_and_the_picture_in_color(
    kind: str, colorizer: Colorizer
) -> None:
    level, more = KINDS[kind]
    photo, margin = framed(level, **more)
    rgb = colorizer(photo)
    lab = rgb_to_lab(rgb.transpose(2, 0, 1).astype(np.float32) / 255)
    chroma = np.hypot(lab[1], lab[2])
    assert np.median(chroma[margin]) < 1
    assert np.median(chroma[~margin]) > 10


def background(level: float, shape: tuple[int, int] = (200, 200)) -> np.ndarray:
    """A dark head and shoulders that stand out from a background, with the background's mask."""
    y, x = (np.linspace(-1, 1, side) for side in shape)
    head = ((y[:, None] + 0.1) / 0.4) ** 2 + (x / 0.3) ** 2 < 1
    figure = head | ((y[:, None] > 0.2) & (np.abs(x) < 0.65))
    texture = np.random.default_rng(2).normal(90, 15, shape)
    return np.where(figure, texture, level)


@pytest.mark.parametrize("level", [255, 245, 240, 235, 8])
def test_blank_backgrounds_are_found(level: int) -> None:
    photo = np.clip(background(level), 0, 255).astype(np.uint8)
    assert 0.4 < found_in(photo).mean() < 0.75


def photographs() -> dict[str, np.ndarray]:
    """Pictures that have neither margin nor blank background."""
    rng = np.random.default_rng(3)
    y, x = (np.linspace(0, 1, side) for side in (200, 300))
    flat = np.ones((200, 300))
    plane = np.where((np.abs(y[:, None] - 0.5) < 0.04) & (np.abs(x - 0.5) < 0.2), 60, 175.0)
    window = np.where((y[:, None] > 0.3) & (y[:, None] < 0.7) & (np.abs(x - 0.5) < 0.2), 90, 150.0)
    clouds = Image.fromarray(rng.normal(238, 9, (9, 12)).astype(np.float32))
    cloudy = np.asarray(clouds.resize((300, 200), Image.Resampling.BICUBIC))
    hills = landscape()
    return {
        "landscape": hills,
        "a pale sky that darkens upward": np.where(hills > 150, 226 + 24 * y[:, None], hills),
        "white clouds": np.where(hills > 150, cloudy, hills),
        "a plane in a clear sky": plane + rng.normal(0, 1, flat.shape),
        "a poster on a wall that light grazes": window + 30 * x,
        "a gray wall": 128 * flat,
        "a clear sky above a straight horizon": np.where(y[:, None] < 0.5, 180, 90.0) * flat,
        "night with lights": np.clip(12 + rng.exponential(18, flat.shape), 0, 255),
    }


@pytest.mark.parametrize("name", photographs())
def test_photographs_are_left_as_they_are(name: str) -> None:
    photo = np.clip(np.rint(photographs()[name]), 0, 255).astype(np.uint8)
    assert not found_in(photo).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (7, 7), (3, 400)])
@pytest.mark.parametrize("level", [0, 120, 240])
def test_pictures_of_few_pixels(shape: tuple[int, int], level: int, colorizer: Colorizer) -> None:
    photo = np.full(shape, level, np.uint8)
    assert found_in(photo).shape == view_size(*shape, 192)
    assert colorizer(photo).shape == (*shape, 3)


def test_who_hints_a_color_on_a_margin_means_it(colorizer: Colorizer) -> None:
    photo, margin = framed(240)
    plain = colorizer(photo)
    hinted = colorizer(photo, hints=[Hint(150, 6, "orange"), Hint("97%", "60%", "orange")])
    assert np.median(np.ptp(plain[margin].astype(int), axis=1)) == 0
    assert np.median(np.ptp(hinted[margin].astype(int), axis=1)) > 2
    in_picture = colorizer(photo, hints=[Hint("50%", "60%", "orange")])
    assert np.median(np.ptp(in_picture[margin].astype(int), axis=1)) == 0


def test_a_print_of_16_bits(colorizer: Colorizer) -> None:
    photo, margin = framed(240)
    rgb = colorizer(photo.astype(np.uint16) * 257)
    assert np.median(np.ptp(rgb[margin].astype(int), axis=1)) < 300
