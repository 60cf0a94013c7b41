"""What lies beside the pictures of a place: told once, and never taken for pictures."""

from __future__ import annotations

import logging
import tarfile
from pathlib import Path

import pytest

from photochrom.data.sources import open_pictures
from photochrom.errors import DataError
from tests.inference.folder.conftest import touch
from tests.locked import closed


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    touch(folder, "a/x.png", "b/y.jfif", "b/z.psd", "b/s.pdf", "@eaDir/x.png", "a/._x.png")
    touch(folder, "Thumbs.db", ".hidden/x.png", "lost+found/x.png", "notes.txt")
    return folder


def names(*places: str | Path) -> list[str]:
    pictures = open_pictures(places)
    return [pictures.name(i) for i in range(len(pictures))]


def test_litter_and_other_kinds_are_no_pictures(
    place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert names(place) == ["a/x.png", "b/y.jfif"]
    assert caplog.messages == [
        "left out: 2 files of other kinds (1 .pdf, 1 .psd)",
        "left out: 4 of the system's own (1 ._*, 1 @eaDir, 1 Thumbs.db, 1 lost+found)",
    ]
    assert {record.levelno for record in caplog.records} == {logging.INFO}


@pytest.mark.parametrize("pattern", ["[ab@]*", "**", "?", "./*/"])
def test_globs_find_no_litter(place: Path, pattern: str) -> None:
    (place / "Thumbs.db").unlink()
    (place / "notes.txt").unlink()
    assert set(names(str(place / pattern))) <= {"a/x.png", "b/y.jfif", "x.png", "y.jfif"}


def test_litter_is_taken_where_it_alone_is_named(place: Path) -> None:
    assert names(place / "@eaDir") == ["x.png"]
    assert names(place / "@eaDir", place / "a") == ["x.png"]
    assert len(names(place / "@eaDir", place / "a", place / "b")) == 2


def test_a_closed_folder_is_told_as_a_warning(
    place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closed(place / "a", place / "lost+found"):
        assert names(place) == ["b/y.jfif"]
        assert names(str(place / "[ab]")) == ["y.jfif"]
        assert names(str(place.parent / "*" / "b")) == ["y.jfif"]
    expected = f"cannot list the folder {place / 'a'}: permission denied"
    assert caplog.messages == [expected, expected]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


@pytest.mark.parametrize("below", ["", "a", "*", "[ab]", "*/x", "b.tar"])
def test_nothing_but_what_is_closed(place: Path, below: str) -> None:
    with closed(place), pytest.raises(DataError, match="permission denied") as error:
        open_pictures([str(place / below)])
    assert str(place) in str(error.value)
    assert "Errno" not in str(error.value)


def test_a_closed_folder_on_the_way_of_a_glob(
    place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    touch(place, "a/deep/q.png", "b/deep/r.png")
    with closed(place / "a"):
        assert names(str(place / "[ab]" / "deep")) == ["r.png"]
    assert caplog.messages == [f"cannot look at {place / 'a' / 'deep'}: permission denied"]


def test_shards_hold_litter_of_macs(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    (tmp_path / "x.png").write_bytes(b"x")
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for name in ("x.png", "._x.png", "__MACOSX/x.png", "@eaDir/x.png", "y.psd"):
            tar.add(tmp_path / "x.png", name)
    (tmp_path / "._a.tar").write_bytes(b"\0" * 100)
    assert names(tmp_path) == ["a.tar#0"]
    assert caplog.messages == [
        "left out: 1 file of another kind (1 .psd)",
        "left out: 3 of the system's own (1 ._*, 1 @eaDir, 1 __MACOSX)",
    ]


def test_a_shard_that_may_not_be_read(tmp_path: Path) -> None:
    shard = tmp_path / "a.tar"
    shard.touch()
    with closed(shard), pytest.raises(DataError, match=r"a\.tar: permission denied$"):
        open_pictures([shard])
