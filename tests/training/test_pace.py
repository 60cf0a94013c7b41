"""The rehearsal of a budget of time: steps that count, and a stop that is one."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from rich.console import Console

from photochrom.training import pace as room
from photochrom.training.comparison import PLAN, Budget, Comparison
from photochrom.training.pace import FEWEST, WARM, Clock, pace
from photochrom.training.progress import ProgressLine
from tests.training.conftest import tiny_recipe

pytestmark = pytest.mark.usefixtures("tiny_network")
SMALL = ["data.size=32", "data.validation=0", "data.workers=0", "training.batch_size=2"]


def test_the_start_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = iter([5.0, 9.0, 20.0, 30.0, 31.0, 32.0, 33.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(ends))
    clock = Clock()
    for position in range(7):
        clock.update(position, {})
    assert clock.of_a_step == 1.0


def test_images_a_second_of_steps_that_fill_the_time(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every step is made to take 20 ms: 0.4 s are 20 of them, beside those that do not count."""
    seen: list[int] = []

    class Slow(Clock):
        def update(self, position: int, parts: dict[str, float]) -> None:
            time.sleep(0.02)
            super().update(position, parts)

    monkeypatch.setattr(room, "Clock", Slow)

    def recipe_of(images: int) -> object:
        seen.append(images)
        return tiny_recipe(training={"images": images, "batch_size": 2, "epoch_images": images})

    rate = pace(recipe_of, [str(pictures)], "cpu", seconds=0.4)  # type: ignore[arg-type]
    assert seen[1] == 2 * (WARM + FEWEST // 2)
    assert 2 * (WARM + FEWEST) <= seen[2] <= 2 * (WARM + 20)
    assert rate is not None
    assert 20 < rate < 100


def test_a_stop_while_rehearsing_plans_nothing(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(Clock):
        def update(self, position: int, parts: dict[str, float]) -> None:
            super().update(position, parts)
            if len(self.ends) == 2:
                os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(room, "Clock", Stopped)
    sets, minutes = {"data": [str(pictures)]}, Budget(minutes=25)
    found = Comparison(tmp_path, ["cnn-first"], sets, minutes, SMALL)
    assert not found.go(ProgressLine(Console(quiet=True)), device="cpu")
    assert found.runs == []
    assert not (tmp_path / PLAN).exists()
