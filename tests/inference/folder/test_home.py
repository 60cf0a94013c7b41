"""Runs that meet in one folder, and what dead ones leave in it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from photochrom import Colorizer
from photochrom.errors import PhotoError, UnwritablePhoto, WrongInput
from photochrom.inference.folder.decision import MOST_TRIES, Rules
from photochrom.inference.folder.home import Home
from photochrom.inference.folder.identity import key_of, settings_of
from photochrom.inference.folder.lock import is_held, try_lock
from photochrom.inference.folder.plan import Plan
from photochrom.inference.folder.run import Run
from photochrom.inference.folder.shard import Shard
from tests.inference.folder.conftest import Color, draw, states


def test_what_a_dead_run_left_is_removed_and_made_again(
    plan: Plan, colorizer: Colorizer, color: Color, tmp_path: Path
) -> None:
    out, settings = tmp_path / "out", settings_of(colorizer, {})
    home = Home(out, Shard(), settings, key_of(settings))
    jobs = list(plan)
    home.begin(jobs[1])
    jobs[1].destination.write_bytes(b"moved to its place, and killed before the line")
    home.staged(jobs[1].destination).write_bytes(b"half")
    home.records.close()
    home._file.close()  # as the system does for a process that dies
    assert states(color(plan)) == ["done"] * 3
    with Image.open(jobs[1].destination) as image:
        assert image.size == (24, 20)
    assert not list(out.rglob("*.parts"))


def test_a_picture_that_kills_the_run_is_left_out_at_last(
    plan: Plan, colorizer: Colorizer, color: Color, tmp_path: Path
) -> None:
    settings = settings_of(colorizer, {})
    for _ in range(MOST_TRIES):
        home = Home(tmp_path / "out", Shard(), settings, key_of(settings))
        home.begin(next(iter(plan)))
        home.close()
    outcomes = color(plan)
    assert states(outcomes) == ["failed", "done", "done"]
    assert f"the run ended {MOST_TRIES} times" in outcomes[0].reason
    assert states(color(plan, rules=Rules(retry_failed=True))) == ["skipped", "skipped", "done"]


def test_a_picture_that_may_have_killed_the_run_comes_last(
    plan: Plan, colorizer: Colorizer, color: Color, tmp_path: Path
) -> None:
    settings = settings_of(colorizer, {})
    for _ in range(2):
        home = Home(tmp_path / "out", Shard(), settings, key_of(settings))
        home.begin(next(iter(plan)))
        home.close()
    assert [o.job.source.name for o in color(plan)] == ["a.jpg", "a.png", "b.bmp"]


def test_two_runs_at_once_are_refused(plan: Plan, colorizer: Colorizer, color: Color) -> None:
    with Run(colorizer, plan):
        with pytest.raises(WrongInput, match=rf"another run is at work.*process {os.getpid()}"):
            color(plan)
        half = Plan(plan.inputs, output=plan.output, shard=Shard(1, 2))
        with pytest.raises(WrongInput, match="another run"):
            color(half)
    assert states(color(plan)) == ["done"] * 3


def test_shards_run_beside_each_other_and_know_of_each_other(
    plan: Plan, colorizer: Colorizer, color: Color, tmp_path: Path
) -> None:
    one, two = (Plan(plan.inputs, output=plan.output, shard=Shard(i, 2)) for i in (1, 2))
    with Run(colorizer, one) as first, Run(colorizer, two) as second:
        done = [*first.color(one), *second.color(two)]
    assert states(done) == ["done"] * 3
    names = sorted(p.name for p in (tmp_path / "out" / ".photochrom").iterdir())
    assert names == ["run-1-of-2.jsonl", "run-2-of-2.jsonl"]
    draw(tmp_path / "album" / "a.png", seed=4)
    # Records of all shards count, whatever the next run is divided into.
    assert [o.reason for o in color(plan)][:2] == ["already there"] * 2
    assert "changed" in color(plan)[2].reason


HOLD = """
import sys, time
from pathlib import Path
from photochrom.inference.folder.home import Home
from photochrom.inference.folder.shard import Shard
Home(Path(sys.argv[1]), Shard(), {}, "k")
print("held", flush=True)
time.sleep(60)
"""


def test_a_process_that_died_holds_nothing(plan: Plan, color: Color, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", HOLD.replace("Home(Path", "home = Home(Path")]
    with subprocess.Popen([*command, tmp_path / "out"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(WrongInput, match=f"process {process.pid}"):
            color(plan)
        process.kill()
    assert states(color(plan)) == ["done"] * 3


def test_a_home_that_cannot_be_written(album: Path, color: Color) -> None:
    (album / "file").write_text("")
    with pytest.raises(UnwritablePhoto, match="file"):
        color(Plan([str(album)], output=album / "file" / "out"))


@pytest.mark.parametrize("name", ["run-1-of-2.jsonl", "run.parts/a folder"])
def test_odd_things_in_a_home_are_one_line(
    plan: Plan, color: Color, tmp_path: Path, name: str
) -> None:
    (tmp_path / "out" / ".photochrom" / name).mkdir(parents=True)
    with pytest.raises(PhotoError, match=r"\.photochrom.* cannot be (read|used): is a directory"):
        color(plan)


def test_those_who_look_do_not_see_each_other(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.touch()
    with path.open("r+b") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH | fcntl.LOCK_NB)
        assert not is_held(path)
    with path.open("r+b") as holding:
        assert try_lock(holding)
        assert is_held(path)
    assert not is_held(path)
