"""Where training pictures come from: folders of files and WebDataset tar shards.

A source is indexed once (names, offsets) and read by position, so memory stays flat whatever the
size of the set, and any order can be replayed exactly after an interruption.
"""

from __future__ import annotations

import bisect
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from photochrom.errors import DataError

PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".tif", ".tiff"}
    | {".bmp", ".gif", ".ppm", ".pgm", ".avif"}
)


class Pictures(Protocol):
    """Encoded pictures by position."""

    def __len__(self) -> int: ...

    def name(self, index: int) -> str:
        """A name that stays the same from run to run: the key in a shard or the file's path."""

    def read(self, index: int) -> bytes:
        """The encoded picture; raises :class:`DataError` if it is gone."""


class FolderPictures:
    """Every picture file below a folder, sorted by path."""

    def __init__(self, folder: Path) -> None:
        """List the files; raises :class:`DataError` if there is no picture."""
        self.folder = folder
        self._paths = sorted(
            str(p.relative_to(folder))
            for p in folder.rglob("*")
            if p.suffix.lower() in PICTURE_SUFFIXES and p.is_file()
        )
        if not self._paths:
            message = f"no pictures in {folder}"
            raise DataError(message)

    def __len__(self) -> int:
        return len(self._paths)

    def name(self, index: int) -> str:
        """Path below the folder."""
        return self._paths[index]

    def read(self, index: int) -> bytes:
        """The file's bytes."""
        try:
            return (self.folder / self._paths[index]).read_bytes()
        except OSError as error:
            message = f"cannot read the picture {self._paths[index]}: {error}"
            raise DataError(message) from error


class ShardPictures:
    """The pictures of one tar shard; holds two integers for each, not the pictures."""

    def __init__(self, shard: Path) -> None:
        """Index the tar's members; raises :class:`DataError` if it is damaged or empty."""
        self.shard = shard
        places: list[tuple[int, int]] = []
        try:
            with tarfile.open(shard, "r:") as tar:
                for member in tar:
                    if Path(member.name).suffix.lower() in PICTURE_SUFFIXES and member.isfile():
                        places.append((member.offset_data, member.size))
                    tar.members = []  # type: ignore[attr-defined] # it would grow with the set
                end = tar.offset
            # A damaged header in the middle looks like the end to tarfile; the end is all zeros.
            with shard.open("rb") as file:
                file.seek(end)
                if any(file.read(tarfile.BLOCKSIZE)):
                    message = f"damaged after {len(places)} pictures, at byte {end}"
                    raise tarfile.ReadError(message)
        except (tarfile.TarError, OSError) as error:
            message = f"cannot read the shard {shard}: {error}"
            raise DataError(message) from error
        if not places:
            message = f"no pictures in the shard {shard}"
            raise DataError(message)
        self._places = np.array(places, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._places)

    def name(self, index: int) -> str:
        """The shard's name and the picture's position in it."""
        return f"{self.shard.name}#{index}"

    def read(self, index: int) -> bytes:
        """The picture's bytes, read from its place in the tar."""
        offset, size = self._places[index]
        with self.shard.open("rb") as file:
            file.seek(int(offset))
            return file.read(int(size))


class JoinedPictures:
    """Several sources as one, in order."""

    def __init__(self, parts: Sequence[Pictures]) -> None:
        """``parts`` keep their order."""
        self._parts = list(parts)
        self._ends = np.cumsum([len(p) for p in self._parts]).tolist()

    def __len__(self) -> int:
        return int(self._ends[-1])

    def _find(self, index: int) -> tuple[Pictures, int]:
        part = bisect.bisect_right(self._ends, index)
        return self._parts[part], index - (self._ends[part - 1] if part else 0)

    def name(self, index: int) -> str:
        """The part's own name for it."""
        part, inner = self._find(index)
        return part.name(inner)

    def read(self, index: int) -> bytes:
        """The part's bytes."""
        part, inner = self._find(index)
        return part.read(inner)


def open_pictures(places: Sequence[str | Path]) -> JoinedPictures:
    """Open folders of pictures, folders of tar shards, single shards, and globs of them."""
    parts: list[Pictures] = []
    for place in places:
        path = Path(place)
        if any(c in str(place) for c in "*?[") and not path.exists():
            found = sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
        else:
            found = [path]
        for item in found:
            parts.extend(_open_one(item))
    if not parts:
        message = f"no pictures at {', '.join(map(str, places)) or 'no place at all'}"
        raise DataError(message)
    return JoinedPictures(parts)


def _open_one(path: Path) -> list[Pictures]:
    if path.is_dir():
        shards = sorted(path.glob("*.tar"))
        return [ShardPictures(s) for s in shards] if shards else [FolderPictures(path)]
    if path.suffix == ".tar" and path.is_file():
        return [ShardPictures(path)]
    message = f"no folder and no tar shard at {path}"
    raise DataError(message)
