"""A set of pictures in two parts: to choose ideas by, and to measure what was chosen.

Whoever tries many ideas on some pictures finds one that suits these pictures. So a quarter of them
is kept back: it is measured once, of the model that was taken. The rule needs no list: of the keys
of a set, put in order by their SHA-256, the first quarter is kept. A key is a picture's name, in a
shard or below its folder, up to the first dot.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from photochrom.data.folder import PICTURE_SUFFIXES
from photochrom.data.pictures import Pictures
from photochrom.data.sources import open_pictures
from photochrom.evaluation.runner import Trial

PARTS = ("all", "choosing", "kept")


def kept_back(keys: Sequence[str]) -> set[str]:
    """The keys of the quarter that no idea is chosen by."""
    ranked = sorted(keys, key=lambda key: hashlib.sha256(key.encode()).digest())
    return set(ranked[: len(ranked) // 4])


def keys_of(place: str) -> list[str]:
    """The keys of a shard's or a folder's pictures, in their order."""
    path = Path(place)
    if path.suffix == ".tar":
        with tarfile.open(path) as tar:
            names = [member.name for member in tar if member.isfile()]
        names = [name for name in names if Path(name).suffix.lower() in PICTURE_SUFFIXES]
    else:
        pictures = open_pictures([place])
        names = [pictures.name(index) for index in range(len(pictures))]
    return [str(Path(name).with_name(Path(name).name.partition(".")[0])) for name in names]


@dataclass(frozen=True)
class PartOfTrial(Trial):
    """A trial on one of ``PARTS`` of its pictures."""

    part: str = "all"

    def pictures(self) -> tuple[Pictures, list[int]]:
        """As of a trial, without those of the other part."""
        pictures, chosen = super().pictures()
        if self.part == "all":
            return pictures, chosen
        keys = [key for place in self.places for key in keys_of(place)]
        if len(keys) != len(pictures):
            message = f"{len(keys)} keys, but {len(pictures)} pictures: are there own results?"
            raise ValueError(message)
        kept = kept_back(keys)
        return pictures, [i for i in chosen if (keys[i] in kept) == (self.part == "kept")]
