from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photochrom.color.spaces import lab_to_rgb
from photochrom.evaluation.cards import build_metric
from photochrom.evaluation.hues import (
    NAMES,
    SECTORS,
    count_hues,
    sector_shares,
    total_variation,
)
from photochrom.evaluation.pair import Pair, lab_of
from tests.evaluation.conftest import pair_of


def figure(name: str, *pairs: Pair) -> float:
    metric = build_metric(name)
    return metric.figure(np.sum([metric.measure(pair) for pair in pairs], 0), len(pairs))


def flat(hue: float, chroma: float = 30, size: int = 4) -> np.ndarray:
    """A picture of one color, ``(3, size, size)``; hue in degrees."""
    turn = math.radians(hue)
    lab = np.array([60, chroma * math.cos(turn), chroma * math.sin(turn)]).reshape(3, 1, 1)
    rgb = (255 * lab_to_rgb(lab)).round().astype(np.uint8)
    return np.broadcast_to(rgb, (3, size, size))


def shares_by_hand(rgb: np.ndarray) -> np.ndarray:
    """Gray and the sectors, pixel by pixel."""
    found = dict.fromkeys(NAMES, 0)
    for _, a, b in lab_of(rgb).reshape(3, -1).T:
        hue = math.degrees(math.atan2(b, a)) % 360
        if math.hypot(a, b) <= 10:
            found["gray"] += 1
            continue
        for name, (low, high) in SECTORS.items():
            if low <= hue < high or (low > high and (hue >= low or hue < high)):
                found[name] += 1
    return np.array(list(found.values())) / rgb[0].size


def test_sectors_share_the_circle() -> None:
    degrees = [
        d % 360 for low, high in SECTORS.values() for d in range(low, high + 360 * (high < low))
    ]
    assert sorted(degrees) == list(range(360))


@pytest.mark.parametrize("seed", range(3))
def test_counts_are_those_of_single_pixels(seed: int) -> None:
    rgb = pair_of(seed).true
    pair = Pair(rgb, rgb)
    counts = count_hues(pair.true_lab, pair.true_chroma)
    assert counts.sum() == pytest.approx(1)
    # Rounding to float32 may put a pixel on the border of two sectors into either.
    np.testing.assert_allclose(sector_shares(counts), shares_by_hand(rgb), atol=2e-3)


@pytest.mark.parametrize(("name", "ends"), SECTORS.items())
def test_a_color_counts_for_its_own_sector_alone(name: str, ends: tuple[int, int]) -> None:
    low, high = ends
    middle = low + (high - low) % 360 / 2
    pair = Pair(flat(middle, 18), flat(middle, 0))
    assert figure(f"{name}-share", pair) == 100
    others = [other for other in NAMES if other != name]
    assert all(figure(f"{other}-share", pair) == 0 for other in others)


def test_brown_is_counted_beside_the_truth() -> None:
    half_brown = np.concatenate([flat(50), flat(250)], 2)
    assert figure("brown-ratio", Pair(flat(50), half_brown)) == pytest.approx(2)
    assert figure("brown-ratio", Pair(flat(250), half_brown)) == 0
    assert figure("brown-ratio", Pair(half_brown, half_brown)) == 1
    assert math.isnan(figure("brown-ratio", Pair(flat(50), flat(250))))


def test_a_set_may_be_right_where_no_picture_is() -> None:
    red, blue = flat(5), flat(260)
    swapped = Pair(red, blue), Pair(blue, red)
    for name in ("sector-distance", "hue-distance"):
        assert figure(name, *swapped) == 0
    assert figure("picture-hue-distance", *swapped) == 1


def test_only_the_fine_distance_sees_chroma() -> None:
    pair = Pair(flat(50, 15), flat(50, 30))
    assert figure("sector-distance", pair) == 0
    assert figure("hue-distance", pair) == 1


def test_pictures_of_every_size_weigh_alike() -> None:
    pairs = Pair(flat(5, size=2), flat(5, size=2)), Pair(flat(260, size=9), flat(5, size=9))
    assert figure("red-share", *pairs) == pytest.approx(50)
    assert figure("sector-distance", *pairs) == pytest.approx(0.5)


def test_gray_beside_a_colorful_truth() -> None:
    gray = Pair(flat(0, 0), flat(50))
    assert figure("gray-share", gray) == 100
    assert figure("sector-distance", gray) == 1
    assert figure("brown-ratio", gray) == 0


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), st.floats(0.1, 50))
def test_total_variation_is_a_distance_of_shapes(values: list[float], scale: float) -> None:
    one, other = np.array(values), np.add(values[::-1], (0, 1, 0))
    assert total_variation(one, scale * one) == pytest.approx(0, abs=1e-12)
    assert total_variation(one, other) == pytest.approx(total_variation(other, one))
    assert 0 <= total_variation(one, other) <= 1
