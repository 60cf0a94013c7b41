from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from photochrom import Colorizer
from photochrom.errors import WrongInput
from photochrom.inference.folder.jobs import Outcome
from photochrom.inference.folder.plan import Plan
from photochrom.inference.folder.run import Run
from photochrom.inference.folder.watch import watch
from tests.conftest import scene
from tests.locked import closed


class Watched:
    """A drop folder that a thread watches."""

    def __init__(self, colorizer: Colorizer, folder: Path, out: Path) -> None:
        self.stop, self.outcomes = threading.Event(), list[Outcome]()
        self._plan = Plan([str(folder)], output=out)
        self._colorizer = colorizer
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        with Run(self._colorizer, self._plan) as run:
            for outcome in watch(self._plan, run, stop=self.stop, seconds=0.3):
                self.outcomes.append(outcome)

    def wait_for(self, count: int) -> list[Outcome]:
        until = time.monotonic() + 60
        while len(self.outcomes) < count and time.monotonic() < until:
            time.sleep(0.02)
        assert len(self.outcomes) >= count
        return self.outcomes

    def close(self) -> None:
        self.stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


@pytest.fixture
def watched(colorizer: Colorizer, drop: Path, tmp_path: Path) -> Iterator[Watched]:
    watching = Watched(colorizer, drop, tmp_path / "out")
    yield watching
    watching.close()


def picture(path: Path, seed: int = 0) -> bytes:
    Image.fromarray(scene(40, 50, seed=seed)).convert("L").save(path)
    return path.read_bytes()


def test_what_appears_is_colored(watched: Watched, drop: Path) -> None:
    picture(drop / "a.jpg")
    assert watched.wait_for(1)[0].job.source.name == "a.jpg"
    picture(drop / "b.png")
    assert [o.state for o in watched.wait_for(2)] == ["done", "done"]
    time.sleep(0.7)
    assert len(watched.outcomes) == 2


def test_a_file_that_still_grows_is_left_to_grow(
    watched: Watched, drop: Path, tmp_path: Path
) -> None:
    data = picture(tmp_path / "whole.jpg")
    with (drop / "slow.jpg").open("wb") as file:
        for start in range(0, len(data), len(data) // 8):
            file.write(data[start : start + len(data) // 8])
            file.flush()
            time.sleep(0.1)
    assert [o.state for o in watched.wait_for(1)] == ["done"]


def test_a_bad_file_is_told_once_and_again_when_it_changes(watched: Watched, drop: Path) -> None:
    (drop / "bad.jpg").write_text("no picture")
    assert watched.wait_for(1)[0].state == "failed"
    time.sleep(0.7)
    assert len(watched.outcomes) == 1
    picture(drop / "bad.jpg")
    assert [o.state for o in watched.wait_for(2)] == ["failed", "done"]


def test_only_folders_can_be_watched(colorizer: Colorizer, tmp_path: Path) -> None:
    plan = Plan([str(tmp_path / "nowhere")], output=tmp_path / "out")
    with Run(colorizer, plan) as run, pytest.raises(WrongInput, match=r"nowhere: it is no folder"):
        next(watch(plan, run, stop=threading.Event()))


def test_one_file_cannot_hold_all_that_comes_in(
    colorizer: Colorizer, drop: Path, tmp_path: Path
) -> None:
    picture(drop / "a.jpg")
    plan = Plan([str(drop)], output=tmp_path / "out.png")
    with Run(colorizer, plan) as run, pytest.raises(WrongInput, match=r"drop into one file"):
        next(watch(plan, run, stop=threading.Event()))
    assert [path.name for path in tmp_path.iterdir()] == ["drop"]


def test_a_photograph_that_is_replaced_is_colored_again(
    watched: Watched, drop: Path, tmp_path: Path
) -> None:
    picture(drop / "a.png")
    watched.wait_for(1)
    before = (tmp_path / "out" / "a.png").read_bytes()
    picture(drop / "a.png", seed=7)
    assert [o.state for o in watched.wait_for(2)] == ["done", "done"]
    assert (tmp_path / "out" / "a.png").read_bytes() != before
    # What somebody else wrote to is not ours to replace, and that is told.
    (tmp_path / "out" / "a.png").write_bytes(b"theirs")
    picture(drop / "a.png", seed=8)
    last = watched.wait_for(3)[-1]
    assert (last.state, "the photograph has changed" in last.reason) == ("skipped", True)
    assert (tmp_path / "out" / "a.png").read_bytes() == b"theirs"


def test_a_kind_that_is_not_read_is_told_once(watched: Watched, drop: Path) -> None:
    (drop / "a.jp2").write_bytes(b"x")
    assert watched.wait_for(1)[0].state == "left out"
    picture(drop / "b.png")
    assert watched.wait_for(2)[-1].job.source.name == "b.png"
    time.sleep(0.7)
    assert len(watched.outcomes) == 2


def test_a_closed_folder_is_told_once_and_the_others_are_watched(
    colorizer: Colorizer, drop: Path, tmp_path: Path
) -> None:
    for name in ("shut", "open", "@eaDir"):
        (drop / name).mkdir()
        picture(drop / name / "a.png")
    plan, stop = Plan([str(drop)], output=tmp_path / "out"), threading.Event()
    found = []
    with closed(drop / "shut"), Run(colorizer, plan) as run:
        for outcome in watch(plan, run, stop=stop, seconds=0.05):
            found.append((outcome.state, outcome.job.source.name))
            if outcome.state == "done":
                stop.set()
    # The picture is taken at the second look: what is in the way was seen twice by then.
    assert found == [("left out", "@eaDir"), ("failed", "shut"), ("done", "a.png")]


def test_a_closed_drop_folder_says_why(colorizer: Colorizer, drop: Path, tmp_path: Path) -> None:
    (drop / "inbox").mkdir()
    plan = Plan([str(drop / "inbox")], output=tmp_path / "out")
    denied = pytest.raises(WrongInput, match=r"cannot watch .*inbox: permission denied")
    with closed(drop), Run(colorizer, plan) as run, denied:
        watch(plan, run, stop=threading.Event())
