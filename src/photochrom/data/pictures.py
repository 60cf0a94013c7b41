"""What a source of pictures is, and sources made of others: several as one, some of one."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from typing import Protocol

import numpy as np


class Pictures(Protocol):
    """Encoded pictures by position."""

    @property
    def own_results(self) -> tuple[str, ...]:
        """Names of photochrom's own results that lie there, too, and are none of the pictures."""

    def __len__(self) -> int: ...

    def name(self, index: int) -> str:
        """A name that stays the same from run to run: the place in a shard or the file's path."""

    def category(self, index: int) -> str:
        """What kind of picture it is, or an empty string."""

    def size(self, index: int) -> int:
        """Bytes of the encoded picture, told without reading it."""

    def read(self, index: int) -> bytes:
        """The encoded picture; raises :class:`DataError` if it is gone."""


class JoinedPictures:
    """Several sources as one, in order."""

    def __init__(self, parts: Sequence[Pictures]) -> None:
        """``parts`` keep their order."""
        self._parts = list(parts)
        self._ends = np.cumsum([len(p) for p in self._parts]).tolist()
        self.own_results = tuple(name for p in self._parts for name in p.own_results)

    def __len__(self) -> int:
        return int(self._ends[-1])

    def _find(self, index: int) -> tuple[Pictures, int]:
        part = bisect.bisect_right(self._ends, index)
        return self._parts[part], index - (self._ends[part - 1] if part else 0)

    def name(self, index: int) -> str:
        """The part's own name for it."""
        part, inner = self._find(index)
        return part.name(inner)

    def category(self, index: int) -> str:
        """The part's own category for it."""
        part, inner = self._find(index)
        return part.category(inner)

    def size(self, index: int) -> int:
        """Bytes of the part's picture."""
        part, inner = self._find(index)
        return part.size(inner)

    def read(self, index: int) -> bytes:
        """The part's bytes."""
        part, inner = self._find(index)
        return part.read(inner)


class Subset:
    """Some pictures of a source, by position."""

    def __init__(self, pictures: Pictures, indices: Sequence[int] | np.ndarray) -> None:
        """``indices`` are positions in ``pictures``."""
        self._pictures = pictures
        self._indices = np.asarray(indices, dtype=np.int64)
        self.own_results = pictures.own_results

    def __len__(self) -> int:
        return len(self._indices)

    def name(self, index: int) -> str:
        """The source's name for it."""
        return self._pictures.name(int(self._indices[index]))

    def category(self, index: int) -> str:
        """The source's category for it."""
        return self._pictures.category(int(self._indices[index]))

    def size(self, index: int) -> int:
        """Bytes of the source's picture."""
        return self._pictures.size(int(self._indices[index]))

    def read(self, index: int) -> bytes:
        """The source's bytes for it."""
        return self._pictures.read(int(self._indices[index]))
