from __future__ import annotations

from pathlib import Path

import pytest

from photochrom.photo.folders import (
    FOLDER,
    FOREIGN,
    LITTER,
    PICTURE,
    Entry,
    LeftOut,
    entries_of,
    is_file,
    is_folder,
    is_there,
    refusal,
)
from photochrom.photo.kinds import KIND_OF_SUFFIX, KNOWN_SUFFIXES
from tests.locked import closed

KNOWN = (
    ".pdf .fff .j2c .pam .pfm .apng .btf .jxl .heic .heif .hif .dng .cr2 .cr3 .nef .arw .raw .psd "
    ".svg .eps .jp2 .jxr .tga .exr .djvu .mpo .ico .dcm .fits .xcf"
)


def test_what_is_in_a_folder(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.psd", "notes.txt", ".hidden.jpg", "._b.JPG", "Thumbs.db"):
        (tmp_path / name).touch()
    for name in ("sub", "@eaDir", ".git", "film.jpg"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "sub")
    assert entries_of(tmp_path) == [
        Entry("._b.JPG", LITTER),
        Entry("@eaDir", LITTER, is_folder=True),
        Entry("Thumbs.db", LITTER),
        Entry("a.psd", FOREIGN),
        Entry("b.JPG", PICTURE),
        Entry("film.jpg", FOLDER, is_folder=True),
        Entry("sub", FOLDER, is_folder=True),
    ]


def test_what_is_left_out_is_counted_by_its_kind() -> None:
    found = LeftOut()
    assert found.lines() == []
    for name in ("a.HEIC", "b.heic", "c.fff", "@eaDir", "._c.jpg", "._d.jpg"):
        found.add(name)
    assert found.lines() == [
        "left out: 3 files of other kinds (2 .heic, 1 .fff)",
        "left out: 3 of the system's own (2 ._*, 1 @eaDir)",
    ]


@pytest.mark.parametrize("suffix", KNOWN.split())
def test_kinds_that_people_have(suffix: str) -> None:
    assert suffix in KNOWN_SUFFIXES


def test_suffixes_are_small_and_have_dots() -> None:
    assert set(KIND_OF_SUFFIX) < KNOWN_SUFFIXES
    assert all(suffix[0] == "." and suffix == suffix.lower() for suffix in KNOWN_SUFFIXES)


def test_who_reads_says_what_is_foreign(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.png", "c.psd"):
        (tmp_path / name).touch()
    found = {entry.name: entry.kind for entry in entries_of(tmp_path, lambda s: s == ".png")}
    assert found == {"a.jpg": FOREIGN, "b.png": PICTURE, "c.psd": FOREIGN}


def test_what_lies_in_a_closed_folder_is_refused_and_never_raises(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir()
    inside = tmp_path / "shut" / "a.jpg"
    inside.touch()
    assert (is_file(inside), refusal(inside)) == (True, "")
    with closed(tmp_path / "shut"):
        assert not is_file(inside)
        assert not is_folder(inside)
        assert not is_there(inside)
        assert refusal(inside) == "permission denied"
        assert refusal(tmp_path / "shut") == ""
        with pytest.raises(PermissionError):
            entries_of(tmp_path / "shut")


@pytest.mark.parametrize("name", ["nowhere", "a.jpg/below", "nul\0l"])
def test_nothing_there_is_an_answer(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.jpg").touch()
    assert (is_there(tmp_path / name), refusal(tmp_path / name)) == (False, "")
