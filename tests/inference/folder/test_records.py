"""What a run writes down, and what the next one makes of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom import Colorizer
from photochrom.errors import UnwritablePhoto, WrongInput
from photochrom.inference.folder.decision import MOST_TRIES, Rules
from photochrom.inference.folder.home import Home
from photochrom.inference.folder.identity import difference, key_of, settings_of
from photochrom.inference.folder.jobs import Outcome
from photochrom.inference.folder.plan import Plan
from photochrom.inference.folder.records import Records
from photochrom.inference.folder.run import Run
from photochrom.inference.folder.shard import Shard
from tests.conftest import scene
from tests.inference.folder.conftest import Color


@pytest.fixture
def plan(album: Path, tmp_path: Path) -> Plan:
    return Plan([str(album)], output=tmp_path / "out")


def states(outcomes: list[Outcome]) -> list[str]:
    return [o.state for o in outcomes]


def lines(out: Path, name: str = "run.jsonl") -> list[dict[str, Any]]:
    text = (out / ".photochrom" / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def draw(path: Path, seed: int) -> None:
    Image.fromarray(scene(20, 24, seed=seed)).convert("L").save(path)


def test_every_picture_has_its_line(plan: Plan, color: Color, tmp_path: Path) -> None:
    color(plan)
    head, *rest = lines(tmp_path / "out")
    assert {"run", "photochrom", "host", "pid", "key", "settings"} == set(head)
    assert head["settings"]["model"] == "photochrom"
    assert len(head["settings"]["sha256"]) == 64
    done = [line for line in rest if line["state"] == "done"]
    assert [line["input"] for line in done] == [
        "../album/1920/b.bmp", "../album/a.jpg", "../album/a.png"
    ]  # fmt: skip
    for line in done:
        assert (tmp_path / "out" / line["output"]).stat().st_size == line["result_size"]
        assert line["settings"] == head["key"]
        assert line["seconds"] > 0
    assert sorted(p.name for p in (tmp_path / "out" / ".photochrom").iterdir()) == ["run.jsonl"]


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
    assert again.reason.endswith("it is not a picture (JPEG, PNG, TIFF, WebP, AVIF, BMP, GIF or"
                                 " PPM) (before; --retry-failed tries it again)")  # fmt: skip
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


def test_archive_and_results_may_move_together(plan: Plan, color: Color, tmp_path: Path) -> None:
    color(plan)
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    (tmp_path / "album").rename(moved / "album")
    (tmp_path / "out").rename(moved / "out")
    plan = Plan([str(moved / "album")], output=moved / "out")
    assert [o.reason for o in color(plan)] == ["already there"] * 3


@pytest.mark.parametrize("torn", [b'{"state": "done", "outp', b"\0" * 300, b'"', b"[1]\n", b"{}\n"])
def test_a_torn_line_is_passed_over(plan: Plan, color: Color, tmp_path: Path, torn: bytes) -> None:
    color(plan)
    manifest = tmp_path / "out" / ".photochrom" / "run.jsonl"
    before = manifest.read_bytes()
    manifest.write_bytes(before + torn)
    (tmp_path / "out" / "a.png").unlink()
    assert states(color(plan)) == ["skipped", "skipped", "done"]
    assert manifest.read_bytes().startswith(before)
    assert states(color(plan)) == ["skipped"] * 3


def test_any_cut_of_the_manifest_is_read(plan: Plan, color: Color, tmp_path: Path) -> None:
    color(plan)
    manifest = tmp_path / "out" / ".photochrom" / "run.jsonl"
    whole = manifest.read_bytes()
    for end in np.linspace(0, len(whole), 60).astype(int):
        manifest.write_bytes(whole[:end])
        records = Records(tmp_path / "out")
        found = [records.find(name) for name in ("1920/b.png", "a.jpg", "a.png")]
        records.close()
        complete = whole[:end].count(b'"state": "done"')
        assert abs(sum(r is not None and r.state == "done" for r in found) - complete) <= 1


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
    assert "the run ended 3 times" in outcomes[0].reason
    assert states(color(plan, rules=Rules(retry_failed=True))) == ["done", "skipped", "skipped"]


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


def test_a_full_disk_stops_the_run_and_blames_no_picture(
    plan: Plan, color: Color, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Colorizer.save

    def full(self: Colorizer, source: Path, destination: Path, **options: Any) -> Any:
        if source.name == "a.jpg":
            message = f"{destination} cannot be written: no space left on device"
            raise UnwritablePhoto(message) from OSError(28, "No space left on device")
        return save(self, source, destination, **options)

    monkeypatch.setattr(Colorizer, "save", full)
    with pytest.raises(UnwritablePhoto, match=r"out/a\.jpg cannot be written: no space"):
        color(plan)
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


def test_a_home_that_cannot_be_written(album: Path, color: Color) -> None:
    (album / "file").write_text("")
    with pytest.raises(UnwritablePhoto, match="file"):
        color(Plan([str(album)], output=album / "file" / "out"))


def test_odd_names_are_written_and_found(color: Color, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    odd = ["two\nlines.png", "-o.png", "写真 [1].png", os.fsdecode(b"latin-\xe9.png")]
    for name in odd:
        draw(folder / name, seed=1)
    plan = Plan([str(folder)], output=tmp_path / "out")
    assert states(color(plan)) == ["done"] * 4
    assert states(color(plan)) == ["skipped"] * 4
    assert {p.name for p in (tmp_path / "out").glob("*.png")} == set(odd)


def test_settings_that_differ_are_told_apart(colorizer: Colorizer) -> None:
    one = settings_of(colorizer, {"quality": None, "hints": np.zeros((2, 2))})
    same = settings_of(Colorizer(threads=2), {"hints": np.zeros((2, 2)), "quality": None})
    other = settings_of(colorizer, {"quality": 90, "hints": np.ones((2, 2))})
    assert key_of(one) == key_of(same) != key_of(other)
    assert difference(one, {**one, "sha256": "x"}) == "another file of the model"
    assert json.loads(json.dumps(other)) == other


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
