"""Our own results are no true pictures: they are left out of every source, and counted."""

from __future__ import annotations

import csv
import tarfile
from pathlib import Path

import pytest
from PIL import Image

from photochrom.data.categories import in_categories
from photochrom.data.pack import DROPPED, pack
from photochrom.data.packed_picture import PackSettings
from photochrom.data.sources import open_pictures
from photochrom.errors import DataError
from photochrom.photo.provenance import Provenance, stamped_xmp
from tests.conftest import scene

XMP = stamped_xmp(None, Provenance("photochrom 0.1.0", "photochrom", "0.6", ""))


def draw(path: Path, seed: int, **options: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(scene(40, 50, seed=seed)).save(path, **options)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Photographs, and results that say so, that only lie beside theirs, or that lie elsewhere."""
    place = tmp_path / "album"
    for seed, name in enumerate(("a.jpg", "b/c.png", "b/d.jpg", "b.jpg", "e.color.jpg", "f.png")):
        draw(place / name, seed)
    draw(place / "a.color.jpg", 10)  # has lost what it said
    draw(place / "b/c.color-2.png", 11)
    draw(place / "b/renamed.webp", 12, xmp=XMP)
    draw(place / "z.jpg", 13, xmp=XMP)
    return place


TRUE = ["a.jpg", "b.jpg", "b/c.png", "b/d.jpg", "e.color.jpg", "f.png"]
OURS = ["a.color.jpg", "b/c.color-2.png", "b/renamed.webp", "z.jpg"]


@pytest.fixture
def shard(folder: Path) -> Path:
    path = folder.parent / "set.tar"
    with tarfile.open(path, "w") as tar:
        for name in sorted([*TRUE, *OURS]):
            tar.add(folder / name, name)
    return path


def test_of_a_folder(folder: Path) -> None:
    pictures = open_pictures([folder])
    assert sorted(map(pictures.name, range(len(pictures)))) == sorted(TRUE)
    assert sorted(pictures.own_results) == sorted(OURS)


def test_of_a_shard(folder: Path, shard: Path) -> None:
    pictures = open_pictures([shard])
    found = {pictures.read(index) for index in range(len(pictures))}
    assert found == {(folder / name).read_bytes() for name in TRUE}
    assert sorted(pictures.own_results) == sorted(OURS)
    assert [pictures.name(i) for i in (0, 5)] == ["set.tar#0", "set.tar#5"]


def test_of_several_places_and_of_some_kinds(folder: Path, shard: Path) -> None:
    pictures = open_pictures([folder, shard])
    assert (len(pictures), len(pictures.own_results)) == (12, 8)
    chosen = in_categories(open_pictures([folder]), ["b"])
    assert [chosen.name(index) for index in range(len(chosen))] == ["b/c.png", "b/d.jpg"]
    assert len(chosen.own_results) == 4


def test_of_nothing_but_results_nothing_can_be_made(tmp_path: Path) -> None:
    draw(tmp_path / "only/x.jpg", 0, xmp=XMP)
    draw(tmp_path / "other/y.jpg", 1)
    with pytest.raises(
        DataError, match=r"no pictures at .*only; left out.* 1 result of photoch.*x\.jpg"
    ):
        open_pictures([tmp_path / "only"])
    assert len(open_pictures([tmp_path / "only", tmp_path / "other"])) == 1


def test_packing_lists_them(folder: Path, tmp_path: Path) -> None:
    for _ in range(2):  # the second continues what is finished
        out = tmp_path / "shards"
        result = pack(open_pictures([folder]), out, PackSettings(side=32), workers=1)
        assert result.pictures == 6
        assert result.dropped == {"result of photochrom": 4}
        with (out / DROPPED).open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        assert sorted(rows[1:]) == sorted(["", name, "result of photochrom"] for name in OURS)
