"""Parts of a photograph that a network finds alike, and the colors that it wavers between there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photochrom.color.distribution import Distribution

COUNT = 5
SMALLEST = 0.02
"""Regions that cover a smaller share of the photograph change too little to be seen."""
POINTS = 12
"""Places of a region that are told its color: one would not carry it all over a sky."""
NEAR = 20.0
"""Bins so near to each other, in Lab units, are one color."""
APART = 30.0
"""Colors of one region differ by more than this: less is no other color to people."""
_ROUNDS = 12
_SMOOTH = 10.0
_DEEPEST = 12


@dataclass(frozen=True)
class Region:
    """Places with like distributions.

    Attributes: ``places`` ``(h, w)`` says which belong to it; ``distribution`` ``(Q,)`` is their
    mean; ``doubt`` is how much of the picture its wavering moves, in Lab units.
    """

    places: np.ndarray
    distribution: np.ndarray
    doubt: float

    def points(self) -> list[tuple[int, int]]:
        """Up to ``POINTS`` of its places ``(row, column)``, deep inside and far from each other."""
        height, width = self.places.shape
        rows, columns = np.mgrid[:height, :width]
        worth = np.where(self.places, 1.0 + _depth(self.places), 0.0)
        spread = 2 * (max(height, width) / 8) ** 2
        chosen: list[tuple[int, int]] = []
        while len(chosen) < POINTS:
            row, column = divmod(int(worth.argmax()), width)
            if worth[row, column] <= 0:
                break
            chosen.append((row, column))
            distance = (rows - row) ** 2 + (columns - column) ** 2
            worth = worth * (1 - np.exp(-distance / spread))
        return chosen


def find_regions(found: Distribution) -> list[Region]:
    """Regions of one picture ``(1, Q, h, w)``, the most doubtful first.

    K-means of the square roots of the distributions, whose distance is Hellinger's: places are
    alike when the network thinks alike of them, wherever they lie. It begins with the most usual
    place and goes on with the farthest ones, so that the result is always the same.
    """
    probabilities = found.probabilities[0]
    flat = probabilities.reshape(len(found.centers), -1)
    owner = _clusters(np.sqrt(flat).T).reshape(probabilities.shape[1:])
    regions = []
    for number in range(COUNT):
        places = owner == number
        if places.mean() < SMALLEST:
            continue
        mean = flat[:, places.ravel()].mean(1)
        variance = mean @ ((found.centers - mean @ found.centers) ** 2).sum(1)
        regions.append(Region(places, mean, float(places.mean() * np.sqrt(variance))))
    return sorted(regions, key=lambda region: -region.doubt)


def _clusters(features: np.ndarray) -> np.ndarray:
    """The nearest of ``COUNT`` centers for each of ``(n, F)`` features: integers ``(n,)``."""
    centers = [features[((features - features.mean(0)) ** 2).sum(1).argmin()]]
    nearest = np.full(len(features), np.inf)
    for _ in range(COUNT - 1):
        nearest = np.minimum(nearest, ((features - centers[-1]) ** 2).sum(1))
        centers.append(features[nearest.argmax()])
    table = np.stack(centers)
    owner = np.zeros(len(features), dtype=int)
    for _ in range(_ROUNDS):
        owner = ((table**2).sum(1) - 2 * features @ table.T).argmin(1)
        for number in range(COUNT):
            if (owner == number).any():
                table[number] = features[owner == number].mean(0)
    return owner


def _depth(places: np.ndarray) -> np.ndarray:
    """How many steps each place lies from where its region ends, at most ``_DEEPEST``."""
    inside = np.pad(places, 1)
    depth = np.zeros(inside.shape)
    for _ in range(_DEEPEST):
        shrunk = inside.copy()
        shrunk[1:] &= inside[:-1]
        shrunk[:-1] &= inside[1:]
        shrunk[:, 1:] &= inside[:, :-1]
        shrunk[:, :-1] &= inside[:, 1:]
        inside = shrunk
        depth += inside
    return depth[1:-1, 1:-1]


def wavering(
    distribution: np.ndarray, centers: np.ndarray, most: int
) -> list[tuple[np.ndarray, float]]:
    """The colors that a distribution ``(Q,)`` has its weight at, the heaviest first.

    At most so many pairs of ab ``(2,)`` in Lab units and the probability near it, 0..1.
    """
    apart = np.hypot(*(centers[:, None] - centers[None]).transpose(2, 0, 1))
    smooth = np.exp(-(apart**2) / (2 * _SMOOTH**2)) @ distribution
    left = np.ones(len(centers), dtype=bool)
    colors: list[tuple[np.ndarray, float]] = []
    while left.any() and len(colors) < most:
        peak = int(np.where(left, smooth, -1.0).argmax())
        near = apart[peak] < NEAR
        weight = float(distribution[near].sum())
        if weight <= 0:
            break
        colors.append((distribution[near] @ centers[near] / weight, weight))
        left &= apart[peak] > APART
    return colors
