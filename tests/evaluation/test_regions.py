"""Regions by made pictures: what is found where, and what each measure says of known errors."""

from __future__ import annotations

import numpy as np
import pytest

from photochrom.color.spaces import lab_to_rgb
from photochrom.evaluation import regions
from photochrom.evaluation.cards import METRICS, build_metric
from photochrom.evaluation.gate import GATE, gate_failures
from photochrom.evaluation.pair import Pair
from photochrom.evaluation.regions import (
    CHANCE,
    GROUPS,
    MEASURES,
    SKINS,
    region_of,
    typology_angle,
)
from photochrom.evaluation.verdict import Figure, Row

SKIES, LEAVES = (70.0, 255.0, 25.0), (40.0, 125.0, 30.0)
TONES = {"skin-light": (78.0, 55.0, 20.0), "skin-tan": (60.0, 60.0, 24.0),
         "skin-dark": (35.0, 55.0, 18.0)}  # fmt: skip
"""Lightness, hue in degrees, chroma."""


def painted(*fields: tuple[slice, slice, tuple[float, float, float]]) -> np.ndarray:
    """A gray picture of 64 x 96 with fields of lightness, hue and chroma, as bytes."""
    lab = np.zeros((3, 64, 96))
    lab[0] = 50
    for rows, columns, (lightness, hue, chroma) in fields:
        angle = np.radians(hue)
        color = [lightness, chroma * np.cos(angle), chroma * np.sin(angle)]
        lab[:, rows, columns] = np.array(color)[:, None, None]
    rgb: np.ndarray = (lab_to_rgb(lab).clip(0, 1) * 255).round().astype(np.uint8)
    return rgb


def figure(name: str, *pairs: Pair) -> float | None:
    metric = build_metric(name)
    found = [s for s in map(metric.measure, pairs) if s is not None]
    return metric.figure(np.sum(found, 0), len(found)) if found else None


TOP, LOW = slice(0, 32), slice(32, 64)
LEFT, FACE = slice(0, 48), (slice(16, 48), slice(24, 72))


def test_regions_are_where_they_were_painted() -> None:
    true = painted((TOP, LEFT, SKIES), (LOW, LEFT, LEAVES), (*FACE, TONES["skin-light"]))
    pair = Pair(true, true)
    for group, rows, columns in (("sky", slice(0, 16), LEFT), ("foliage", slice(48, 64), LEFT),
                                 ("skin-light", *FACE)):  # fmt: skip
        expected = np.zeros((64, 96), bool)
        expected[rows, columns] = True
        found = region_of(pair, group)
        assert found is not None, group
        # A face loses the cells at its outline, where it is not smooth.
        assert (found & expected).sum() >= 0.75 * expected.sum(), group
        assert not (found & ~painted_as(true, rows, columns)).any(), group
    assert region_of(pair, "skin-dark") is None


def painted_as(rgb: np.ndarray, rows: slice, columns: slice) -> np.ndarray:
    """Where the picture has the color that it has in a field."""
    color = rgb[:, rows, columns][:, 0, 0]
    same: np.ndarray = (rgb == color[:, None, None]).all(0)
    return same


def test_skin_at_the_edge_or_rough_is_something_else() -> None:
    wall = painted((slice(0, 64), slice(0, 24), TONES["skin-tan"]))
    assert region_of(Pair(wall, wall), "skin-tan") is None
    face = painted((*FACE, TONES["skin-tan"]))
    assert region_of(Pair(face, face), "skin-tan") is not None
    bark = face.astype(int)
    bark[:, :, ::2] -= 30 * (bark[:, :, ::2] != 119)
    bark = bark.clip(0, 255).astype(np.uint8)
    assert region_of(Pair(bark, bark), "skin-tan") is None
    assert region_of(Pair(bark, bark), "skin-dark") is None


def test_blue_below_something_else_is_no_sky() -> None:
    sea = painted((LOW, slice(0, 96), SKIES))
    assert region_of(Pair(sea, sea), "sky") is None


def test_scattered_and_small_spots_are_no_region() -> None:
    spots = painted()
    leaf = painted((TOP, LEFT, LEAVES))[:, 0, 0]
    spots[:, ::3, ::3] = leaf[:, None, None]
    assert region_of(Pair(spots, spots), "foliage") is None
    small = painted((slice(0, 4), slice(0, 8), LEAVES))
    assert region_of(Pair(small, small), "foliage") is None


@pytest.mark.parametrize("group", SKINS)
def test_skin_belongs_to_the_group_of_its_typology_angle(group: str) -> None:
    true = painted((*FACE, TONES[group]))
    pair = Pair(true, true)
    assert [g for g in SKINS if region_of(pair, g) is not None] == [group]


def test_the_typology_angle_by_hand() -> None:
    # 50 + 20 tan(30 degrees) over b = 20.
    lab = np.array([[50 + 20 / np.sqrt(3)], [10.0], [20.0]])
    assert typology_angle(lab) == pytest.approx(30)
    assert typology_angle(np.array([[30.0], [10.0], [20.0]])) == pytest.approx(-45)


def turned(degrees: float, times: float = 1.0) -> Pair:
    lightness, hue, chroma = SKIES
    true = painted((TOP, slice(0, 96), SKIES))
    wrong = painted((TOP, slice(0, 96), (lightness, hue + degrees, times * chroma)))
    return Pair(wrong, true)


def test_each_measure_sees_its_own_error_only() -> None:
    assert figure("sky-hue", turned(20)) == pytest.approx(20, abs=2)
    assert figure("sky-chroma", turned(20)) == pytest.approx(1, abs=0.05)
    chord = 2 * 25 * np.sin(np.radians(10))
    assert figure("sky-error", turned(20)) == pytest.approx(chord, abs=1)
    assert figure("sky-hue", turned(0, 0.5)) == pytest.approx(0, abs=2)
    assert figure("sky-chroma", turned(0, 0.5)) == pytest.approx(0.5, abs=0.04)
    assert figure("sky-error", turned(0, 0.5)) == pytest.approx(12.5, abs=1)


def test_gray_knows_no_hue_and_the_truth_makes_no_error() -> None:
    true = painted((TOP, slice(0, 96), SKIES))
    gray = Pair(np.repeat(true[1:2], 3, 0), true)
    assert figure("sky-hue", gray) == CHANCE
    assert figure("sky-chroma", gray) == pytest.approx(0, abs=0.01)
    same = Pair(true, true)
    assert [figure(f"sky-{m}", same) for m in MEASURES] == [0, 0, 1]


def test_pictures_without_the_region_do_not_count() -> None:
    other = painted((LOW, LEFT, LEAVES))
    assert figure("sky-hue", Pair(other, other)) is None
    both = figure("sky-hue", turned(20), Pair(other, other))
    assert both == figure("sky-hue", turned(20))


def test_a_small_region_weighs_as_much_as_a_large_one() -> None:
    large = turned(20)
    true, wrong = large.true.copy(), large.predicted.copy()
    true[:, :, 12:], wrong[:, :, 12:] = 128, 128
    assert figure("sky-hue", large, turned(0)) == pytest.approx(
        figure("sky-hue", Pair(wrong, true), turned(0)) or 0, abs=0.1
    )


def test_regions_are_found_once_for_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    true = painted((TOP, LEFT, SKIES))
    first = Pair(true, true)
    expected = build_metric("sky-hue").measure(first)
    monkeypatch.setattr(regions, "region_of", lambda *_: pytest.fail("found again"))
    for pair, measure in ((first, "chroma"), (first.beside(true), "hue")):
        assert build_metric(f"sky-{measure}").measure(pair) is not None
    np.testing.assert_array_equal(build_metric("sky-hue").measure(first.beside(true)), expected)


def test_every_group_and_measure_has_a_card() -> None:
    for group in GROUPS:
        for measure in MEASURES:
            assert not METRICS[f"{group}-{measure}"].usual


def judged(**values: float | None) -> Row:
    figures = {name: Figure(0.0, pictures=50) for name in GATE}
    figures |= {k.replace("_", "-"): Figure(v, pictures=50) for k, v in values.items()}
    return Row("ours", figures=figures)


def test_the_gate_names_what_is_worse_for_some_skin() -> None:
    even = {f"skin_{tone}_error": 10.0 for tone in ("light", "tan", "dark")}
    assert gate_failures(judged(**even)) == []
    (uneven,) = gate_failures(judged(**even | {"skin_dark_error": 13.5}))
    assert "dark skin" in uneven
    assert "1.35" in uneven
    (hue,) = gate_failures(judged(**even, skin_tan_hue=15.5))
    assert "15.5" in hue
    assert gate_failures(judged(**even, skin_tan_hue=14.9)) == []


def test_the_gate_does_not_pass_what_was_not_seen() -> None:
    even = {f"skin_{tone}_error": 10.0 for tone in ("light", "tan")}
    (unseen,) = gate_failures(judged(**even, skin_dark_error=None))
    assert "no picture" in unseen
    few = judged(**even, skin_dark_error=10.0)
    few.figures["skin-dark-error"] = Figure(10.0, pictures=3)
    (too_few,) = gate_failures(few)
    assert "3 pictures" in too_few
