"""All numbers of an analysis, and the same as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from photochrom.color.bins import chosen_bins, gamut_grid, supported_grid
from photochrom.color.prior import rebalancing_weights
from photochrom.data.grayness import LARGEST_GRAY, LOW_COLORFULNESS
from photochrom.data.pictures import Pictures
from photochrom.data.statistics import bin_prior, bin_sums, cell_bins
from photochrom.evaluation.analysis.clusters import Cluster, cluster_pictures
from photochrom.evaluation.analysis.statistics import (
    CHROMA_STEP,
    HUE_STEP,
    LEAST_CHROMA,
    ColorCounts,
    lightness_of_bins,
)
from photochrom.evaluation.analysis.survey import LISTED, SIDE, Survey
from photochrom.evaluation.analysis.swatches import Swatch, displayed, hex_color

UNIFORM = 0.5
"""Lambda of Zhang et al. 2016, equation 4."""


@dataclass(frozen=True)
class Bins:
    """A system of bins on the pictures' colors.

    Attributes: ``centers`` ``(Q, 2)``; ``pixels``, ``prior`` and ``lightness`` (mean L of the
    pixels) ``(Q,)``.
    """

    centers: np.ndarray
    pixels: np.ndarray
    prior: np.ndarray
    lightness: np.ndarray

    @property
    def weights(self) -> np.ndarray:
        """Rebalancing weights ``(Q,)``: Zhang et al. 2016, lambda 0.5, E_p[w] = 1."""
        weights: np.ndarray = rebalancing_weights(self.prior.astype(np.float64), uniform=UNIFORM)
        return weights

    @property
    def colors(self) -> np.ndarray:
        """The bins as a screen shows them, sRGB ``(Q, 3)`` in 0..1."""
        return displayed(np.column_stack([self.lightness, self.centers]))


@dataclass(frozen=True)
class Analysis:
    """Everything computed from a survey.

    Attributes: ``grid`` are the bins that the data supports, ``spacing`` Lab units apart;
    ``chosen`` those that the data chooses, with each model's shares of them in ``predicted``.
    """

    survey: Survey
    spacing: int
    grid: Bins
    chosen: Bins
    predicted: dict[str, np.ndarray]
    clusters: list[Cluster]


def analyze(survey: Survey, *, spacing: int, bins: int, clusters: int, seed: int) -> Analysis:
    """Compute bins, their weights and the clusters of a survey.

    Args:
        survey: what was seen.
        spacing: of the grid, in Lab units.
        bins: how many are chosen by the data; fewer if there are not so many colors.
        clusters: how many; fewer if there are not so many different pictures.
        seed: of the clusters.
    """
    ab = survey.truth.ab
    chosen = chosen_bins(ab, min(bins, int(np.count_nonzero(ab))))
    return Analysis(
        survey=survey,
        spacing=spacing,
        grid=_bins(survey.truth, supported_grid(ab, spacing=spacing)),
        chosen=_bins(survey.truth, chosen),
        predicted={
            name: _shares(counts, cell_bins(chosen), len(chosen))
            for name, counts in survey.predicted.items()
        },
        clusters=cluster_pictures(survey, clusters, seed=seed),
    )


def _bins(counts: ColorCounts, centers: np.ndarray) -> Bins:
    owner = cell_bins(centers)
    return Bins(
        centers=centers,
        pixels=bin_sums(counts.ab, owner, len(centers)),
        prior=bin_prior(counts.ab, centers),
        lightness=lightness_of_bins(counts, owner, len(centers)),
    )


def _shares(counts: ColorCounts, owner: np.ndarray, bins: int) -> np.ndarray:
    return bin_sums(counts.ab, owner, bins) / counts.pixels


def moved_share(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Share of pixels that would have to change bins to make one histogram the other, 0..1."""
    return float(np.abs(truth - predicted).sum() / 2)


def to_dict(analysis: Analysis, pictures: Pictures) -> dict[str, Any]:
    """All of it as JSON holds it; floats are rounded to 6 digits."""
    found = analysis.survey
    return {
        "pictures": {
            "looked_at": found.looked_at,
            "counted": found.truth.pictures,
            "gray": found.gray.count,
            "low_color": found.low_color.count,
            "unreadable": found.unreadable.count,
            "pixels": found.truth.pixels,
            "side": SIDE,
        },
        "thresholds": {"gray_ab": LARGEST_GRAY, "low_colorfulness": LOW_COLORFULNESS},
        "names_at_most": LISTED,
        "gray": [name for name, _ in found.gray.names],
        "low_color": [
            {"name": name, "colorfulness": float(value)} for name, value in found.low_color.names
        ],
        "unreadable": [{"name": name, "reason": why} for name, why in found.unreadable.names],
        "bins": {"spacing": analysis.spacing, "lambda": UNIFORM, **_of_bins(analysis.grid)},
        "chosen": _of_chosen(analysis),
        "clusters": _of_clusters(analysis, pictures),
        "distributions": {
            "truth": _of_counts(found.truth),
            "models": {name: _of_counts(counts) for name, counts in found.predicted.items()},
        },
    }


def _of_bins(bins: Bins) -> dict[str, Any]:
    return {
        "count": len(bins.centers),
        "centers": _numbers(bins.centers),
        "colors": [hex_color(rgb) for rgb in bins.colors],
        "lightness": _numbers(bins.lightness),
        "pixels": [round(count) for count in bins.pixels],
        "share": _numbers(bins.prior),
        "inverse": _numbers(1 / bins.prior),
        "weights": _numbers(bins.weights),
    }


def _of_chosen(analysis: Analysis) -> dict[str, Any]:
    truth = analysis.chosen.pixels / analysis.chosen.pixels.sum()
    models = {
        name: {"share": _numbers(shares), "moved": _number(moved_share(truth, shares))}
        for name, shares in analysis.predicted.items()
    }
    return {**_of_bins(analysis.chosen), "models": models}


def _of_clusters(analysis: Analysis, pictures: Pictures) -> dict[str, Any]:
    return {
        "sampled": len(analysis.survey.positions),
        "centers": _numbers(gamut_grid(10)),
        "clusters": [
            {
                "pictures": cluster.pictures,
                "share": _number(cluster.share),
                "colors": [_of_swatch(swatch) for swatch in cluster.colors],
                "examples": [pictures.name(position) for position in cluster.examples],
                "histogram": _numbers(cluster.histogram),
            }
            for cluster in analysis.clusters
        ],
    }


def _of_swatch(swatch: Swatch) -> dict[str, Any]:
    color = hex_color(displayed(swatch.lab[None])[0])
    return {"lab": _numbers(swatch.lab), "color": color, "share": _number(swatch.share)}


def _of_counts(counts: ColorCounts) -> dict[str, Any]:
    return {
        "lightness": {"step": 1, "share": _numbers(counts.lightness / counts.pixels)},
        "chroma": {
            "step": CHROMA_STEP,
            "share": _numbers(counts.chroma_shares()),
            "mean": _number(counts.mean_chroma()),
        },
        "hue": {
            "step": HUE_STEP,
            "least_chroma": LEAST_CHROMA,
            "share": _numbers(counts.hue_shares()),
        },
        "colorfulness": {
            "step": 1,
            "pictures": [round(n) for n in counts.colorfulness],
            "mean": _number(counts.mean_colorfulness()),
            "median": counts.median_colorfulness(),
        },
    }


def _number(value: float) -> float:
    return float(f"{value:.6g}")


def _numbers(values: np.ndarray) -> Any:
    if values.ndim > 1:
        return [_numbers(row) for row in values]
    return [_number(float(value)) for value in values]
