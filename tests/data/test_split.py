"""No picture is both trained on and judged: copies, additions, seeds."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from photochrom.data.pack import pack
from photochrom.data.packed_picture import PackSettings
from photochrom.data.pictures import Pictures
from photochrom.data.sources import open_pictures
from photochrom.data.split import split
from photochrom.errors import DataError
from tests.conftest import scene


def png(seed: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(scene(8, 8, seed=seed)).save(file, "PNG")
    return file.getvalue()


def names(pictures: Pictures) -> set[str]:
    return {pictures.name(i) for i in range(len(pictures))}


def sides(folder: Path, **options: int) -> tuple[set[str], set[str]]:
    trained, judged = split(open_pictures([folder]), **options)  # type: ignore[arg-type]
    return names(trained), names(judged)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for index in range(40):
        (tmp_path / f"{index}.png").write_bytes(png(index))
    return tmp_path


@pytest.mark.parametrize("seed", range(3))
def test_what_was_trained_on_is_never_judged_when_pictures_are_added(
    folder: Path, seed: int
) -> None:
    trained, judged = sides(folder, validation=10, seed=seed)
    for index in range(100, 150):
        (folder / f"{index}.png").write_bytes(png(index))
    more_trained, more_judged = sides(folder, validation=10, seed=seed)
    assert not trained & more_judged
    assert more_judged <= judged | {f"{i}.png" for i in range(100, 150)}
    assert len(more_trained) == 80


def test_the_side_does_not_depend_on_the_order_of_places(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for index in range(100, 120):
        (other / f"{index}.png").write_bytes(png(index))
    judged = [
        names(split(open_pictures(places), validation=8, seed=1)[1])
        for places in ([other, folder], [folder, other])
    ]
    assert judged[0] == judged[1]


def test_same_bytes_under_other_names_do_not_leak(folder: Path) -> None:
    for index in range(40):
        (folder / f"copied {index}.png").write_bytes(png(index))
    trained, judged = sides(folder, validation=15, seed=0)
    numbers = [{name.removeprefix("copied ") for name in side} for side in (trained, judged)]
    assert len(judged) == 15
    assert not numbers[0] & numbers[1]
    assert len(trained) >= 80 - 2 * 15


def test_packing_changes_no_side(tmp_path: Path) -> None:
    def add(name: str, seed: int) -> None:
        Image.fromarray(scene(60, 60, seed=seed)).save(folder / f"{name}.png")

    def packed(out: Path) -> tuple[set[str], set[str]]:
        pack(open_pictures([folder]), out, PackSettings(side=24, per_shard=16), workers=1)
        return sides(out, validation=12, seed=0)

    folder = tmp_path / "photos"
    folder.mkdir()
    for index in range(40):
        add(str(index), index)
        add(f"{index}-56x56", 100 + index)
    before = packed(tmp_path / "shards")
    assert before == sides(folder, validation=12, seed=0)
    for index in range(40):
        add(f"0{index}", 200 + index)
    after = packed(tmp_path / "more")
    assert not before[0] & after[1]


def test_same_size_is_not_the_same_picture(tmp_path: Path) -> None:
    for index in range(10):
        data = Image.fromarray(scene(8, 8, seed=index))
        data.save(tmp_path / f"{index}.bmp")
    trained, judged = sides(tmp_path, validation=3, seed=0)
    assert len(trained) == 7
    assert len(judged) == 3


def test_names_of_copies_stay_together(folder: Path) -> None:
    marks = (".jpg", " copy.png", " - Copy.png", " copy (2).png", "-640x480.jpg", "@2x.png", ".PNG")
    for index in range(100, 120):
        for number, mark in enumerate(marks):
            (folder / f"p{index}{mark}").write_bytes(png(1000 + 10 * index + number))
    trained, judged = sides(folder, validation=50, seed=0)

    def originals(side: set[str]) -> set[str]:
        return {name[:4] for name in side if name.startswith("p")}

    assert originals(trained) & originals(judged) == set()
    assert originals(judged)


def test_numbered_names_are_different_pictures(tmp_path: Path) -> None:
    for index in range(20):
        (tmp_path / f"holiday ({index}).png").write_bytes(png(index))
    trained, judged = sides(tmp_path, validation=4, seed=0)
    assert (len(trained), len(judged)) == (16, 4)


def test_limits_are_nested(folder: Path) -> None:
    chosen = [sides(folder, validation=5, limit=limit, seed=2)[0] for limit in (3, 10, 30)]
    assert [len(c) for c in chosen] == [3, 10, 30]
    assert chosen[0] < chosen[1] < chosen[2]


def test_only_copies_of_the_judged_are_left(tmp_path: Path) -> None:
    for index in range(6):
        (tmp_path / f"{index}.png").write_bytes(png(0))
    with pytest.raises(DataError, match="none to train"):
        split(open_pictures([tmp_path]), validation=1, seed=0)
