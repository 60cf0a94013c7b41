"""What a run says of itself while it goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photochrom.cli import outcomes as room
from photochrom.cli.outcomes import Report, notes
from photochrom.inference.folder.jobs import Job, Outcome
from photochrom.inference.retoucher import Wishes
from photochrom.photo.photo import Metadata, Photo, Text


def test_rate_and_time_left_by_what_was_really_colored(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two a second, and 900 to come: 40 that were there already say nothing of either."""
    now = 0.0
    monkeypatch.setattr(room, "_LINE_SECONDS", 30.0)
    monkeypatch.setattr(room.time, "monotonic", lambda: now)
    report = Report(1000, asked=Wishes())

    def going() -> object:
        nonlocal now
        for index in range(100):
            state = "skipped" if index < 40 else "done"
            now += 0.5 if state == "done" else 0.0
            path = Path(f"{index}.jpg")
            yield Outcome(Job(path, path), state, "already there" if state == "skipped" else "")

    report.follow(going())  # type: ignore[arg-type]
    said = capsys.readouterr().err.splitlines()
    assert said == ["100 of 1,000: 2.0 a second, 8 min left"]


def test_what_a_format_cannot_keep_is_said_once_for_a_folder(
    capsys: pytest.CaptureFixture[str],
) -> None:
    jobs = [Job(Path(f"{n}.tif"), Path(f"{n}.color.jpg")) for n in range(2)]
    colored = [Outcome(job, "done", depth=16, has_alpha=True, was_color=True) for job in jobs]
    report = Report(2, asked=Wishes())
    report.follow(colored)
    assert capsys.readouterr().err.splitlines() == [
        "note: 0.tif is in color; its own lightness is used",
        "note: 0.tif has more than 8 bits, a JPEG keeps 8; PNG and TIFF keep all",
        "note: 0.tif has transparency, which no JPEG keeps; PNG and TIFF do",
    ]
    kept = Outcome(Job(Path("a.tif"), Path("a.png")), "done", depth=16, has_alpha=True)
    assert notes(kept) == {}
    assert list(notes(kept, "it", "WEBP")) == ["depth"]
    assert list(notes(Outcome(Job(Path("a"), Path("-")), "done", depth=16))) == []


def test_every_toned_photograph_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    jobs = [Job(Path(f"{n}.jpg"), Path(f"{n}.color.jpg")) for n in range(3)]
    Report(3, asked=Wishes()).follow(Outcome(job, "done", toned=True) for job in jobs)
    assert [line.split()[1] for line in capsys.readouterr().err.splitlines()] == [
        "0.jpg", "1.jpg", "2.jpg",
    ]  # fmt: skip


def test_texts_that_a_result_does_not_keep_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    jobs = [Job(Path(f"{n}.png"), Path(f"{n}.color.webp")) for n in range(2)]
    lost = [("Album", "Box\n"), tuple("abcdefg")]
    Report(2, asked=Wishes()).follow(
        Outcome(job, "done", lost=one) for job, one in zip(jobs, lost, strict=True)
    )
    assert capsys.readouterr().err.splitlines() == [
        "note: 0.png says what its result has no place for: Album, Box\\n",
        "note: 1.png says what its result has no place for: a, b, c, d, e and 2 more",
    ]


@pytest.mark.parametrize(("suffix", "lost"), [(".webp", ("Album",)), (".jpg", ()), (".png", ())])
def test_an_outcome_knows_what_its_format_loses(suffix: str, lost: tuple[str, ...]) -> None:
    metadata = Metadata(texts=(Text("Album", "12"), Text("Title", "Bergen")))
    photo = Photo(np.zeros((4, 4), np.uint8), metadata=metadata)
    job = Job(Path("a.png"), Path("a.color" + suffix))
    assert Outcome.done(job, photo, 0.1, keeps_tint=False).lost == lost
    piped = Job(Path("a.png"), Path("-"))
    assert Outcome.done(piped, photo, 0.1, keeps_tint=False, format="WEBP").lost == ("Album",)


def test_scans_without_grays_are_named_and_so_is_a_gray_result(
    capsys: pytest.CaptureFixture[str],
) -> None:
    jobs = [Job(Path(f"{n}.png"), Path(f"{n}.color.png")) for n in range(4)]
    kinds = ({"bilevel": True, "came_out_gray": True}, {"bilevel": True}, {"came_out_gray": True})
    Report(4, asked=Wishes()).follow(
        Outcome(job, "done", **kind) for job, kind in zip(jobs, (*kinds, {}), strict=True)
    )
    said = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1].split()[0] for line in said] == ["0.png", "1.png", "2.png"]
    assert "this scan is black and white only, and so is the result" in said[0]
    assert "this scan is black and white only: it has no grays" in said[1]
    assert "without any color" in said[2]
