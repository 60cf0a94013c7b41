"""Parts of a set of pictures: subsets by count and a validation part that training never sees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from photochrom.data.sources import Pictures
from photochrom.errors import DataError


class Subset:
    """Some pictures of a source, by position."""

    def __init__(self, pictures: Pictures, indices: Sequence[int] | np.ndarray) -> None:
        """``indices`` are positions in ``pictures``."""
        self._pictures = pictures
        self._indices = np.asarray(indices, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._indices)

    def name(self, index: int) -> str:
        """The source's name for it."""
        return self._pictures.name(int(self._indices[index]))

    def read(self, index: int) -> bytes:
        """The source's bytes for it."""
        return self._pictures.read(int(self._indices[index]))


def split(
    pictures: Pictures, *, validation: int, limit: int | None = None, seed: int
) -> tuple[Subset, Subset]:
    """Draw ``validation`` pictures to judge by and at most ``limit`` others to train on.

    The same seed draws the same pictures; raises :class:`DataError` if none is left to train on.
    """
    order = np.random.default_rng([seed, 2]).permutation(len(pictures))
    judged, trained = order[:validation], order[validation:]
    trained = trained[:limit] if limit else trained
    if len(trained) == 0:
        message = (
            f"{len(pictures)} pictures leave none to train on, {validation} being kept to judge"
        )
        raise DataError(message)
    return Subset(pictures, np.sort(trained)), Subset(pictures, judged)
