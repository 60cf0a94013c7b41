"""Categories of folders, of flat folders with telling names, and of shards."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from PIL import Image

from photochrom.data.categories import category_of_path, in_categories, matches
from photochrom.data.pictures import Pictures
from photochrom.data.sources import open_pictures
from photochrom.errors import DataError, UnknownName
from tests.conftest import scene

CVCL = ["coast_arnat59", "forest_nat1033", "opencountry_land660", "opencountry_natu2", "street_a1"]


def picture() -> bytes:
    file = io.BytesIO()
    Image.fromarray(scene(8, 8)).save(file, "PNG")
    return file.getvalue()


def names(pictures: Pictures) -> list[str]:
    return [pictures.name(i) for i in range(len(pictures))]


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    """Sub-folders of folders, as in SUN and Places."""
    for path in ("c/coast/1", "f/forest/broadleaf/1", "f/forest/path/1", "f/forest_road/1"):
        file = tmp_path / "scenes" / f"{path}.png"
        file.parent.mkdir(parents=True)
        file.write_bytes(picture())
    return tmp_path / "scenes"


@pytest.fixture
def cvcl(tmp_path: Path) -> Path:
    (tmp_path / "spatial_envelope").mkdir()
    for name in CVCL:
        (tmp_path / "spatial_envelope" / f"{name}.jpg").write_bytes(picture())
    return tmp_path / "spatial_envelope"


@pytest.mark.parametrize(
    ("path", "category"),
    [
        ("forest/1.jpg", "forest"),
        ("outdoor/forest/forest_1.jpg", "outdoor/forest"),
        ("opencountry_land660.jpg", "opencountry"),
        ("american_bulldog_12.jpg", "american_bulldog"),
        ("IMG_0001.jpg", "holiday"),
        ("2019_05.jpg", "holiday"),
        ("cat.jpg", "holiday"),
    ],
)
def test_what_a_path_says(path: str, category: str) -> None:
    assert category_of_path(path, "holiday") == category


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [("forest", True), ("f*", True), ("F/Forest/*", True), ("FOREST", True), ("path", True),
     ("fores", False), ("coast", False), ("*road*", False)],
)  # fmt: skip
def test_patterns_fit_the_whole_or_a_part(pattern: str, fits: bool) -> None:
    assert matches("f/forest/path", pattern) == fits


def test_open_country_of_a_flat_folder(cvcl: Path) -> None:
    chosen = in_categories(open_pictures([cvcl]), ["opencountry"])
    assert names(chosen) == ["opencountry_land660.jpg", "opencountry_natu2.jpg"]
    assert [chosen.category(i) for i in range(2)] == ["opencountry"] * 2


def test_folders_of_folders(scenes: Path) -> None:
    pictures = open_pictures([scenes])
    assert names(in_categories(pictures, ["coast", "broad*"])) == [
        "c/coast/1.png",
        "f/forest/broadleaf/1.png",
    ]
    assert len(in_categories(pictures, ["forest*"])) == 3
    assert len(in_categories(pictures, ["forest"])) == 2


def test_several_places(cvcl: Path, scenes: Path) -> None:
    assert len(in_categories(open_pictures([cvcl, scenes]), ["coast"])) == 2
    assert len(in_categories(open_pictures([cvcl, scenes / "c" / "coast"]), ["coast"])) == 2


@pytest.mark.parametrize(
    "order", [("png", "json"), ("json", "png"), ("cls", "png"), ("png", "cls")]
)
def test_shards_in_any_order(tmp_path: Path, order: tuple[str, str]) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as tar:
        for index, category in enumerate(["coast", "", "forest", "coast"]):
            for suffix in order:
                data = picture()
                if suffix == "json":
                    data = json.dumps({"category": category, "other": [1]}).encode()
                elif suffix == "cls":
                    data = f"{category}\n".encode()
                member = tarfile.TarInfo(f"x/{index}.{suffix}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    pictures = open_pictures([path])
    assert [pictures.category(i) for i in range(4)] == ["coast", "", "forest", "coast"]
    assert names(in_categories(pictures, ["c*"])) == ["a.tar#0", "a.tar#3"]


@pytest.mark.parametrize("data", [b"{", b"[1]", b"\xff\xfe", b'{"category": null}'])
def test_facts_that_say_nothing(tmp_path: Path, data: bytes) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for suffix, content in (("png", picture()), ("json", data)):
            member = tarfile.TarInfo(f"1.{suffix}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    assert open_pictures([tmp_path / "a.tar"]).category(0) == ""


def test_unknown_categories_name_the_nearest(cvcl: Path, scenes: Path) -> None:
    with pytest.raises(UnknownName, match="'opencuntry'; did you mean opencountry"):
        in_categories(open_pictures([cvcl]), ["coast", "opencuntry"])
    with pytest.raises(UnknownName, match=r"there are: .*coast"):
        in_categories(open_pictures([scenes]), ["zzz"])


def test_long_lists_are_cut(tmp_path: Path) -> None:
    for index in range(40):
        (tmp_path / f"k{index:02d}").mkdir()
        (tmp_path / f"k{index:02d}" / "1.png").write_bytes(picture())
    with pytest.raises(UnknownName, match="k19 and 20 more"):
        in_categories(open_pictures([tmp_path]), ["zzz"])


def test_shards_without_categories(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        member = tarfile.TarInfo("1.png")
        member.size = len(picture())
        tar.addfile(member, io.BytesIO(picture()))
    with pytest.raises(DataError, match="no categories"):
        in_categories(open_pictures([tmp_path]), ["coast"])
