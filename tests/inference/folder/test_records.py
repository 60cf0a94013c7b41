"""What a run writes down, and how it is found again."""

from __future__ import annotations

import json
import ntpath
import os
import resource
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from photochrom.inference.folder import records as records_module
from photochrom.inference.folder.plan import Plan
from photochrom.inference.folder.records import Record, Records, relative_to
from tests.inference.folder.conftest import Color, draw, lines, states


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


@pytest.mark.parametrize(
    "line",
    [
        {"output": "a.jpg", "input": "x", "state": "done", "settings": "k", "seconds": "long"},
        {"output": "a.jpg", "input": "x", "state": "started", "settings": "k", "tries": None},
        {"output": "a.jpg", "input": "x", "state": "done", "settings": "k", "reason": 5},
        {"run": "now", "key": "k", "settings": [1]},
    ],
)
def test_a_line_of_other_kinds_is_passed_over(
    plan: Plan, color: Color, tmp_path: Path, line: dict[str, Any]
) -> None:
    folder = tmp_path / "out" / ".photochrom"
    folder.mkdir(parents=True)
    (folder / "run.jsonl").write_text(json.dumps(line) + "\n")
    records = Records(tmp_path / "out")
    assert records.find("a.jpg") is None
    assert not records.settings
    records.close()


def test_another_drive_of_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records_module, "os", SimpleNamespace(path=ntpath))
    monkeypatch.setattr(records_module, "Path", PureWindowsPath)
    home: Any = PureWindowsPath(r"D:\out")
    for path, expected in {
        r"C:\album\a.jpg": "C:/album/a.jpg",
        r"\\host\share\a.jpg": "//host/share/a.jpg",
        r"D:\album\a.jpg": "../album/a.jpg",
        r"D:\out\x\a.jpg": "x/a.jpg",
    }.items():
        source: Any = PureWindowsPath(path)
        assert relative_to(home, source) == expected
        assert PureWindowsPath(ntpath.normpath(home / expected)) == source


def test_more_shards_than_files_may_be_open(tmp_path: Path) -> None:
    folder, count = tmp_path / ".photochrom", 300
    folder.mkdir()
    for index in range(1, count + 1):
        line = Record(f"{index}.jpg", f"../{index}.jpg", "done", "k").line()
        (folder / f"run-{index}-of-{count}.jsonl").write_bytes(line)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, before[1]))
    try:
        records = Records(tmp_path)
        for index in (*range(1, count + 1), 1):
            record = records.find(f"{index}.jpg")
            assert record is not None
            assert record.input == f"../{index}.jpg"
        records.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
