"""Writes tar shards of a fixed number of pictures, each whole or not there at all."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from photochrom.errors import DataError
from photochrom.photo.atomic import atomic_file


@dataclass(frozen=True)
class Facts:
    """What a shard keeps of a picture beside it, as JSON.

    ``category`` and ``name`` are those of the source; ``position`` is its place there, ``digest``
    that of the packed bytes: with these two an interrupted packing continues.
    """

    category: str
    name: str
    position: int
    digest: str


class ShardWriter:
    """Collects pictures and writes a shard whenever it is full."""

    def __init__(self, folder: Path, *, pictures: int, suffix: str, written: int = 0) -> None:
        """``pictures`` to a shard; the first to be written has the number ``written``."""
        self.folder = folder
        self.written = written
        self._room = pictures
        self._suffix = suffix
        self._waiting: list[tuple[bytes, Facts]] = []

    def add(self, data: bytes, facts: Facts) -> bool:
        """Take a picture; returns whether it filled a shard, which the caller then writes."""
        self._waiting.append((data, facts))
        return len(self._waiting) >= self._room

    def flush(self) -> None:
        """Write what waits as one shard; the same pictures give the same bytes every time."""
        if not self._waiting:
            return
        path = shard_path(self.folder, self.written)
        first = self.written * self._room
        with (
            atomic_file(path) as file,
            tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar,
        ):
            for number, (data, facts) in enumerate(self._waiting, start=first):
                _add(tar, f"{number:09d}.{self._suffix}", data)
                # ASCII: names that are no valid Unicode are still valid JSON.
                _add(tar, f"{number:09d}.json", json.dumps(asdict(facts)).encode())
        self.written += 1
        self._waiting = []


def shard_path(folder: Path, number: int) -> Path:
    """File of the shard with this number."""
    return folder / f"pictures-{number:06d}.tar"


def facts_of(shard: Path) -> Iterator[Facts]:
    """What a shard that was written here says of its pictures; DataError if it is damaged."""
    try:
        with tarfile.open(shard, "r:") as tar:
            for member in tar:
                if member.name.endswith(".json") and (file := tar.extractfile(member)):
                    yield Facts(**json.loads(file.read()))
    except (tarfile.TarError, OSError, ValueError, TypeError) as error:
        message = f"cannot read the shard {shard}: {error}; remove it, and packing makes it again"
        raise DataError(message) from error


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))
