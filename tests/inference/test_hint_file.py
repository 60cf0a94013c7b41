from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from photochrom.errors import WrongInput
from photochrom.inference.folder.plan import Plan
from photochrom.inference.folder.walk import Found
from photochrom.inference.hint_file import HintFile, read_hints, sidecar_of, write_hints
from photochrom.inference.hints import Hint


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.hints.json"
    hints = (Hint(120, 80.5, "#c03028"), Hint("40%", "55%", "skyblue", "2%"))
    write_hints(path, hints, "grändma\udcff.jpg", (800, 1200))
    assert read_hints(path) == HintFile(hints, (800, 1200))
    values = json.loads(path.read_text())
    assert values["version"] == 1
    assert (values["width"], values["height"]) == (1200, 800)
    assert values["hints"][0] == {"x": 120, "y": 80.5, "color": "#c03028"}
    again = (Hint("120", np.float32(80.5), "#c03028"), hints[1])
    write_hints(path, again, "x", (800, 1200))
    assert read_hints(path).hints == hints


def test_pixels_move_with_the_photograph() -> None:
    hints = (Hint(100, 50, "red", 4), Hint("10%", "20%", "red", "3%"))
    file = HintFile(hints, (200, 400))
    assert file.fitted(200, 400) == hints
    assert file.fitted(400, 1200) == (Hint(300, 100, "red", 8), hints[1])
    assert HintFile(hints).fitted(999, 999) == hints


def test_sidecars_lie_beside_the_result_and_tell_sources_apart() -> None:
    out = Path("out/a.color.jpg")
    assert sidecar_of(Path("in/a.jpg"), out) == Path("out/a.jpg.hints.json")
    assert sidecar_of(Path("in/a.jpg"), out) != sidecar_of(Path("in/a.png"), out)


GOOD = {"x": 1, "y": 2, "color": "red"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], "must be an object"),
        ({"hints": []}, "version is missing"),
        ({"version": 2, "hints": []}, "version 2"),
        ({"version": 1, "hints": {}}, "hints must be a list"),
        ({"version": 1, "hints": [], "hits": 1}, "unknown key 'hits'; did you mean hints"),
        ({"version": 1, "hints": [GOOD, {"x": 1, "y": 2}]}, "hint 2: color is missing"),
        ({"version": 1, "hints": [GOOD | {"colour": "red"}]}, "hint 1: unknown key 'colour'"),
        ({"version": 1, "hints": [GOOD | {"color": "gren"}]}, "did you mean green"),
        ({"version": 1, "hints": [GOOD | {"color": 7}]}, "hint 1: 7 is no color"),
        ({"version": 1, "hints": [GOOD | {"x": "far"}]}, "hint 1: x must be"),
        ({"version": 1, "hints": [], "width": 4}, "height must be"),
    ],
)
def test_bad_files_are_refused_in_one_line(tmp_path: Path, values: object, said: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(values))
    with pytest.raises(WrongInput, match=said) as caught:
        read_hints(path)
    assert "bad.json" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(data)
    with pytest.raises(WrongInput, match=r"bad\.json"):
        read_hints(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(WrongInput, match=r"no\.json: no such file$"):
        read_hints(tmp_path / "no.json")


def test_namesakes_have_hints_of_their_own() -> None:
    plan = Plan(["nowhere"], output=Path("out"))
    taken, sidecars = set[int](), []
    for folder in ("a", "b", "c"):
        for name in ("x.jpg", "x.png"):
            job = plan._job(Found(f"{folder}/{name}", folder), taken)
            sidecars.append(sidecar_of(job.source, job.destination).name)
    assert sidecars[:2] == ["x.jpg.hints.json", "x.png.hints.json"]
    assert len(set(sidecars)) == 6
    beside = sidecar_of(Path("a/x.jpg"), Path("a/x.color.jpg"))
    assert beside == Path("a/x.jpg.hints.json")
