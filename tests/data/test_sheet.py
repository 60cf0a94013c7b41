"""The contact sheet shows what training sees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.color.spaces import rgb_to_luma
from photochrom.data.dataset import Crops
from photochrom.data.film_config import Film
from photochrom.data.sheet import draw_sheet
from photochrom.data.sources import open_pictures
from photochrom.data.transforms import Augmentation
from photochrom.errors import DataError, WrongInput

SIZE, GAP = 32, 4


def draw(folder: Path, path: Path, *, film: Film | None = None, rows: int = 3) -> int:
    crops = Crops(open_pictures([folder]), size=SIZE, augmentation=Augmentation(), seed=0)
    return draw_sheet(crops, path, film=film or Film(), noise=0, tone=0, rows=rows, variants=2)


def tiles(path: Path) -> np.ndarray:
    """Rows of (picture, crop, seen, crop, seen), each ``(SIZE, SIZE, 3)``."""
    sheet = np.asarray(Image.open(path).convert("RGB"))
    starts = [0] + [SIZE + GAP + v * (2 * SIZE + GAP) + k * SIZE for v in (0, 1) for k in (0, 1)]
    heights = range(0, len(sheet), SIZE + GAP)
    return np.stack(
        [np.stack([sheet[y : y + SIZE, x : x + SIZE] for x in starts]) for y in heights]
    )


def test_crops_beside_their_lightness(pictures: Path, tmp_path: Path) -> None:
    assert draw(pictures, tmp_path / "sheet.png") == 3
    found = tiles(tmp_path / "sheet.png")
    assert found.shape[:2] == (3, 5)
    assert (np.ptp(found[:, [2, 4]].astype(int), axis=-1) == 0).all()
    luma = rgb_to_luma(found[:, 1].transpose(0, 3, 1, 2) / 255.0)[:, 0] * 255
    seen = found[:, 2, :, :, 0]
    correlation = np.corrcoef(luma.ravel(), seen.ravel())[0, 1]
    assert correlation > 0.95
    assert not (found[:, 1] == found[:, 3]).all()


def test_film_is_seen_and_the_same_each_time(pictures: Path, tmp_path: Path) -> None:
    draw(pictures, tmp_path / "plain.png")
    for name in ("film.png", "again.png"):
        draw(pictures, tmp_path / name, film=Film(probability=1))
    plain, film = tiles(tmp_path / "plain.png"), tiles(tmp_path / "film.png")
    assert (plain[:, [0, 1, 3]] == film[:, [0, 1, 3]]).all()
    assert np.abs(plain[:, [2, 4]].astype(int) - film[:, [2, 4]]).mean() > 5
    assert (tmp_path / "film.png").read_bytes() == (tmp_path / "again.png").read_bytes()


def test_broken_pictures_are_left_out(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "a.png").write_bytes((pictures / "0.png").read_bytes())
    (tmp_path / "some" / "b.png").write_bytes(b"broken")
    assert draw(tmp_path / "some", tmp_path / "sheet.jpg") == 1
    (tmp_path / "some" / "a.png").write_bytes(b"broken")
    with pytest.raises(DataError, match=r"[ab]\.png"):
        draw(tmp_path / "some", tmp_path / "sheet.jpg")


def test_other_kinds_of_files(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongInput, match=r"sheet\.pdf"):
        draw(pictures, tmp_path / "sheet.pdf")
