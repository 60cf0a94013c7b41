"""Clusters of pictures with like colors: K-means of their histograms over bins of ab.

The poster on `fusion` clusters the histograms of its color buckets and averages the counts of each
cluster. It is silent on the number of clusters and on how the counts are compared. Chosen here: the
309 grid points of the sRGB gamut 10 Lab units apart, shares of pixels instead of counts, and the
distance of their square roots (Hellinger's): with plain shares, how much gray a picture has decides
alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photochrom.color.bins import gamut_grid
from photochrom.evaluation.analysis.survey import Survey
from photochrom.evaluation.analysis.swatches import Swatch, main_colors

COLORS = 6
EXAMPLES = 6
_STARTS = 4


@dataclass(frozen=True)
class Cluster:
    """Pictures with like colors.

    Attributes: ``pictures`` of the sample, ``share`` of it; ``histogram`` ``(309,)``, the mean
    share of pixels in each bin of ``gamut_grid(10)``; ``colors`` it is mainly made of; positions of
    the ``examples`` nearest to its center, the nearest first.
    """

    pictures: int
    share: float
    histogram: np.ndarray
    colors: list[Swatch]
    examples: list[int]


def cluster_pictures(survey: Survey, count: int, *, seed: int) -> list[Cluster]:
    """K-means of the sampled pictures, the largest cluster first.

    There are at most as many clusters as different histograms: none where all pictures of the
    sample are gray. The same pictures and seed give the same clusters, on any number of cores.
    """
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    roots = np.sqrt(survey.histograms)
    count = min(count, len(np.unique(roots, axis=0)))
    if not count:
        return []
    # With several threads, the order of sums and so the last digit would change from run to run.
    with threadpool_limits(limits=1):
        found = KMeans(count, n_init=_STARTS, random_state=seed).fit(roots)
    clusters = [
        _cluster(survey, found.labels_ == label, roots, center)
        for label, center in enumerate(found.cluster_centers_)
    ]
    return sorted(clusters, key=lambda c: (-c.pictures, c.examples))


def _cluster(survey: Survey, inside: np.ndarray, roots: np.ndarray, center: np.ndarray) -> Cluster:
    members = np.flatnonzero(inside)
    distance = ((roots[members] - center) ** 2).sum(1)
    nearest = members[np.argsort(distance, kind="stable")[:EXAMPLES]]
    histogram = survey.histograms[members].mean(0, dtype=np.float64)
    lightness = survey.lightness[members].mean(0, dtype=np.float64)
    return Cluster(
        pictures=len(members),
        share=len(members) / len(roots),
        histogram=histogram,
        colors=main_colors(histogram, lightness, gamut_grid(10), COLORS),
        examples=[int(survey.positions[m]) for m in nearest],
    )
