"""The look before training: gray, broken and tiny pictures are told in a line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.data.check import check_pictures
from photochrom.data.grayness import is_gray
from photochrom.data.sources import open_pictures
from photochrom.errors import DataError
from tests.conftest import scene


def fill(folder: Path, *, color: int = 0, gray: int = 0, broken: int = 0, side: int = 64) -> Path:
    for index in range(color + gray):
        image = Image.fromarray(scene(side, side, seed=index))
        image = image if index < color else image.convert("L")
        image.save(folder / f"{index}.png")
    for index in range(broken):
        (folder / f"broken{index}.jpg").write_bytes(b"no picture")
    return folder


def check(folder: Path, size: int = 64) -> list[str]:
    return check_pictures(open_pictures([folder]), size=size, seed=0)


def test_good_pictures_need_no_words(tmp_path: Path) -> None:
    assert check(fill(tmp_path, color=8, gray=2)) == []


@pytest.mark.parametrize("color", [0, 1])
def test_a_folder_of_gray_pictures(tmp_path: Path, color: int) -> None:
    with pytest.raises(DataError, match=r"(4\d) of the (4\d) pictures .* gray"):
        check(fill(tmp_path, color=color, gray=40))


def test_some_color_is_enough_but_told(tmp_path: Path) -> None:
    assert "6 of 10" in check(fill(tmp_path, color=4, gray=6))[0]


def test_nothing_can_be_decoded(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none of the 3 pictures .*broken0.jpg"):
        check(fill(tmp_path, broken=3))


def test_some_cannot_be_decoded(tmp_path: Path) -> None:
    assert "2 of 7 pictures" in check(fill(tmp_path, color=5, broken=2))[0]


def test_tiny_pictures_are_told(tmp_path: Path) -> None:
    assert "data.size = 100" in check(fill(tmp_path, color=5, side=20), size=100)[0]


def test_only_a_sample_is_decoded(tmp_path: Path) -> None:
    pictures = open_pictures([fill(tmp_path, color=130, side=8)])
    read: list[int] = []
    whole = pictures.read
    pictures.read = lambda index: (read.append(index), whole(index))[1]  # type: ignore[method-assign]
    check_pictures(pictures, size=8, seed=0)
    assert len(read) == len(set(read)) == 100


def test_gray_means_every_pixel() -> None:
    gray = np.full((64, 64, 3), 120, np.uint8)
    assert is_gray(Image.fromarray(gray))
    spot = gray.copy()
    spot[10:14, 10:14] = (160, 60, 60)
    assert not is_gray(Image.fromarray(spot))


def test_chroma_noise_of_a_scanner_is_no_color() -> None:
    noise = np.random.default_rng(0).normal(120, 12, (512, 512, 3)).clip(0, 255)
    assert is_gray(Image.fromarray(noise.astype(np.uint8)))


def test_a_cast_below_five_is_gray_and_above_is_not() -> None:
    assert is_gray(Image.fromarray(np.full((9, 9, 3), (122, 120, 116), np.uint8)))
    assert not is_gray(Image.fromarray(np.full((9, 9, 3), (130, 120, 100), np.uint8)))
