"""Runs that meet in one folder, and what dead ones leave in it."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from photochrom import Colorizer
from photochrom.errors import PhotoError, UnwritablePhoto, WrongInput
from photochrom.inference.folder.decision import MOST_TRIES, Rules
from photochrom.inference.folder.home import Home
from photochrom.inference.folder.identity import key_of, settings_of
from photochrom.inference.folder.lock import is_held, try_lock
from photochrom.inference.folder.plan import Plan
from photochrom.inference.folder.run import Run
from photochrom.inference.folder.shard import Shard
from tests.inference.folder.conftest import Color, draw, save_result, states


def test_what_a_dead_run_left_is_removed_and_made_again(
    plan: Plan, colorizer: Colorizer, color: Color, tmp_path: Path
) -> None:
    out, settings = tmp_path / "out", settings_of(colorizer, {})
    home = Home(out, Shard(), settings, key_of(settings))
    jobs = list(plan)
    home.begin(jobs[1])
    save_result(jobs[1].destination)  # moved to its place, and killed before the line
    before = jobs[1].destination.read_bytes()
    home.staged(jobs[1].destination).write_bytes(b"half")
    died(home)
    assert states(color(plan)) == ["done"] * 3
    assert jobs[1].destination.read_bytes() != before
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


def test_an_undivided_run_removes_what_killed_shards_left(
    plan: Plan, colorizer: Colorizer, color: Color, tmp_path: Path
) -> None:
    records = tmp_path / "out" / ".photochrom"
    for index in (1, 2):
        color(Plan(plan.inputs, output=plan.output, shard=Shard(index, 2)))
        parts = records / f"run-{index}-of-2.parts"
        parts.mkdir()
        (parts / "half.jpg").write_bytes(b"half")
    # A shard beside it may be at work: only its own are a shard's to remove.
    color(Plan(plan.inputs, output=plan.output, shard=Shard(1, 2)))
    assert [p.name for p in records.glob("*.parts")] == ["run-2-of-2.parts"]
    color(plan)
    assert list(records.glob("*.parts")) == []


def test_half_a_line_of_the_record_is_taken_back_when_the_disk_is_full(
    plan: Plan, colorizer: Colorizer, color: Color, tmp_path: Path
) -> None:
    path = tmp_path / "out" / ".photochrom" / "run.jsonl"
    home = Home(tmp_path / "out", Shard(), {}, "k")
    whole, file = path.read_bytes(), home._file

    class Full:
        """A disk with room for five more bytes."""

        def write(self, line: bytes) -> int:
            return file.write(line[:5])

        def __getattr__(self, name: str) -> Any:
            return getattr(file, name)

    home._file = Full()  # type: ignore[assignment]
    with pytest.raises(UnwritablePhoto, match="no space left"):
        home.begin(next(iter(plan)))
    assert path.read_bytes() == whole
    home.close()
    assert states(color(plan)) == ["done"] * 3


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


def died(home: Home) -> None:
    home.records.close()
    home._file.close()  # as the system does for a process that dies


def test_what_another_run_has_in_hand_is_left(album: Path, tmp_path: Path) -> None:
    home = Home(album, Shard(), {}, "k")
    home.begin(next(iter(Plan([str(album)]))))
    died(home)
    inner = Home(album / "1920", Shard(), {}, "k")
    live = inner.staged(album / "1920" / "b.color.png")
    live.write_bytes(b"half")
    Home(album, Shard(), {}, "k").close()
    assert live.read_bytes() == b"half"
    inner.close()


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second disk")
def test_what_a_dead_run_left_on_another_disk_is_removed(album: Path, tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        out, other = tmp_path / "out", Path(name)
        if other.stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("needs a second disk")
        out.mkdir()
        (out / "1920").symlink_to(other)
        job = next(iter(Plan([str(album)], output=out)))
        homes = [Home(folder, Shard(), {}, "k") for folder in (out, tmp_path / "other")]
        parts = [home.staged(job.destination) for home in homes]
        for part in parts:
            assert other in part.resolve().parents
            part.write_bytes(b"half")
        homes[0].begin(job)
        died(homes[0])
        Home(out, Shard(), {}, "k").close()
        assert [part.exists() for part in parts] == [False, True]
        homes[1].close()


def test_a_result_is_copied_to_where_it_cannot_be_moved(
    plan: Plan, color: Color, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def refused(self: Path, target: str | Path) -> Path:
        if self.parent != Path(target).parent:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refused)
    assert states(color(plan)) == ["done"] * 3
    assert states(color(plan, rules=Rules(overwrite=True))) == ["skipped"] * 3
    names = {p.name for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert names == {"a.jpg", "a.png", "b.png", "run.jsonl"}
