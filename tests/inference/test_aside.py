from __future__ import annotations

import sys
from pathlib import Path

import pytest

from photochrom.errors import UnwritablePhoto
from photochrom.inference.aside import aside


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    return tmp_path / "parts" / "x.jpg"


def test_it_is_moved_when_it_is_whole(tmp_path: Path, staged: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"before")
    with aside(path, staged) as place:
        place.write_bytes(b"after")
        assert (place.parent, path.read_bytes()) == (staged.parent, b"before")
    assert path.read_bytes() == b"after"
    with aside(path, None) as place:
        assert place == path
    assert list(staged.parent.iterdir()) == []


def test_nothing_stays_of_a_failure_that_names_its_place(tmp_path: Path, staged: Path) -> None:
    path = tmp_path / "a.json"

    def fail() -> None:
        with aside(path, staged) as place:
            place.write_bytes(b"half")
            message = f"{place} cannot be written: no space left"
            raise UnwritablePhoto(message)

    with pytest.raises(UnwritablePhoto) as error:
        fail()
    assert str(error.value) == f"{path} cannot be written: no space left"
    assert list(tmp_path.rglob("*.json")) == []


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_stays_a_link_and_a_folder_a_folder(tmp_path: Path, staged: Path) -> None:
    link, folder = tmp_path / "link.json", tmp_path / "folder.json"
    link.symlink_to(tmp_path / "elsewhere.json")
    folder.mkdir()
    for path in (link, folder):
        with aside(path, staged) as place:
            assert place == path
