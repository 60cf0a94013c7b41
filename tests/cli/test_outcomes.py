"""What a run says of itself while it goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from photochrom.cli import outcomes as room
from photochrom.cli.outcomes import Report
from photochrom.inference.folder.jobs import Job, Outcome
from photochrom.inference.retoucher import Wishes


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
