from __future__ import annotations

import errno
import os
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom import Colorizer
from photochrom.errors import UnreadablePhoto, UnwritablePhoto, WrongInput
from photochrom.inference.folder import run as run_module
from photochrom.inference.folder.decision import Rules
from photochrom.inference.folder.jobs import Job
from photochrom.inference.folder.plan import Plan
from photochrom.inference.folder.run import Run
from tests.conftest import scene
from tests.inference.folder.conftest import Color, draw, lines, states


def test_missing_inputs_do_not_stop_the_rest(color: Color, album: Path) -> None:
    (album / "empty").mkdir()
    texts = [str(album / name) for name in ("nowhere.jpg", "*.nothing", "empty", "a.jpg")]
    outcomes = color(Plan(texts))
    assert [o.state for o in outcomes] == ["failed", "failed", "failed", "done"]
    assert "no such file" in outcomes[0].reason
    assert "*.nothing" in outcomes[1].reason
    assert "no pictures in the folder" in outcomes[2].reason


@pytest.mark.parametrize("workers", [1, 3])
def test_a_bad_file_does_not_stop_the_rest(color: Color, album: Path, workers: int) -> None:
    (album / "aa.jpg").write_text("no picture")
    outcomes = color(Plan([str(album)]), workers=workers)
    assert sorted(o.state for o in outcomes) == ["done", "done", "done", "failed"]
    assert [o.job.source.name for o in outcomes if o.state == "failed"] == ["aa.jpg"]
    assert not (album / "aa.color.jpg").exists()


def test_what_is_done_is_skipped_unless_overwritten(color: Color, album: Path) -> None:
    plan, result = Plan([str(album / "a.jpg")]), album / "a.color.jpg"
    assert [o.state for o in color(plan)] == ["done"]
    result.write_bytes(b"kept")
    assert [o.state for o in color(plan)] == ["skipped"]
    assert result.read_bytes() == b"kept"
    assert [o.state for o in color(plan, rules=Rules(overwrite=True))] == ["done"]
    assert result.read_bytes() != b"kept"


def test_color_input_is_noticed(color: Color, tmp_path: Path) -> None:
    Image.fromarray(scene(40, 40)).save(tmp_path / "a.png")
    outcome = color(Plan([str(tmp_path)]))[0]
    assert outcome.was_color


def test_destination_folder_that_cannot_be_made(colorizer: Colorizer, album: Path) -> None:
    (album / "file").write_text("")
    job = Job(album / "a.jpg", album / "file" / "x" / "a.jpg")
    with Run(colorizer, Plan([])) as run:
        outcome = next(run.color([job]))
    assert outcome.state == "failed"
    assert "cannot make the folder" in outcome.reason


def test_results_do_not_depend_on_workers(color: Color, album: Path, tmp_path: Path) -> None:
    results = []
    for workers in (1, 3):
        out = tmp_path / f"out{workers}"
        color(Plan([str(album)], output=out), workers=workers)
        results.append([np.asarray(Image.open(p)) for p in sorted(out.rglob("*.[jp]*g"))])
    assert len(results[0]) == 3
    for one, other in zip(*results, strict=True):
        assert np.array_equal(one, other)


def test_a_fault_of_ours_does_not_stop_the_rest(
    color: Color, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Colorizer.save

    def faulty(self: Colorizer, source: Path, destination: Path, **options: object) -> object:
        if source.name == "a.jpg":
            message = "two\nlines"
            raise RuntimeError(message)
        return save(self, source, destination, **options)

    monkeypatch.setattr(Colorizer, "save", faulty)
    outcomes = color(Plan([str(album)]))
    assert [o.state for o in outcomes] == ["done", "failed", "done"]
    assert outcomes[1].reason.endswith("a.jpg: unexpected RuntimeError: two")


def test_16_bits_stay_16_bits(color: Color, tmp_path: Path) -> None:
    from photochrom.photo.decode import read

    luma = (np.asarray(Image.fromarray(scene(40, 50)).convert("L")).astype(np.uint16) * 257) + 3
    for suffix in (".png", ".tif"):
        source, result = tmp_path / f"deep{suffix}", tmp_path / f"deep.color{suffix}"
        Image.fromarray(luma).save(source)
        assert [o.state for o in color(Plan([str(source)]))] == ["done"]
        photo = read(result)
        assert photo.depth == 16
        assert np.abs(photo.luma.astype(int) - luma).max() <= 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT])
def test_a_full_or_read_only_disk_stops_the_run_and_blames_no_picture(
    number: int, plan: Plan, colorizer: Colorizer, color: Color, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Colorizer.save

    def full(self: Colorizer, source: Path, destination: Path, **options: Any) -> Any:
        if source.name == "a.jpg":
            message = f"{destination} cannot be written: no space left on device"
            raise UnwritablePhoto(message) from OSError(number, os.strerror(number))
        return save(self, source, destination, **options)

    monkeypatch.setattr(Colorizer, "save", full)
    seen: list[str] = []
    with Run(colorizer, plan, workers=1) as run:
        outcomes = run.color(plan)
        with pytest.raises(UnwritablePhoto, match=r"out/a\.jpg cannot be written: no space"):
            seen.extend(outcome.state for outcome in outcomes)
    assert "failed" not in seen
    monkeypatch.undo()
    assert states(color(plan)) == ["skipped", "done", "done"]


def test_nothing_is_begun_after_a_stop(plan: Plan, colorizer: Colorizer, tmp_path: Path) -> None:
    for index in range(30):
        draw(tmp_path / "album" / f"more{index}.png", seed=index)
    stop = threading.Event()
    with Run(colorizer, plan, workers=2) as run:
        outcomes = []
        for outcome in run.color(plan, stop=stop):
            stop.set()
            outcomes.append(outcome)
    begun = [line for line in lines(tmp_path / "out") if line.get("state") == "started"]
    assert len(begun) == len(outcomes) < 15


def test_from_python(album: Path, tmp_path: Path) -> None:
    colorizer = Colorizer()
    outcomes = list(colorizer.folder(album, output=tmp_path / "out", workers=2, quality=80))
    assert sorted(o.job.destination.name for o in outcomes) == ["a.jpg", "a.png", "b.png"]
    assert states(outcomes) == ["done"] * 3
    assert (
        states(list(colorizer.folder([album], output=tmp_path / "out", quality=80)))
        == ["skipped"] * 3
    )
    with pytest.raises(WrongInput, match="i/n"):
        next(colorizer.folder(album, shard="3"))
    with pytest.raises(WrongInput, match="at least 1, not 0"):
        next(colorizer.folder(album, workers=0))
    with pytest.raises(TypeError, match="bogus"):
        colorizer.folder(album, bogus=1)


@pytest.mark.parametrize("code", [errno.ESTALE, errno.ENODEV])
def test_a_photograph_that_is_gone_does_not_stop_the_rest(
    plan: Plan, color: Color, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    save = Colorizer.save

    def stale(self: Colorizer, source: Path, destination: Path, **options: Any) -> Any:
        if source.name == "a.jpg":
            message = f"{source} cannot be read: {os.strerror(code)}"
            raise UnreadablePhoto(message) from OSError(code, os.strerror(code))
        return save(self, source, destination, **options)

    monkeypatch.setattr(Colorizer, "save", stale)
    assert states(color(plan)) == ["done", "failed", "done"]


def test_a_run_looks_up_while_it_waits(
    plan: Plan, color: Color, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = list[float]()

    def wait(pending: dict[Future[Any], None], *, timeout: float, return_when: str) -> None:
        assert return_when == "FIRST_COMPLETED"
        waited.append(timeout)
        time.sleep(0.001)  # nothing may have ended

    monkeypatch.setattr(run_module, "wait", wait)
    assert states(color(plan)) == ["done"] * 3
    assert max(waited) <= 1
