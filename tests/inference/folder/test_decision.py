"""What is made again, and what is left: by what earlier runs wrote down."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from photochrom import Colorizer
from photochrom.inference.folder.decision import Rules
from photochrom.inference.folder.plan import Plan
from photochrom.inference.folder.run import Run
from photochrom.photo.kinds import READABLE
from tests.inference.folder.conftest import Color, draw, save_result, states


def test_the_same_command_does_nothing_twice(plan: Plan, color: Color, tmp_path: Path) -> None:
    assert states(color(plan)) == ["done"] * 3
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "out").rglob("*.*g")}
    for rules in (Rules(), Rules(overwrite=True), Rules(retry_failed=True)):
        assert states(color(plan, rules=rules)) == ["skipped"] * 3
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_a_missing_or_empty_result_is_made_again(plan: Plan, color: Color, tmp_path: Path) -> None:
    color(plan)
    (tmp_path / "out" / "a.jpg").unlink()
    (tmp_path / "out" / "a.png").write_bytes(b"")
    assert states(color(plan)) == ["skipped", "done", "done"]


def test_a_photograph_that_changed_is_named_and_kept(
    plan: Plan, color: Color, album: Path, tmp_path: Path
) -> None:
    color(plan)
    before = (tmp_path / "out" / "a.png").read_bytes()
    draw(album / "a.png", seed=5)
    last = color(plan)[-1]
    assert last.state == "skipped"
    assert last.reason.startswith("the photograph has changed since; --overwrite")
    assert (tmp_path / "out" / "a.png").read_bytes() == before
    assert states(color(plan, rules=Rules(overwrite=True))) == ["skipped", "skipped", "done"]
    assert (tmp_path / "out" / "a.png").read_bytes() != before


def test_a_new_date_is_no_change(plan: Plan, color: Color, album: Path) -> None:
    color(plan)
    os.utime(album / "a.png", (1, 1))
    assert [o.reason for o in color(plan)] == ["already there"] * 3
    # The same length with other bytes is one.
    data = bytearray((album / "a.png").read_bytes())
    data[-1] ^= 1
    (album / "a.png").write_bytes(data)
    assert "changed" in color(plan)[-1].reason


def test_other_settings_are_named_and_kept(plan: Plan, color: Color, tmp_path: Path) -> None:
    color(plan)
    before = (tmp_path / "out" / "a.png").read_bytes()
    stronger = Colorizer(strength=1.5, threads=1)
    outcomes = color(plan, by=stronger)
    assert {o.reason for o in outcomes} == {
        "made with other settings: strength 1, not 1.5; --overwrite makes it again"
    }
    assert (tmp_path / "out" / "a.png").read_bytes() == before
    assert "quality none, not 80" in color(plan, quality=80)[0].reason
    overwrite = Rules(overwrite=True)
    assert states(color(plan, by=stronger, rules=overwrite)) == ["done"] * 3
    assert states(color(plan, by=stronger, rules=overwrite)) == ["skipped"] * 3
    assert (tmp_path / "out" / "a.png").read_bytes() != before


def test_failures_are_not_tried_again_unless_asked(
    plan: Plan, color: Color, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (album / "a.jpg").write_text("no picture")
    assert states(color(plan)) == ["done", "failed", "done"]
    tried, save = list[str](), Colorizer.save

    def counted(self: Colorizer, source: Path, *args: Any, **options: Any) -> Any:
        tried.append(source.name)
        return save(self, source, *args, **options)

    monkeypatch.setattr(Colorizer, "save", counted)
    again = color(plan)[1]
    assert (again.state, tried) == ("failed", [])
    assert again.reason.endswith(
        f"it is not a picture ({READABLE}) (before; --retry-failed tries it again)"
    )
    assert states(color(plan, rules=Rules(retry_failed=True)))[1] == "failed"
    assert tried == ["a.jpg"]
    draw(album / "a.jpg", seed=1)
    assert states(color(plan)) == ["skipped", "done", "skipped"]


def test_another_photograph_of_the_same_name_is_not_lost_silently(
    plan: Plan, color: Color, tmp_path: Path
) -> None:
    color(plan)
    other = tmp_path / "other"
    other.mkdir()
    draw(other / "a.jpg", seed=9)
    (outcome,) = color(Plan([str(other)], output=tmp_path / "out"))
    assert outcome.state == "failed"
    assert "made from ../album/a.jpg" in outcome.reason


def test_a_result_never_replaces_its_photograph(color: Color, album: Path) -> None:
    before = (album / "a.jpg").read_bytes()
    (album / "link.jpg").symlink_to(album / "a.jpg")
    for place in (album / "a.jpg", album / "1920" / ".." / "a.jpg", album / "link.jpg"):
        plan = Plan([str(album / "a.jpg")], output=place)
        for rules in (Rules(), Rules(overwrite=True)):
            (outcome,) = color(plan, rules=rules)
            assert outcome.state == "failed"
            assert outcome.reason.endswith(
                "a.jpg: the result would replace it; choose another --output"
            )
    assert (album / "a.jpg").read_bytes() == before


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_result_never_replaces_another_photograph(
    color: Color, tmp_path: Path, overwrite: bool
) -> None:
    for name in "12":
        (tmp_path / name).mkdir()
        draw(tmp_path / name / "x.png", seed=int(name))
    before = [(tmp_path / name / "x.png").read_bytes() for name in "12"]
    plan, rules = Plan([str(tmp_path / n) for n in "12"], output=tmp_path / "1"), Rules(overwrite)
    for expected in ("done", "skipped"):
        outcomes = color(plan, rules=rules)
        assert states(outcomes) == [expected] * 2
        made = [o.job.destination.name for o in outcomes]
        assert made == ["x.color.png", "x.png.color.png"]
    assert [(tmp_path / name / "x.png").read_bytes() for name in "12"] == before


def test_a_photograph_in_the_place_of_a_recorded_result_stays(color: Color, tmp_path: Path) -> None:
    for name in "12":
        (tmp_path / name).mkdir()
    draw(tmp_path / "2" / "y.png", seed=1)
    draw(tmp_path / "1" / "x.png", seed=2)
    plan, own = Plan([str(tmp_path / n) for n in "12"], output=tmp_path / "1"), tmp_path / "1/y.png"
    assert states(color(plan)) == ["done", "done"]
    draw(own, seed=3)
    before = own.read_bytes()
    outcomes = color(plan, rules=Rules(overwrite=True))
    assert states(outcomes) == ["skipped", "done", "failed"]
    assert outcomes[-1].reason.endswith(f"replace {own}, another photograph of this run")
    assert own.read_bytes() == before


def test_results_that_differ_by_capitals_keep_their_names(
    color: Color, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(album / "A.jpg", seed=3)
    plan = Plan([str(album)], output=tmp_path / "out")
    with monkeypatch.context() as patch:
        as_it_was = lambda path: (str(path),)  # noqa: E731
        patch.setattr("photochrom.inference.folder.plan._folded", as_it_was)
        assert states(color(plan)) == ["done"] * 4
    assert states(color(plan)) == ["skipped"] * 4


@pytest.mark.parametrize("is_ours", [True, False])
def test_what_lies_where_a_run_died_is_made_again_if_it_is_ours(
    plan: Plan, colorizer: Colorizer, color: Color, is_ours: bool
) -> None:
    job = list(plan)[1]
    with Run(colorizer, plan) as run:
        assert job.home is not None
        run._homes[job.home].begin(job)
    (save_result if is_ours else lambda path: draw(path, seed=8))(job.destination)
    before = job.destination.read_bytes()
    outcome = color(plan)[1]
    assert outcome.state == ("done" if is_ours else "skipped")
    assert (job.destination.read_bytes() == before) == (not is_ours)
    if not is_ours:
        assert outcome.reason.startswith("already there, and does not say it is ours; --overwrite")
        assert color(plan, rules=Rules(overwrite=True))[1].state == "done"


@pytest.mark.parametrize(("seconds", "state"), [(1.9, "skipped"), (-1.9, "skipped"), (3, "done")])
def test_results_may_move_to_a_disk_of_coarser_times(
    plan: Plan, color: Color, tmp_path: Path, seconds: float, state: str
) -> None:
    color(plan)
    result = tmp_path / "out" / "a.png"
    time = result.stat().st_mtime_ns + int(seconds * 1e9)
    os.utime(result, ns=(time, time))
    assert color(plan, rules=Rules(overwrite=True))[2].state == state
