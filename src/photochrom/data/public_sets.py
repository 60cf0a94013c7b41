"""Public sets of photographs by name: cards, and the pictures of a set that lies on this machine.

The layout below the given folder is the one that torchvision's datasets download and expect. The
files are read as they lie, so that a part of a set works too. Nothing here uses the network:
see :mod:`photochrom.data.fetch`.
"""

from __future__ import annotations

import functools
import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photochrom.data.array_sets import open_cifar, open_stl10
from photochrom.data.folder import FolderPictures
from photochrom.data.pictures import Pictures
from photochrom.errors import DataError, WrongInput
from photochrom.photo.folders import is_folder, refusal
from photochrom.registry import Registry


@dataclass(frozen=True)
class PublicSet:
    """Facts of a public set.

    Attributes: ``splits`` gives for each split, the first being the default, the folders in which
    its pictures may lie (the first that exists is read) or, for ``arrays``, the file that holds
    them; ``categories`` says what the categories are; ``fetch`` are the torchvision datasets that
    download it, with their arguments, and ``download`` how much that is; ``terms`` as far as known.
    """

    name: str
    summary: str
    pictures: int
    side: str
    categories: str
    terms: str
    source: str
    splits: dict[str, tuple[str, ...]]
    fetch: tuple[tuple[str, dict[str, Any]], ...] = ()
    download: str = ""
    arrays: str = ""
    has_synsets: bool = False


PUBLIC_SETS: Registry[PublicSet] = Registry("public set")

_RESEARCH = "research use"


def _add(name: str, *facts: Any, **more: Any) -> None:
    PUBLIC_SETS.add(name, PublicSet(name, *facts, **more))


_add(
    "places365", "scenes of every kind (Places2)", 1_803_460, "256 or large", "365 scenes",
    _RESEARCH, "Zhou et al. 2017, places2.csail.mit.edu",
    {
        "train": ("data_256_standard", "data_large_standard", "train"),
        "val": ("val_256", "val_large", "val"),
    },
    (
        ("Places365", {"split": "train-standard", "small": True}),
        ("Places365", {"split": "val", "small": True}),
    ), "25 GB",
)  # fmt: skip
_add(
    "sun397", "scenes (SUN)", 108_754, "large", "397 scenes",
    _RESEARCH, "Xiao et al. 2010, vision.princeton.edu/projects/2010/SUN",
    {"all": ("SUN397",)}, (("SUN397", {}),), "37 GB",
)  # fmt: skip
_add(
    "imagenet", "objects (ILSVRC 2012)", 1_281_167, "large", "1,000 synsets, by id and by name",
    _RESEARCH, "Russakovsky et al. 2015, image-net.org",
    {"train": ("train",), "val": ("val",)}, has_synsets=True,
)  # fmt: skip
_add(
    "imagenette", "ten easy classes of ImageNet", 9_469, "large", "10 synsets, by id and by name",
    _RESEARCH, "github.com/fastai/imagenette",
    {
        "train": ("imagenette2/train", "imagenette2-320/train", "imagenette2-160/train"),
        "val": ("imagenette2/val", "imagenette2-320/val", "imagenette2-160/val"),
    },
    (("Imagenette", {"size": "320px"}),), "340 MB", has_synsets=True,
)  # fmt: skip
_add(
    "coco", "everyday scenes with people and things", 118_287, "640", "none",
    "CC BY 4.0 annotations, pictures of Flickr", "Lin et al. 2014, cocodataset.org",
    {"train": ("train2017", "train2014"), "val": ("val2017", "val2014")},
)  # fmt: skip
_add(
    "voc2012", "people, animals, vehicles, rooms", 17_125, "500", "none",
    "pictures of Flickr", "Everingham et al. 2010, host.robots.ox.ac.uk/pascal/VOC",
    {"all": ("VOCdevkit/VOC2012/JPEGImages",)},
    (("VOCDetection", {"year": "2012", "image_set": "trainval"}),), "2 GB",
)  # fmt: skip
_add(
    "food101", "dishes", 101_000, "512", "101 dishes",
    "pictures of foodspotting.com", "Bossard et al. 2014, data.vision.ee.ethz.ch",
    {"all": ("food-101/images",)}, (("Food101", {}),), "5 GB",
)  # fmt: skip
_add(
    "flowers102", "flowers", 8_189, "500 and more", "none",
    _RESEARCH, "Nilsback and Zisserman 2008, robots.ox.ac.uk/~vgg/data/flowers",
    {"all": ("flowers-102/jpg",)}, (("Flowers102", {}),), "350 MB",
)  # fmt: skip
_add(
    "oxford-iiit-pet", "cats and dogs", 7_390, "500", "37 breeds",
    "CC BY-SA 4.0", "Parkhi et al. 2012, robots.ox.ac.uk/~vgg/data/pets",
    {"all": ("oxford-iiit-pet/images",)}, (("OxfordIIITPet", {}),), "800 MB",
)  # fmt: skip
_add(
    "caltech101", "objects", 9_144, "300", "102 objects",
    "CC BY 4.0", "Fei-Fei et al. 2004, data.caltech.edu/records/mzrjq-6wc02",
    {"all": ("caltech101/101_ObjectCategories",)},
)  # fmt: skip
_add(
    "caltech256", "objects", 30_607, "350", "257 objects",
    "CC BY 4.0", "Griffin et al. 2007, data.caltech.edu/records/nyy15-4j048",
    {"all": ("caltech256/256_ObjectCategories",)},
)  # fmt: skip
_add(
    "country211", "photographs from 211 countries", 63_300, "varied", "211 country codes",
    "Creative Commons, see YFCC100M", "Radford et al. 2021, github.com/openai/CLIP",
    {"all": ("country211",), "train": ("country211/train",), "test": ("country211/test",)},
    (("Country211", {}),), "11 GB",
)  # fmt: skip
_add(
    "celeba", "faces, aligned", 202_599, "178 x 218", "none",
    _RESEARCH, "Liu et al. 2015, mmlab.ie.cuhk.edu.hk/projects/CelebA.html",
    {"all": ("celeba/img_align_celeba", "img_align_celeba")},
)  # fmt: skip
_add(
    "lfw", "faces of known people", 13_233, "250", "5,749 people",
    _RESEARCH, "Huang et al. 2007, vis-www.cs.umass.edu/lfw",
    {"all": ("lfw-py/lfw_funneled", "lfw-py/lfw-deepfunneled", "lfw-py/lfw", "lfw_funneled")},
)  # fmt: skip
for _classes in (10, 100):
    _add(
        f"cifar{_classes}", "tiny objects", 50_000, "32", f"{_classes} objects",
        _RESEARCH, "Krizhevsky 2009, cs.toronto.edu/~kriz/cifar.html",
        {"train": ("train",), "test": ("test",)},
        ((f"CIFAR{_classes}", {}),), "170 MB", "cifar",
    )  # fmt: skip
_add(
    "stl10", "small objects, most without a class", 100_000, "96", "10 objects (train and test)",
    "those of ImageNet: research use", "Coates et al. 2011, cs.stanford.edu/~acoates/stl10",
    {"unlabeled": ("unlabeled",), "train": ("train",), "test": ("test",)},
    (("STL10", {"split": "unlabeled"}),), "2.6 GB", "stl10",
)  # fmt: skip

_PLACE = re.compile(r"(?P<name>[A-Za-z][\w-]+)(?:@(?P<split>[\w-]+))?:(?P<root>.*)", re.DOTALL)


def open_public_set(place: str) -> Pictures | None:
    """Open ``NAME:FOLDER`` or ``NAME@SPLIT:FOLDER``; None if ``place`` has not that form.

    Raises:
        UnknownName: no set of that name; the text names the nearest.
        WrongInput: the set has no such split.
        DataError: its pictures are not below the folder.
    """
    match = _PLACE.fullmatch(place)
    if match is None:
        return None
    card = PUBLIC_SETS[match["name"]]
    split = match["split"] or next(iter(card.splits))
    if split not in card.splits:
        message = f"{card.name} has no split {split!r}; there are: {', '.join(card.splits)}"
        raise WrongInput(message)
    root = Path(match["root"] or ".").expanduser()
    if card.arrays == "cifar":
        return open_cifar(root, card.name, split)
    if card.arrays == "stl10":
        return open_stl10(root, split)
    for folder in card.splits[split]:
        if is_folder(root / folder):
            return _SetPictures(card, root / folder)
        if reason := refusal(root / folder):
            message = f"cannot look at {root / folder}: {reason}"
            raise DataError(message)
    places = " or ".join(f"{root / folder}" for folder in card.splits[split])
    hint = f"; photochrom data fetch {card.name} downloads it" if card.fetch else ""
    message = f"no {card.name} in {root}: its pictures lie in {places}{hint}"
    raise DataError(message)


class _SetPictures(FolderPictures):
    """A set's folder, with the categories that the set has."""

    def __init__(self, card: PublicSet, folder: Path) -> None:
        super().__init__(folder)
        self._card = card

    def category(self, index: int) -> str:
        """The set's category; a synset with all its names, as ``n01440764/tench/Tinca tinca``."""
        if self._card.categories == "none":
            return ""
        category = super().category(index)
        names = _synset_names().get(category, "") if self._card.has_synsets else ""
        return f"{category}/{names.replace(', ', '/')}" if names else category


@functools.cache
def _synset_names() -> dict[str, str]:
    """Names of ImageNet's synsets by id, from the list that timm carries; empty without timm."""
    spec = importlib.util.find_spec("timm")
    if spec is None or spec.origin is None:
        return {}
    path = Path(spec.origin).parent / "data" / "_info" / "imagenet_synset_to_lemma.txt"
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.partition("\t")[0]: line.partition("\t")[2] for line in lines}
