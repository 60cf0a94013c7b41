from __future__ import annotations

import math

import numpy as np
import pytest

from photochrom.color.spaces import lab_to_rgb
from photochrom.evaluation.cards import build_metric
from photochrom.evaluation.pair import Pair

SIDE = 128


def painted(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """Bytes ``(3, H, W)`` of lightness ``(H, W)`` and ab ``(2, H, W)``."""
    rgb = lab_to_rgb(np.concatenate([lightness[None], ab]))
    return (255 * rgb.clip(0, 1)).round().astype(np.uint8)


def figure(*pairs: Pair) -> float:
    metric = build_metric("blotches")
    return metric.figure(np.sum([metric.measure(pair) for pair in pairs], 0), len(pairs))


@pytest.fixture
def wall() -> np.ndarray:
    """Lightness of a plain wall."""
    return np.full((SIDE, SIDE), 60.0)


def island(depth: float) -> np.ndarray:
    """Ab ``(2, SIDE, SIDE)``: half of each window redder than the other."""
    ab = np.zeros((2, SIDE, SIDE))
    ab[0, :, (np.arange(SIDE) // (SIDE // 16)) % 2 == 1] = depth
    return ab


@pytest.mark.parametrize("depth", [6.0, 12.0, 24.0])
def test_islands_on_a_plain_wall_are_as_deep_as_they_are(wall: np.ndarray, depth: float) -> None:
    true, found = painted(wall, 0 * island(depth)), painted(wall, island(depth))
    assert figure(Pair(found, true)) == pytest.approx(depth / 2, abs=0.6)
    assert figure(Pair(true, true)) == pytest.approx(0, abs=0.01)


def test_one_color_all_over_is_none(wall: np.ndarray) -> None:
    red = np.broadcast_to(np.array([30.0, 10.0])[:, None, None], (2, SIDE, SIDE))
    assert figure(Pair(painted(wall, red), painted(wall, 0 * red))) == pytest.approx(0, abs=0.01)


def test_colors_may_change_where_the_gray_does(wall: np.ndarray) -> None:
    edges = wall + island(20)[0]
    pair = Pair(painted(edges, island(20)), painted(edges, 0 * island(20)))
    assert math.isnan(figure(pair))
    half = np.where(np.arange(SIDE)[:, None] < SIDE // 2, edges, wall)
    pair = Pair(painted(half, island(20)), painted(half, 0 * island(20)))
    assert figure(pair) == pytest.approx(10, abs=0.6)


def test_windows_weigh_alike_and_not_pictures(wall: np.ndarray) -> None:
    plain, deep = 0 * island(20), island(20)
    mostly_edges = np.where(np.arange(SIDE)[:, None] < SIDE * 7 // 8, wall + deep[0], wall)
    pairs = [
        Pair(painted(wall, plain), painted(wall, plain)),
        Pair(painted(mostly_edges, deep), painted(mostly_edges, plain)),
    ]
    assert figure(*pairs) == pytest.approx(10 * 8 / 72, abs=0.2)


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (100, 63)])
def test_any_size(size: tuple[int, int]) -> None:
    picture = np.full((3, *size), 128, np.uint8)
    assert figure(Pair(picture, picture)) == pytest.approx(0, abs=0.01)
