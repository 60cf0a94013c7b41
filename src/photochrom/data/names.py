"""Millions of names in two arrays: a list of Python strings would grow by 100 bytes a picture."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


class Names:
    """An unchanging sequence of strings, stored as one run of bytes."""

    def __init__(self, names: Iterable[str]) -> None:
        """Names of files that are no valid Unicode come back as they were."""
        blob, ends = bytearray(), []
        for name in names:
            blob += name.encode("utf-8", "surrogateescape")
            ends.append(len(blob))
        self._bytes = bytes(blob)
        self._ends = np.array(ends, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, index: int) -> str:
        start = int(self._ends[index - 1]) if index else 0
        return self._bytes[start : int(self._ends[index])].decode("utf-8", "surrogateescape")
