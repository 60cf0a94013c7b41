"""Shards and folders that are damaged, oddly named, or changed while they are read."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.data.dataset import Crops
from photochrom.data.folder import FolderPictures
from photochrom.data.shards import ShardPictures
from photochrom.data.sources import open_pictures
from photochrom.data.split import split
from photochrom.data.transforms import NONE, Augmentation, crop_box
from photochrom.errors import DataError
from tests.conftest import scene


def png(seed: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(scene(16, 20, seed=seed)).save(file, "PNG")
    return file.getvalue()


def write_shard(path: Path, pictures: list[bytes], suffix: str = "png") -> list[int]:
    """Write a shard; returns where each member's header begins."""
    starts = []
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for index, data in enumerate(pictures):
            starts.append(tar.offset)
            member = tarfile.TarInfo(f"{index:05d}.{suffix}")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return starts


def write_folder(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True)
    for index in range(count):
        (folder / f"{index}.png").write_bytes(png(index))
    return folder


@pytest.fixture
def shard(tmp_path: Path) -> tuple[Path, list[int]]:
    path = tmp_path / "a.tar"
    return path, write_shard(path, [png(i) for i in range(4)])


def test_cut_anywhere_within_a_picture(shard: tuple[Path, list[int]]) -> None:
    path, starts = shard
    whole = path.read_bytes()
    for end in (1, 300, starts[1] + 100, starts[3] + 100, starts[3] + 600):
        path.write_bytes(whole[:end])
        with pytest.raises(DataError, match=r"a\.tar"):
            ShardPictures(path)


def test_damaged_header_in_the_middle_is_not_the_end(shard: tuple[Path, list[int]]) -> None:
    path, starts = shard
    data = bytearray(path.read_bytes())
    data[starts[2] + 20] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(DataError, match="after 2 pictures"):
        ShardPictures(path)


def test_shard_without_its_closing_zeros_is_whole(shard: tuple[Path, list[int]]) -> None:
    path, starts = shard
    size = len(png(3))
    path.write_bytes(path.read_bytes()[: starts[3] + 512 + -(-size // 512) * 512])
    assert [ShardPictures(path).read(i) for i in range(4)] == [png(i) for i in range(4)]


@pytest.mark.parametrize("kind", ["no bytes", "no members", "no pictures", "no tar"])
def test_shard_without_pictures(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.tar"
    if kind.startswith("no members"):
        write_shard(path, [])
    elif kind == "no pictures":
        write_shard(path, [b"3"], suffix="cls")
    else:
        path.write_bytes(b"" if kind == "no bytes" else b"picture" * 1000)
    with pytest.raises(DataError, match=r"a\.tar"):
        open_pictures([path])


def test_index_grows_by_two_integers_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "many.tar"
    write_shard(path, [b"x"] * 3000)
    assert ShardPictures(path)._places.shape == (3000, 2)
    assert ShardPictures(path)._places.dtype == np.int64


def test_globs_reach_through_folders(tmp_path: Path) -> None:
    for name in ("x", "y"):
        write_folder(tmp_path / name / "photos", 2)
    assert len(open_pictures([str(tmp_path / "*" / "photos")])) == 4
    assert len(open_pictures([str(tmp_path / "[xz]" / "photos")])) == 2


def test_a_folder_whose_name_looks_like_a_glob(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "summer [1962]", 3)
    assert len(open_pictures([str(folder)])) == 3


def test_below_folders_and_only_pictures(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "a" / "b", 2)
    (folder / "notes.txt").write_text("no picture")
    (tmp_path / "a" / "C.PNG").write_bytes(png(9))
    pictures = FolderPictures(tmp_path / "a")
    assert [pictures.name(i) for i in range(3)] == ["C.PNG", "b/0.png", "b/1.png"]
    assert pictures.read(2) == png(1)


def test_broken_and_vanished_pictures_give_way_to_the_next(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "p", 6)
    crops = Crops(open_pictures([folder]), size=16, augmentation=NONE, seed=0)
    places = {crops.picture_at(k): k for k in range(6)}
    expected = [crops[places[i]] for i in range(6)]
    (folder / "2.png").write_bytes(png(2)[:90])
    (folder / "5.png").unlink()
    assert (crops[places[2]] == expected[3]).all()
    assert (crops[places[5]] == expected[0]).all()
    assert (crops[places[1]] == expected[1]).all()


def test_plain_crop_is_the_largest_centered_square() -> None:
    assert crop_box(60, 40, NONE, np.random.default_rng(0)) == (10, 0, 50, 40)
    assert crop_box(30, 41, NONE, np.random.default_rng(0)) == (0, 5.5, 30, 35.5)


def test_crops_cover_between_the_smallest_share_and_all() -> None:
    generator = np.random.default_rng(0)
    chosen = Augmentation(smallest=0.25, stretch=1.0, flip=True)
    shares = []
    for _ in range(400):
        left, top, right, bottom = crop_box(80, 80, chosen, generator)
        shares.append((right - left) * (bottom - top) / 6400)
    assert min(shares) >= 0.25 - 1e-9
    assert max(shares) <= 1 + 1e-9
    assert np.mean(shares) == pytest.approx(0.625, abs=0.04)


def test_judged_pictures_stay_the_same_under_a_limit(tmp_path: Path) -> None:
    pictures = open_pictures([write_folder(tmp_path / "p", 12)])
    names = []
    for limit in (None, 0, 3):
        trained, judged = split(pictures, validation=4, limit=limit, seed=1)
        names.append([judged.name(i) for i in range(4)])
        own = {trained.name(i) for i in range(len(trained))}
        assert len(own) == len(trained) == (limit or 8)
        assert not own & set(names[-1])
        assert all(trained.read(i) == png(int(trained.name(i)[:-4])) for i in range(len(trained)))
    assert names[0] == names[1] == names[2]
    other = split(pictures, validation=4, seed=2)[1]
    assert [other.name(i) for i in range(4)] != names[0]


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (3, 2)])
def test_pictures_of_a_few_pixels_still_give_crops(tmp_path: Path, size: tuple[int, int]) -> None:
    Image.fromarray(scene(*size)).save(tmp_path / "a.png")
    for chosen in (NONE, Augmentation()):
        crops = Crops(open_pictures([tmp_path]), size=16, augmentation=chosen, seed=0)
        assert all(crops[k].shape == (3, 16, 16) for k in range(20))


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"name": "coast/1.png", "digest": "0"}, "coast/1.png"),
        ({"name": "coast/\udcff.png", "digest": "0"}, "coast/\udcff.png"),
        ({"name": "cat"}, "a.tar#0"),
        ({"name": "\ud800", "digest": "0"}, "a.tar#0"),
        ({"name": "", "digest": "0"}, "a.tar#0"),
        (["name", "digest"], "a.tar#0"),
    ],
)
@pytest.mark.parametrize("before", [False, True])
def test_only_packing_gives_names(tmp_path: Path, facts: object, name: str, before: bool) -> None:
    members = [("0.png", png(0)), ("0.json", json.dumps(facts).encode())]
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for key, data in members[::-1] if before else members:
            member = tarfile.TarInfo(key)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    assert ShardPictures(tmp_path / "a.tar").name(0) == name
