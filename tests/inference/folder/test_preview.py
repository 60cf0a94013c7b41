from __future__ import annotations

from pathlib import Path

import pytest

from photochrom import Colorizer
from photochrom.inference.folder import preview
from photochrom.inference.folder.plan import Plan
from photochrom.inference.folder.preview import Preview
from photochrom.photo import decode
from tests.inference.folder.conftest import Color, draw
from tests.locked import closed


def snapshot(folder: Path) -> dict[Path, int]:
    return {p: p.stat().st_mtime_ns for p in folder.rglob("*")}


def test_nothing_is_written(colorizer: Colorizer, album: Path, tmp_path: Path) -> None:
    before = snapshot(tmp_path)
    look = Preview(Plan([str(album)], output=tmp_path / "out"), colorizer)
    assert [o.state for o in look.outcomes()] == ["planned"] * 3
    estimate = look.estimate()
    assert snapshot(tmp_path) == before
    assert estimate.pictures == 3
    assert estimate.basis == "3 of them, colored for this estimate"
    assert 0 < (estimate.seconds or 0) < 60
    assert (estimate.result_size or 0) > 0
    assert estimate.free


def test_it_says_what_a_run_would_do(
    colorizer: Colorizer, color: Color, album: Path, tmp_path: Path
) -> None:
    (album / "a.jpg").write_text("no picture")
    plan = Plan([str(album)], output=tmp_path / "out")
    color(plan)
    (tmp_path / "out" / "a.png").unlink()
    before = snapshot(tmp_path)
    look = Preview(plan, colorizer)
    expected = [(o.state, o.reason) for o in look.outcomes()]
    assert [state for state, _ in expected] == ["skipped", "failed", "planned"]
    assert snapshot(tmp_path) == before
    really = [(o.state.replace("done", "planned"), o.reason) for o in color(plan)]
    assert really == expected


def test_the_estimate_comes_from_what_was_done(
    colorizer: Colorizer, color: Color, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "ENOUGH", 2)
    plan = Plan([str(album)], output=tmp_path / "out")
    done = color(plan)
    (tmp_path / "out" / "a.png").unlink()
    look = Preview(plan, colorizer, workers=2)
    list(look.outcomes())
    estimate = look.estimate()
    assert estimate.basis == "3 pictures done before"
    share = (album / "a.png").stat().st_size / sum(o.job.source.stat().st_size for o in done)
    expected = sum(o.seconds for o in done) * share / 2
    assert estimate.seconds == pytest.approx(expected, rel=1e-3)


def test_heads_are_read(colorizer: Colorizer, tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    draw(folder / "good.png", 1)
    whole = (folder / "good.png").read_bytes()
    damaged = {
        "empty.jpg": (b"", "it is empty"),
        "film.png": (b"\0\0\0\x18ftypisom" + bytes(64), "it is a film"),
        "head.png": (whole[:20], "cannot be read"),
        "huge.ppm": (b"P5 90000 90000 255\n", "it claims 90000 x 90000 pixels"),
        "layers.jpg": (b"8BPS" + bytes(64), "it is a Photoshop document"),
        "phone.jpg": (b"\0\0\0\x18ftypheic" + bytes(64), "it is damaged"),
        "text.tif": (b"no picture", "it is not a picture"),
    }
    for name, (data, _) in damaged.items():
        (folder / name).write_bytes(data)
    before = snapshot(tmp_path)
    look = Preview(Plan([str(folder)], output=tmp_path / "out"), colorizer)
    found = {o.job.source.name: (o.state, o.reason) for o in look.outcomes()}
    assert found.pop("good.png") == ("planned", "")
    for name, (_, reason) in damaged.items():
        state, said = found.pop(name)
        assert state == "failed"
        assert str(folder / name) in said
        assert reason in said
    assert look.estimate().pictures == 1
    assert snapshot(tmp_path) == before


def test_what_may_not_be_read_is_told(colorizer: Colorizer, album: Path) -> None:
    look = Preview(Plan([str(album)], output=album.parent / "out"), colorizer)
    with closed(album / "a.jpg"):
        found = [(o.state, o.reason) for o in look.outcomes()]
    denied = f"{album / 'a.jpg'} cannot be read: permission denied"
    assert found == [("planned", ""), ("failed", denied), ("planned", "")]


def test_no_pixels_are_decoded(
    colorizer: Colorizer, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode, "_photo", lambda _: pytest.fail("a picture was decoded"))
    look = Preview(Plan([str(album)], output=album.parent / "out"), colorizer)
    assert [o.state for o in look.outcomes()] == ["planned"] * 3
