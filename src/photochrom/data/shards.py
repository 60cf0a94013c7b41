"""WebDataset tar shards, read by position.

A shard's members are ``KEY.webp`` (any kind of picture) and beside it, where there is one, what is
known of the picture: ``KEY.json`` with a ``category``, or ``KEY.cls`` with a label. Where packing
wrote the JSON, a picture keeps the name that it had before: what is judged and what is trained on
is decided by names, and places in a shard change with every packing.
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import numpy as np

from photochrom.data.folder import PICTURE_SUFFIXES
from photochrom.data.names import Names
from photochrom.errors import DataError
from photochrom.photo.atomic import reason_of
from photochrom.photo.folders import LeftOut
from photochrom.photo.kinds import KNOWN_SUFFIXES, suffix_of
from photochrom.photo.litter import litter_of
from photochrom.photo.results import is_named_result, names_beside, says_ours

_LARGEST_FACTS = 1 << 16


class ShardPictures:
    """The pictures of one tar shard; holds four integers and a name for each, not the pictures.

    Our own results are left out; ``own_results`` are their places in the tar. ``left_out`` counts
    members of kinds that are not read, and litter of the system.
    """

    def __init__(self, shard: Path) -> None:
        """Index the tar's members; raises :class:`DataError` if it is damaged or empty."""
        self.shard = shard
        index = _Index()
        try:
            with tarfile.open(shard, "r:") as tar:
                for member in tar:
                    if member.isfile():
                        index.add(tar, member)
                    tar.members = []  # type: ignore[attr-defined] # it would grow with the set
                end = tar.offset
            # A damaged header in the middle looks like the end to tarfile; the end is all zeros.
            with shard.open("rb") as file:
                file.seek(end)
                if any(file.read(tarfile.BLOCKSIZE)):
                    message = f"damaged after {len(index.places)} pictures, at byte {end}"
                    raise tarfile.ReadError(message)
        except (tarfile.TarError, OSError) as error:
            raise DataError(_cannot_read(shard, error)) from error
        if not index.places:
            message = f"no pictures in the shard {shard}"
            raise DataError(message)
        self.left_out = index.left_out
        ours = index.own_results()
        kept = np.setdiff1d(np.arange(len(index.places)), ours)
        self.own_results = tuple(index.members[position] for position in ours)
        self._places = np.array(index.places, dtype=np.int64)[kept]
        self._names = Names(index.names[position] for position in kept)
        self._categories: list[str] = list(index.numbers)
        self._category_of = np.array(index.categories, dtype=np.int32)[kept]

    def __len__(self) -> int:
        return len(self._places)

    def name(self, index: int) -> str:
        """Its name before it was packed; else the shard's name and its position there."""
        return self._names[index] or f"{self.shard.name}#{index}"

    def category(self, index: int) -> str:
        """The category that stands beside the picture, or an empty string."""
        return self._categories[int(self._category_of[index])]

    def size(self, index: int) -> int:
        """Bytes of the picture."""
        return int(self._places[index, 1])

    def read(self, index: int) -> bytes:
        """The picture's bytes, read from its place in the tar; DataError if the shard is gone."""
        offset, size = self._places[index]
        try:
            with self.shard.open("rb") as file:
                file.seek(int(offset))
                return file.read(int(size))
        except OSError as error:
            raise DataError(_cannot_read(self.shard, error)) from error


def _cannot_read(shard: Path, error: Exception) -> str:
    reason = reason_of(error, missing="file") if isinstance(error, OSError) else error
    return f"cannot read the shard {shard}: {reason}"


class _Index:
    """Places, names and categories of a shard's pictures, filled member by member."""

    def __init__(self) -> None:
        self.places: list[tuple[int, int]] = []
        self.names: list[str] = []
        self.categories: list[int] = []
        self.members: list[str] = []
        self.saying_ours: set[int] = set()
        self.numbers: dict[str, int] = {"": 0}
        self.left_out = LeftOut()
        self._last = ""
        self._early: tuple[str, tuple[str, str]] = ("", ("", ""))

    def add(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        """Take a picture's place, or the facts that stand beside a picture."""
        # As webdataset has it: the key ends at the first dot of the file's name.
        folder, _, name = member.name.rpartition("/")
        if litter := next(filter(litter_of, member.name.split("/")), ""):
            self.left_out.add(litter)
            return
        key = f"{folder}/{name.partition('.')[0]}"
        suffix = suffix_of(name)
        if suffix in PICTURE_SUFFIXES:
            if _says_ours(tar, member):
                self.saying_ours.add(len(self.places))
            self.members.append(member.name)
            self.places.append((member.offset_data, member.size))
            self.names.append("")
            self.categories.append(0)
            self._last = key
            early, facts = self._early
            if early == key:
                self._tell(*facts)
        elif suffix in KNOWN_SUFFIXES:
            self.left_out.add(name)
        elif suffix in (".json", ".cls") and member.size <= _LARGEST_FACTS:
            file = tar.extractfile(member)
            facts = _facts_in(file.read(), suffix) if file is not None else ("", "")
            if self._last == key:
                self._tell(*facts)
            else:
                self._early = (key, facts)

    def own_results(self) -> list[int]:
        """Positions of our own results: of those that say so, and of those named like some."""
        beside = names_beside(self.members)
        return [
            position
            for position, (member, names) in enumerate(zip(self.members, beside, strict=True))
            if position in self.saying_ours or is_named_result(member, names)
        ]

    def _tell(self, category: str, name: str) -> None:
        """Facts of the picture that was met last."""
        if category:
            self.categories[-1] = self.numbers.setdefault(category, len(self.numbers))
        if name:
            self.names[-1] = name


def _says_ours(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bool:
    file = tar.fileobj
    assert file is not None

    def read(start: int, length: int) -> bytes:
        file.seek(member.offset_data + start)
        return file.read(min(length, member.size - start))

    return says_ours(read, member.size)


def _facts_in(data: bytes, suffix: str) -> tuple[str, str]:
    """Category and name that a ``.json`` or ``.cls`` member tells; empty what it does not."""
    text = data.decode("utf-8", "replace").strip()
    if suffix == ".cls":
        return text, ""
    try:
        facts = json.loads(text)
        if not isinstance(facts, dict):
            return "", ""
        # Other people's JSON may call every picture the same; a digest is written by packing only.
        name = str(facts.get("name") or "") if "digest" in facts else ""
        name.encode("utf-8", "surrogateescape")
    except ValueError:
        return "", ""
    return str(facts.get("category") or ""), name
