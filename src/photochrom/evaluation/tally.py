"""What judging adds up: statistics by method and metric, for groups of pictures and by category."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

LIGHT = 300
"""Metrics with more statistics are not kept by category: rebalanced AuC has 95,000."""
LARGEST = 200_000
"""Metrics with more are not kept by group either, and have no interval: FID has 67 MB of them."""

Key = tuple[str, str]


class Sums:
    """Added statistics and how many pictures gave them, by (method, metric)."""

    def __init__(self) -> None:
        self.values: dict[Key, np.ndarray] = {}
        self.counts: dict[Key, int] = defaultdict(int)

    def add(self, key: Key, statistics: np.ndarray) -> None:
        """Add one picture's statistics."""
        if statistics.ndim == 1:
            statistics = statistics.astype(np.float64)
        self._join(key, statistics)
        self.counts[key] += 1

    def take(self, key: Key, other: Sums) -> None:
        """Move the statistics of another here."""
        self._join(key, other.values.pop(key))
        self.counts[key] += other.counts.pop(key)

    def _join(self, key: Key, statistics: np.ndarray) -> None:
        """Add statistics, or put rows of them below those that there are."""
        found = self.values.get(key)
        if found is None:
            self.values[key] = statistics
        elif statistics.ndim == 1:
            self.values[key] = found + statistics
        else:
            self.values[key] = np.concatenate([found, statistics])


@dataclass(frozen=True)
class Record:
    """One picture: its place and name, and each method's mean ab error in Lab units."""

    index: int
    name: str
    errors: dict[str, float]


@dataclass
class Tally:
    """What one group of pictures came to.

    ``seconds`` are by method, of coloring alone; ``failed`` says why a method was given up;
    ``unreadable`` and ``gray`` name the pictures that were left out, ``own_results`` those that are
    photochrom's work.
    """

    sums: Sums = field(default_factory=Sums)
    categories: dict[str, Sums] = field(default_factory=lambda: defaultdict(Sums))
    records: list[Record] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    failed: dict[str, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    gray: list[str] = field(default_factory=list)
    own_results: list[str] = field(default_factory=list)

    def relieve(self, other: Tally) -> None:
        """Take what is too large to be kept of every group."""
        large = [k for k, v in other.sums.values.items() if v.ndim == 1 and v.size > LARGEST]
        for key in large:
            self.sums.take(key, other.sums)

    def add(self, key: Key, statistics: np.ndarray, category: str) -> None:
        """Add one picture's statistics to the whole and to its category."""
        self.sums.add(key, statistics)
        if category and statistics.size <= LIGHT:
            self.categories[category].add(key, statistics)
