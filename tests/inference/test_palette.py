from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from photochrom.errors import WrongInput
from photochrom.inference.palette import Palette, open_palette


def test_text_lists_and_files_agree(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    entries = [{"color": "#1f6f78", "weight": 2}, {"color": "peru", "weight": 1}]
    path.write_text(json.dumps({"version": 1, "colors": entries}))
    palette = open_palette(" #1f6f78:2, peru:1")
    assert palette == open_palette(path) == open_palette(str(path))
    assert palette.shares == pytest.approx([2 / 3, 1 / 3])
    assert open_palette(str(palette)) == palette
    path.write_text(json.dumps({"version": 1, "colors": ["red", "blue"]}))
    assert open_palette(path) == open_palette(["red", "blue"]) == open_palette("red,blue")
    assert open_palette("red,blue").shares is None


def test_gray_is_the_middle_of_ab() -> None:
    ab = Palette(("gray", "red")).ab
    assert ab.shape == (2, 2)
    assert np.abs(ab[0]).max() < 1e-9
    assert np.hypot(*ab[1]) > 90


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no color"),
        ("red,,blue", "no color"),
        ("red,blu", "did you mean blue"),
        ("red,#f00", "twice"),
        ("red:1,blue", "every color"),
        ("red:x", "numbers above 0"),
        ("red:0", "numbers above 0"),
        ("red:nan", "numbers above 0"),
        ("missing.json", "no such"),
    ],
)
def test_what_is_no_palette_is_refused(text: str, said: str) -> None:
    with pytest.raises(WrongInput, match=said):
        open_palette(text)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], "must be an object"),
        ({"version": 1}, "colors is missing"),
        ({"version": 3, "colors": []}, "version 3"),
        ({"version": 1, "colors": []}, "1 to 64"),
        ({"version": 1, "colors": "red"}, "must be a list"),
        ({"version": 1, "colors": [3]}, "must be an object"),
        ({"version": 1, "colors": [{"color": 3}]}, "3 is no color"),
        ({"version": 1, "colors": [{"color": "red", "weights": 3}]}, "did you mean weight"),
        ({"version": 1, "colors": [{"color": "red", "weight": True}]}, "numbers above 0"),
    ],
)
def test_bad_files_are_refused_by_name(tmp_path: Path, values: object, said: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(values))
    with pytest.raises(WrongInput, match=rf"bad\.json.*{said}"):
        open_palette(path)
