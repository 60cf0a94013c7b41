"""Looks at every picture of a set once and counts its colors, and those that models give it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from photochrom.color.bins import gamut_grid
from photochrom.data.grayness import LOW_COLORFULNESS, is_gray
from photochrom.data.pictures import Pictures, Subset
from photochrom.data.statistics import bin_sums, cell_bins
from photochrom.data.transforms import decode
from photochrom.errors import DataError
from photochrom.evaluation.analysis.statistics import ColorCounts, color_counts

SIDE = 128
"""Shorter side, in pixels, at which colors are counted; smaller pictures stay as they are."""
SAMPLE = 20_000
"""At most so many pictures are kept apart for clusters, two histograms of 309 float32 for each."""
LISTED = 10_000
"""At most so many names are kept of each kind of picture; all are counted."""
_LONGEST = 4

Predictor = Callable[[np.ndarray], np.ndarray]
"""Colors a picture, sRGB ``(H, W, 3)`` uint8, whose colors it does not look at; the same shape."""


@dataclass
class Listing:
    """Names of pictures with a remark on each; no more than ``LISTED`` of them, but all counted."""

    count: int = 0
    names: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, remark: str = "") -> None:
        """Count one, and keep its name while there is room."""
        self.count += 1
        if len(self.names) < LISTED:
            self.names.append((name, remark))


@dataclass
class Survey:
    """What was found.

    Attributes: counts of the pictures that are not gray, ``truth`` as they are and ``predicted`` as
    each model colors them; ``positions`` ``(n,)`` of the pictures sampled for clusters,
    ``histograms`` ``(n, 309)`` float32, the share of each one's pixels in the bins of
    ``gamut_grid(10)``, and ``lightness`` ``(n, 309)``, their L summed likewise (over the bin's
    pixels, divided by all pixels of the picture); ``low_color`` pictures are counted like others.
    """

    looked_at: int
    truth: ColorCounts
    predicted: dict[str, ColorCounts]
    positions: np.ndarray
    histograms: np.ndarray
    lightness: np.ndarray
    gray: Listing = field(default_factory=Listing)
    low_color: Listing = field(default_factory=Listing)
    unreadable: Listing = field(default_factory=Listing)


@dataclass(frozen=True)
class _Look:
    """One picture: its counts, or why there are none."""

    name: str
    truth: ColorCounts | None = None
    predicted: Sequence[ColorCounts] = ()
    reason: str = ""


def drawn_pictures(pictures: Pictures, limit: int | None, seed: int) -> Pictures:
    """All pictures, or ``limit`` of them drawn by the seed, in their order."""
    if limit is None or limit >= len(pictures):
        return pictures
    chosen = np.random.default_rng([seed, 5]).choice(len(pictures), limit, replace=False)
    return Subset(pictures, np.sort(chosen))


def survey(
    pictures: Pictures,
    *,
    predictors: Mapping[str, Predictor],
    side: int = SIDE,
    seed: int = 0,
    jobs: int = 1,
    sample: int = SAMPLE,
    advance: Callable[[int], None] = lambda done: None,
) -> Survey:
    """Look at every picture.

    Args:
        pictures: any source.
        predictors: models by name; called from several threads.
        side: shorter side in pixels at which models get the pictures, at least ``SIDE``; larger
            pictures are reduced to it. Truth and predictions are counted at ``SIDE``.
        seed: draws the sample for clusters.
        jobs: threads; the result does not depend on them.
        sample: pictures kept apart for clusters.
        advance: called with how many pictures are done, after each.

    Raises:
        DataError: no picture is in color, or none can be decoded.
    """
    result, owner, bins = _empty(pictures, predictors, seed, sample)
    drawn = set(result.positions.tolist())
    kept = 0
    with closing(_looks(pictures, list(predictors.values()), side, jobs)) as looks:
        for position, look in enumerate(looks):
            if look.truth is None:
                (result.unreadable if look.reason else result.gray).add(look.name, look.reason)
            else:
                _take(result, look, look.truth)
                if position in drawn:
                    result.positions[kept] = position
                    sums = bin_sums(look.truth.ab, owner, bins)
                    result.histograms[kept] = sums / look.truth.pixels
                    sums = bin_sums(look.truth.lightness_sums, owner, bins)
                    result.lightness[kept] = sums / look.truth.pixels
                    kept += 1
            advance(position + 1)
    result.positions = result.positions[:kept]
    result.histograms = result.histograms[:kept]
    result.lightness = result.lightness[:kept]
    _check(result)
    return result


def _empty(
    pictures: Pictures, predictors: Mapping[str, Predictor], seed: int, sample: int
) -> tuple[Survey, np.ndarray, int]:
    """A survey of nothing yet, with the sample drawn; the bin of each cell, and how many bins."""
    grid = gamut_grid(10)
    count = min(sample, len(pictures))
    drawn = np.random.default_rng([seed, 4]).choice(len(pictures), count, replace=False)
    result = Survey(
        looked_at=len(pictures),
        truth=ColorCounts(),
        predicted={name: ColorCounts() for name in predictors},
        positions=np.sort(drawn),
        histograms=np.zeros((count, len(grid)), np.float32),
        lightness=np.zeros((count, len(grid)), np.float32),
    )
    return result, cell_bins(grid), len(grid)


def _take(result: Survey, look: _Look, truth: ColorCounts) -> None:
    result.truth.add(truth)
    for counts, more in zip(result.predicted.values(), look.predicted, strict=True):
        counts.add(more)
    if truth.colorfulness_sum < LOW_COLORFULNESS:
        result.low_color.add(look.name, f"{truth.colorfulness_sum:.1f}")


def _check(result: Survey) -> None:
    if result.truth.pictures:
        return
    kinds = [("gray", result.gray), ("unreadable", result.unreadable)]
    counts = ", ".join(f"{found.count:,} {kind}" for kind, found in kinds if found.count)
    (name, reason), *_ = (*result.unreadable.names, *result.gray.names)
    such = f"{name}: {reason}" if reason else name
    message = f"no picture in color among {result.looked_at:,}: {counts}, such as {such}"
    raise DataError(message)


def _looks(
    pictures: Pictures, predictors: Sequence[Predictor], side: int, jobs: int
) -> Generator[_Look, None, None]:
    """Looks in order; a bounded number waits in memory."""
    if jobs <= 1:
        for position in range(len(pictures)):
            yield _look(pictures, position, predictors, side)
        return
    pool = ThreadPoolExecutor(jobs)
    waiting: deque[Future[_Look]] = deque()
    try:
        for position in range(len(pictures)):
            waiting.append(pool.submit(_look, pictures, position, predictors, side))
            if len(waiting) >= 4 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _look(pictures: Pictures, position: int, predictors: Sequence[Predictor], side: int) -> _Look:
    name = pictures.name(position)
    try:
        image = decode(pictures.read(position), name, side=side)
    except DataError as error:
        # What the error says behind the name is the reason.
        return _Look(name, reason=str(error).rpartition(f"{name}: ")[2])
    image = reduced(image, side)
    small = reduced(image, SIDE)
    if is_gray(small):
        return _Look(name)
    whole = np.asarray(image)
    predicted = [
        color_counts(_channels_first(reduced(Image.fromarray(predictor(whole)), SIDE)))
        for predictor in predictors
    ]
    return _Look(name, color_counts(_channels_first(small)), predicted)


def reduced(image: Image.Image, side: int) -> Image.Image:
    """An image whose shorter side is at most ``side``, the longer at most 4 times that.

    By means of blocks: no resampling filter that overshoots makes colors that are not there.
    """
    scale = min(side / min(image.size), _LONGEST * side / max(image.size))
    if scale >= 1:
        return image
    width, height = (max(round(length * scale), 1) for length in image.size)
    return image.resize((width, height), Image.Resampling.BOX)


def _channels_first(image: Image.Image) -> np.ndarray:
    return np.asarray(image).transpose(2, 0, 1)
