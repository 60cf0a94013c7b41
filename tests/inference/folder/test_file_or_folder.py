"""Whether an output is one file or a folder of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from photochrom.errors import WrongInput
from photochrom.inference.folder.plan import Plan
from tests.inference.folder.conftest import results

UNWRITTEN = "heic jp2 psd pdf HEIF jxl dng gif bmp tga svg exr jfif pnm"


@pytest.mark.parametrize("suffix", UNWRITTEN.split())
def test_a_picture_that_cannot_be_written_is_no_folder(
    album: Path, tmp_path: Path, suffix: str
) -> None:
    for inputs in ([str(album / "a.jpg")], [str(album)]):
        output = tmp_path / f"result.{suffix}"
        with pytest.raises(WrongInput, match=rf"cannot write \.{suffix}: .*JPEG, PNG.*slash"):
            Plan(inputs, output=output)
        assert not output.exists()


@pytest.mark.parametrize("name", ["result.heic", "result.jpg", "scans.tif"])
def test_a_slash_makes_it_a_folder(album: Path, tmp_path: Path, name: str) -> None:
    plan = Plan([str(album / "a.jpg")], output=f"{tmp_path / name}/")
    assert results(plan, tmp_path) == [f"{name}/a.jpg"]


@pytest.mark.parametrize("name", ["result.heic", "result.jpg"])
def test_a_folder_that_is_there_is_one(album: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    plan = Plan([str(album / "a.jpg")], output=tmp_path / name)
    assert results(plan, tmp_path) == [f"{name}/a.jpg"]


@pytest.mark.parametrize("name", ["colored", "Dr. Smith", "2024.05", "scans.v2", ".heic", "a.old"])
def test_other_names_with_dots_are_folders(album: Path, tmp_path: Path, name: str) -> None:
    plan = Plan([str(album / "a.jpg")], output=tmp_path / name)
    assert results(plan, tmp_path) == [f"{name}/a.jpg"]
