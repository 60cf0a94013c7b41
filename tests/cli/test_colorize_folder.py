"""The command on folders, and on results that are already there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import photochrom


def test_folder_with_a_bad_file_as_json(tmp_path: Path, gray_photo: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"")
    done = photochrom("colorize", tmp_path, "-o", tmp_path / "out", "--json")
    assert done.returncode == 1
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(r["state"] for r in rows) == ["done", "failed"]
    assert b"bad.png" in done.stderr
    assert (tmp_path / "out" / "grandma.jpg").is_file()
    assert not (tmp_path / "out" / "bad.png").exists()


def test_second_run_skips(gray_photo: Path) -> None:
    photochrom("colorize", gray_photo)
    result = gray_photo.with_name("grandma.color.jpg")
    before = result.stat().st_mtime_ns
    done = photochrom("colorize", gray_photo)
    assert done.returncode == 0
    assert b"already there" in done.stderr
    assert result.stat().st_mtime_ns == before


def test_an_archive_from_start_to_end(album: Path, tmp_path: Path) -> None:
    command = ("colorize", album, "-o", tmp_path / "out", "--size", "64")
    dry = photochrom(*command, "--dry-run")
    assert dry.returncode == 1, dry.stderr
    assert b"4 to color, 1 that cannot be colored" in dry.stderr
    assert b"bad.jpg cannot be read: it is not a picture" in dry.stderr
    assert b"colored for this estimate" in dry.stderr
    assert dry.stdout.count(b" -> ") == 4
    assert not (tmp_path / "out").exists()
    rows = []
    for part in ("1/2", "2/2"):
        done = photochrom(*command, "--shard", part, "--json")
        rows += [json.loads(line) for line in done.stdout.splitlines()]
        assert b"Traceback" not in done.stderr
    assert sorted(r["state"] for r in rows) == ["done"] * 4 + ["failed"]
    again = photochrom(*command)
    assert again.returncode == 1
    assert b"bad.jpg" in again.stderr
    assert b"--retry-failed tries it again" in again.stderr
    assert b"5 pictures in" in again.stderr
    assert b"4 skipped, 1 failed" in again.stderr
    other = photochrom(*command, "--strength", "0.5")
    assert b"4 skipped: made with other settings: strength 1, not 0.5; --over" in other.stderr
    (album / "bad.jpg").unlink()
    assert photochrom(*command, "--overwrite", "--strength", "0.5").returncode == 0


def test_two_runs_on_one_folder(album: Path, tmp_path: Path) -> None:
    from photochrom.inference.folder.home import Home
    from photochrom.inference.folder.shard import Shard

    home = Home(tmp_path / "out", Shard(), {}, "key")
    done = photochrom("colorize", album, "-o", tmp_path / "out")
    home.close()
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert f"another run is at work in {tmp_path / 'out'} (process {os.getpid()}" in line


@pytest.mark.parametrize(
    "args",
    [["--shard", "3/2"], ["--shard", "x"], ["--watch", "--dry-run"], ["--watch", "nowhere"]],
)
def test_wrong_use_of_folders_exits_2(album: Path, args: list[str]) -> None:
    done = photochrom("colorize", album, *args)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_kinds_that_are_not_read_are_told(gray_photo: Path, tmp_path: Path) -> None:
    for name in ("a.jp2", "b.JP2", "c.dng", "notes.txt"):
        gray_photo.with_name(name).write_bytes(b"x")
    for words in (["--dry-run"], []):
        done = photochrom("colorize", tmp_path, "-o", tmp_path / "out", "--json", *words)
        assert done.returncode == 0
        assert b"left out: 3 files of other kinds (2 .jp2, 1 .dng)\n" in done.stderr
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        assert sorted(Path(r["input"]).name for r in rows if r["state"] == "left out") == [
            "a.jp2", "b.JP2", "c.dng"
        ]  # fmt: skip
    gray_photo.unlink()
    done = photochrom("colorize", tmp_path)
    assert done.returncode == 1
    assert b"no pictures in the folder" in done.stderr
    assert b"(2 .jp2, 1 .dng)" in done.stderr


def test_a_slash_at_the_end_names_a_folder(main: Any, gray_photo: Path) -> None:
    result = gray_photo.with_name("result.jpg")
    assert main("colorize", gray_photo, "-o", f"{result}/", "--size", "32") == 0
    assert (result / "grandma.jpg").is_file()


def test_a_file_of_others_is_told_from_a_result(gray_photo: Path, tmp_path: Path) -> None:
    """Whoever is told to make it again would lose it."""
    own = tmp_path / "own.jpg"
    own.write_bytes(gray_photo.read_bytes())
    done = photochrom("colorize", gray_photo, "-o", own)
    assert done.returncode == 0
    assert b"does not say it is ours; --overwrite replaces it" in done.stderr
    assert own.read_bytes() == gray_photo.read_bytes()
    (tmp_path / "result.jpg").unlink(missing_ok=True)
    for _ in range(2):
        done = photochrom("colorize", gray_photo, "-o", tmp_path / "result.jpg")
    assert b"already there" in done.stderr
    assert b"ours" not in done.stderr


def test_what_has_no_result_has_no_name_of_one(tmp_path: Path) -> None:
    (tmp_path / "a.nef").write_bytes(b"raw")
    done = photochrom("colorize", tmp_path, tmp_path / "gone.jpg", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"a.nef", "gone.jpg"} <= {Path(row["input"]).name for row in rows}
    assert {row["output"] for row in rows} == {None}
