"""The figure of clusters: for each its main colors, its histogram, and pictures from its middle."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, ImageOps

from photochrom.color.bins import gamut_grid
from photochrom.data.pictures import Pictures
from photochrom.data.transforms import decode
from photochrom.errors import DataError
from photochrom.evaluation.analysis.clusters import COLORS, EXAMPLES, Cluster
from photochrom.evaluation.analysis.drawing import INK, PAPER, figure_of, png_of
from photochrom.evaluation.analysis.report import Analysis
from photochrom.evaluation.analysis.swatches import displayed

TILE = 160


def draw_clusters(analysis: Analysis, pictures: Pictures) -> bytes:
    """A row for each cluster, the largest first, as PNG."""
    clusters = analysis.clusters
    count = len(analysis.survey.positions)
    title = f"{len(clusters)} clusters of {count:,} pictures by their colors"
    figure = figure_of(15, 0.8 + 1.75 * max(len(clusters), 1), title)
    rows = figure.subplots(max(len(clusters), 1), 3, squeeze=False, width_ratios=(1.1, 3.4, 6.6))
    for axes in rows.ravel():
        axes.set_axis_off()
    for (plane, swatches, tiles), cluster in zip(rows, clusters, strict=False):
        _plane(plane, cluster)
        _swatches(swatches, cluster)
        tiles.imshow(_tiles(cluster, pictures))
    return png_of(figure)


def _plane(axes: Any, cluster: Cluster) -> None:
    """All bins that the cluster uses, in their colors, the larger the more frequent."""
    centers = gamut_grid(10)
    used = cluster.histogram > 1e-5
    strength = np.sqrt(cluster.histogram[used] / cluster.histogram.max())
    lab = np.column_stack([np.full(used.sum(), 60.0), centers[used]])
    axes.scatter(*centers[used].T, c=displayed(lab), s=3 + 60 * strength, linewidths=0)
    axes.set_axis_on()
    axes.set(xlim=(-95, 105), ylim=(-110, 100), aspect="equal", facecolor=PAPER)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def _swatches(axes: Any, cluster: Cluster) -> None:
    colors = displayed(np.stack([swatch.lab for swatch in cluster.colors]))
    for index, (swatch, color) in enumerate(zip(cluster.colors, colors, strict=True)):
        axes.bar(index, 1, width=0.94, color=[color])
        axes.text(index, -0.14, f"{swatch.share:.0%}" if swatch.share >= 0.005 else "<1%",
                  ha="center", va="top", fontsize=8, color=INK)  # fmt: skip
    axes.set(xlim=(-0.5, COLORS - 0.5), ylim=(-0.5, 1.5))
    axes.text(
        -0.47, 1.12, f"{cluster.share:.0%}, {cluster.pictures:,} pictures", fontsize=11, color=INK
    )


def _tiles(cluster: Cluster, pictures: Pictures) -> np.ndarray:
    """The example pictures in a row, their middle squares."""
    sheet = Image.new("RGB", ((TILE + 6) * EXAMPLES - 6, TILE), "white")
    for index, position in enumerate(cluster.examples):
        try:
            image = decode(pictures.read(position), pictures.name(position), side=TILE)
        except DataError:
            continue  # it was there when it was counted
        fitted = ImageOps.fit(image, (TILE, TILE), Image.Resampling.LANCZOS)
        sheet.paste(fitted, (index * (TILE + 6), 0))
    return np.asarray(sheet)
