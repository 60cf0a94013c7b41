"""Public sets by name, on made-up folders in their layout; nothing is downloaded."""

from __future__ import annotations

import importlib.util
import io
import pickle
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.data.categories import in_categories
from photochrom.data.fetch import fetch
from photochrom.data.public_sets import PUBLIC_SETS, open_public_set
from photochrom.data.sources import open_pictures
from photochrom.data.transforms import decode
from photochrom.errors import DataError, UnknownName, WrongInput
from tests.conftest import scene

LAYOUTS = {
    "places365": ("data_256_standard/a/airfield/1.jpg", "a/airfield"),
    "places365@val": ("val_256/Places365_val_00000001.jpg", "val_256"),
    "sun397": ("SUN397/o/outhouse/indoor/sun_1.jpg", "o/outhouse/indoor"),
    "imagenet": ("train/n01440764/n01440764_1.JPEG", "n01440764/tench/Tinca tinca"),
    "imagenet@val": ("val/n01440764/ILSVRC2012_val_1.JPEG", "n01440764/tench/Tinca tinca"),
    "imagenette": ("imagenette2-320/train/n03028079/1.JPEG", "n03028079/church/church building"),
    "coco": ("train2017/000000000009.jpg", ""),
    "voc2012": ("VOCdevkit/VOC2012/JPEGImages/2007_000027.jpg", ""),
    "food101": ("food-101/images/apple_pie/1005649.jpg", "apple_pie"),
    "flowers102": ("flowers-102/jpg/image_00001.jpg", ""),
    "oxford-iiit-pet": ("oxford-iiit-pet/images/american_bulldog_10.jpg", "american_bulldog"),
    "caltech101": ("caltech101/101_ObjectCategories/accordion/image_0001.jpg", "accordion"),
    "caltech256": ("caltech256/256_ObjectCategories/001.ak47/001_0001.jpg", "001.ak47"),
    "country211": ("country211/train/AD/1.jpg", "train/AD"),
    "celeba": ("celeba/img_align_celeba/000001.jpg", ""),
    "lfw": ("lfw-py/lfw_funneled/Ada_Lovelace/Ada_Lovelace_0001.jpg", "Ada_Lovelace"),
}


def needs_timm() -> None:
    # Not imported: its import needs a torchvision that loads.
    if importlib.util.find_spec("timm") is None:
        pytest.skip("timm carries the names of synsets")


def jpeg() -> bytes:
    file = io.BytesIO()
    Image.fromarray(scene(16, 16)).save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_set_in_its_layout(name: str, tmp_path: Path) -> None:
    path, category = LAYOUTS[name]
    if category.startswith("n0"):
        needs_timm()
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_bytes(jpeg())
    pictures = open_pictures([f"{name}:{tmp_path}"])
    assert len(pictures) == 1
    assert pictures.category(0) == category
    assert pictures.read(0) == jpeg()


def test_every_set_has_a_layout_here_and_a_full_card() -> None:
    arrays = {"cifar10", "cifar100", "stl10"}
    assert {name.partition("@")[0] for name in LAYOUTS} | arrays == set(PUBLIC_SETS)
    for name in PUBLIC_SETS:
        card = PUBLIC_SETS[name]
        assert card.splits
        assert card.pictures > 1000
        assert card.terms
        assert bool(card.fetch) == bool(card.download)


def test_synsets_go_by_name(tmp_path: Path) -> None:
    needs_timm()
    for synset in ("n01440764", "n03028079"):
        (tmp_path / "train" / synset).mkdir(parents=True)
        (tmp_path / "train" / synset / "1.JPEG").write_bytes(jpeg())
    pictures = open_pictures([f"imagenet:{tmp_path}"])
    assert in_categories(pictures, ["church"]).name(0) == "n03028079/1.JPEG"
    assert in_categories(pictures, ["n0144*"]).name(0) == "n01440764/1.JPEG"


def test_stl10_from_its_binary_file(tmp_path: Path) -> None:
    folder = tmp_path / "stl10_binary"
    folder.mkdir()
    pixels = np.stack([scene(96, 96, seed=i) for i in range(3)])
    (folder / "train_X.bin").write_bytes(pixels.transpose(0, 3, 2, 1).tobytes())
    (folder / "train_y.bin").write_bytes(bytes([1, 3, 2]))
    (folder / "class_names.txt").write_text("airplane\nbird\ncar\n")
    pictures = open_pictures([f"stl10@train:{tmp_path}"])
    assert [pictures.category(i) for i in range(3)] == ["airplane", "car", "bird"]
    assert (np.asarray(decode(pictures.read(1), "1")) == pixels[1]).all()
    assert pictures.size(0) == 96 * 96 * 3
    with pytest.raises(DataError, match=r"unlabeled_X\.bin"):
        open_pictures([f"stl10:{tmp_path}"])


def test_cifar_through_torchvision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from photochrom.backbones.torchvision_operators import declare_torchvision_operators

    declare_torchvision_operators()
    cifar = pytest.importorskip("torchvision.datasets.cifar")
    pixels = np.stack([scene(32, 32, seed=i) for i in range(2)])
    rows = pixels.transpose(0, 3, 1, 2).reshape(2, -1)
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]:
        (folder / name).write_bytes(pickle.dumps({"data": rows, "labels": [0, 1]}))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": ["airplane", "automobile"]}))
    with pytest.raises(DataError, match="no cifar10"):
        open_pictures([f"cifar10:{tmp_path}"])  # the files are not those that were published
    monkeypatch.setattr(cifar, "check_integrity", lambda *args: True)
    pictures = open_pictures([f"cifar10:{tmp_path}"])
    assert len(pictures) == 10
    assert pictures.category(1) == "automobile"
    assert (np.asarray(decode(pictures.read(1), "1")) == pixels[1]).all()
    assert len(open_pictures([f"cifar10@test:{tmp_path}"])) == 2


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"data_256_standard.*fetch places365"):
        open_pictures([f"places365:{tmp_path}"])
    with pytest.raises(UnknownName, match="places365"):
        open_pictures([f"place365:{tmp_path}"])
    with pytest.raises(WrongInput, match="train, val"):
        open_pictures([f"places365@test:{tmp_path}"])
    with pytest.raises(DataError, match="no folder"):
        open_pictures(["nowhere"])
    assert open_public_set("C:/pictures") is None
    assert open_public_set("plain/folder") is None


def test_no_network_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*args: object, **options: object) -> None:
        message = "Temporary failure in name resolution"
        raise urllib.error.URLError(message)

    monkeypatch.setattr(urllib.request, "urlopen", unreachable)
    for name in ("imagenette", "flowers102", "stl10"):
        with pytest.raises(DataError, match=f"cannot fetch {name}") as caught:
            fetch(name, tmp_path)
        assert "\n" not in str(caught.value)


def test_sets_that_only_people_can_get(tmp_path: Path) -> None:
    for name in ("imagenet", "celeba", "lfw"):
        with pytest.raises(DataError, match="by a program"):
            fetch(name, tmp_path)
    with pytest.raises(UnknownName, match="imagenette"):
        fetch("imagenete", tmp_path)


def test_reading_never_asks_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*args: object, **options: object) -> None:
        pytest.fail("the network was asked")

    monkeypatch.setattr("socket.socket.connect", asked)
    for name in PUBLIC_SETS:
        with pytest.raises(DataError):
            open_pictures([f"{name}:{tmp_path}"])
