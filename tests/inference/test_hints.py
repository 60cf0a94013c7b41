from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photochrom.color.names import color_to_ab, parse_color, rgb_to_hex
from photochrom.color.spaces import lab_to_rgb
from photochrom.errors import WrongInput
from photochrom.inference.colorizer import Colorizer
from photochrom.inference.hints import (
    Hint,
    check_hints,
    fit_hints,
    hint_planes,
    merge_hints,
    parse_hint,
)

PHOTO, VIEW = (400, 600), (100, 150)


def planes(*hints: Hint, L: float = 60.0) -> np.ndarray:
    return hint_planes(hints, PHOTO, VIEW, np.full((1, 1, 128, 160), L, np.float32))


def test_pixels_and_percents_name_the_same_place() -> None:
    assert np.array_equal(planes(Hint(300, 100, "red")), planes(Hint("50%", "25%", "red")))
    rows, columns = np.nonzero(planes(Hint(300, 100, "red"))[0, 2])
    assert (round(rows.mean()), round(columns.mean())) == (25, 75)


def test_a_hint_is_a_small_square_and_zero_elsewhere() -> None:
    found = planes(Hint(300, 100, "#3355aa", 16))[0]
    mask = found[2]
    assert set(np.unique(mask)) == {0.0, 1.0}
    assert mask[21:30, 71:80].sum() == mask.sum() == 81
    assert np.abs(found[:2, mask == 0]).max() == 0
    assert np.ptp(found[:2, mask == 1], axis=1).max() == 0
    assert planes(Hint(300, 100, "red", 1))[0, 2].sum() == 1


def test_squares_at_the_edge_are_cut_and_padding_is_never_hinted() -> None:
    for x, y in ((0, 0), (599, 399), ("100%", "100%"), (599.9, 0)):
        mask = planes(Hint(x, y, "red"))[0, 2]
        assert mask.sum() > 0
        assert mask[100:].sum() == mask[:, 150:].sum() == 0


def test_the_color_keeps_its_ab_where_srgb_has_it_and_its_hue_elsewhere() -> None:
    true = color_to_ab(parse_color("#b07060"))
    shown = planes(Hint(300, 100, "#b07060"))[0, :2, 25, 75]
    assert np.allclose(shown, true, atol=1e-3)
    dark = planes(Hint(300, 100, "#b07060"), L=4.0)[0, :2, 25, 75]
    assert np.hypot(*dark) < 0.8 * np.hypot(*true)
    assert np.arctan2(*dark) == pytest.approx(np.arctan2(*true), abs=1e-4)
    rgb = lab_to_rgb(np.array([4.0, *dark]).reshape(3, 1, 1))
    assert -0.01 < rgb.min() <= rgb.max() < 1.01


def test_the_later_of_two_that_overlap_wins() -> None:
    first, second = Hint(300, 100, "red", 20), Hint(312, 100, "blue", 20)
    both, alone = planes(first, second)[0], planes(second)[0]
    inside = alone[2] == 1
    assert np.array_equal(both[:, inside], alone[:, inside])
    assert both[2].sum() > alone[2].sum()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("120,80=#c03028", Hint("120", "80", "#c03028")),
        ("40%, 5.5% = SkyBlue", Hint("40%", "5.5%", "SkyBlue")),
        ("1,2,3%=#abc", Hint("1", "2", "#abc", "3%")),
    ],
)
def test_written_hints(text: str, hint: Hint) -> None:
    assert parse_hint(text) == hint
    assert parse_hint(str(hint)) == hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "X,Y=COLOR"),
        ("12=red", "X,Y=COLOR"),
        ("1,2,3,4=red", "X,Y=COLOR"),
        ("1,2=skyblu", "did you mean skyblue"),
        ("1,2=#12345", "#rrggbb"),
        ("1,2=qqqqqq", "such as skyblue"),
        ("-1,2=red", "x must be"),
        ("1,nan=red", "y must be"),
        ("101%,2=red", "x must be"),
        ("1,2,0=red", "radius"),
    ],
)
def test_what_is_no_hint_is_refused(text: str, said: str) -> None:
    with pytest.raises(WrongInput, match=said):
        parse_hint(text)


@pytest.mark.parametrize("value", [True, None, float("inf"), [1], -1])
def test_what_is_no_place_is_refused(value: object) -> None:
    with pytest.raises(WrongInput, match="x must be"):
        Hint(value, 1, "red")  # type: ignore[arg-type]


def test_outside_and_twice_are_refused_by_number() -> None:
    inside = Hint(1, 1, "red")
    with pytest.raises(WrongInput, match=r"hint 2 \(600,1=red\): x = 600 .* 600 pixels wide"):
        planes(inside, Hint(600, 1, "red"))
    with pytest.raises(WrongInput, match=r"hints 1 and 3 .* same place"):
        check_hints([inside, Hint(5, 5, "red"), Hint(1.5, 1.2, "blue")], *PHOTO)
    with pytest.raises(WrongInput, match="too large: at most 25%"):
        planes(Hint(1, 1, "red", "26%"))


@pytest.mark.parametrize("x", [600, "600", 600.0, "600.0", " 700 "])
def test_the_width_itself_is_outside_however_it_is_written(x: float | str) -> None:
    for hint in (Hint(x, 1, "red"), Hint(1, x, "red")):
        with pytest.raises(WrongInput, match="outside the photo, 600 pixels"):
            check_hints([hint], 600, 600)
    check_hints([Hint("100%", "100.0 %", "red"), Hint("599.9", 1, "red")], 600, 600)


@pytest.mark.parametrize(
    "hints",
    ["1,2=red", Hint(1, 2, "red"), [(1, 2, "red")], ["1,2=red"], (h for h in ()), None, {1: 2}],
)
def test_what_is_no_list_of_hints(hints: object) -> None:
    with pytest.raises(WrongInput, match=r"hints? .*must be a .*Hint\(1, 2, 'red'\)"):
        check_hints(hints, *PHOTO)  # type: ignore[arg-type]


def test_a_colorizer_says_so_of_every_kind_of_photograph(gray_photo: Path) -> None:
    colorizer = Colorizer()
    gray = np.zeros((40, 60), np.uint8)
    for photo in (gray, str(gray_photo), gray_photo.read_bytes()):
        with pytest.raises(WrongInput, match="hint 1 must be a Hint"):
            colorizer(photo, hints=[(1, 2, "red")])  # type: ignore[list-item]
        with pytest.raises(WrongInput, match="hints must be a list"):
            colorizer(photo, hints=Hint(1, 2, "red"))  # type: ignore[arg-type]


sides = st.integers(1, 3000)


@given(old=st.tuples(sides, sides), new=st.tuples(sides, sides), data=st.data())
def test_hints_that_fit_a_photograph_fit_every_copy_of_it(
    old: tuple[int, int], new: tuple[int, int], data: st.DataObject
) -> None:
    shares = st.floats(0, 1, exclude_max=True)
    radii = st.none() | st.floats(0.001, max(1, 0.25 * min(old))) | st.just("25%")
    numbers = data.draw(st.lists(st.tuples(shares, shares, radii), max_size=4))
    hints = [Hint(x * (old[1] - 0.5), y * (old[0] - 0.5), "red", r) for x, y, r in numbers]
    pixels = {(int(hint.x), int(hint.y)): hint for hint in hints}  # type: ignore[call-overload]
    fitted = fit_hints(list(pixels.values()), old, new)
    check_hints(fitted, *new)
    assert len(fitted) <= len(pixels)
    assert bool(fitted) == bool(pixels)


def test_of_hints_that_fall_together_the_last_stays() -> None:
    hints = [Hint(1000, 1000, "red"), Hint("25%", "25%", "green"), Hint(1001, 1001, "blue")]
    fitted = fit_hints(hints, (2000, 2000), (500, 500))
    assert [hint.color for hint in fitted] == ["green", "blue"]
    assert fit_hints([Hint(9, 9, "red", 43.5)], (174, 174), (127, 127))[0].reach(127, 127) == 31.75


def test_what_did_not_fit_the_photograph_itself_is_refused() -> None:
    twice = [Hint(9, 9, "red"), Hint(9.5, 9, "blue")]
    for hints, said in (([Hint(90, 1, "red")], "x = 90 lies outside"), (twice, "same place")):
        with pytest.raises(WrongInput, match=said):
            fit_hints(hints, (60, 90), (120, 180))


def test_merging_replaces_the_same_place_only() -> None:
    old = [Hint(1, 1, "red"), Hint("50%", "50%", "green")]
    merged = merge_hints(old, [Hint(300, 200, "blue")], *PHOTO)
    assert merged == (old[0], Hint(300, 200, "blue"))


def test_colors_and_hexes() -> None:
    for text in ("#c03028", "#ffffff", "#000000"):
        assert rgb_to_hex(parse_color(text)) == text
    assert np.array_equal(parse_color("#FA0"), parse_color("#ffaa00"))
    assert np.abs(color_to_ab(parse_color("gray"))).max() < 1e-9
