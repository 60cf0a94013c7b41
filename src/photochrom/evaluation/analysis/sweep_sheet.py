"""The figure of a sweep: one picture at every temperature, and the set's figures below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import FuncFormatter, NullLocator

from photochrom.evaluation.analysis.drawing import INK, PAPER, figure_of, plain, png_of
from photochrom.evaluation.cards import METRICS

METRICS_OF_SWEEP = (
    "colorfulness", "auc", "rebalanced-auc", "ab-rmse", "colorfulness-difference",
)  # fmt: skip
SHOWN = METRICS_OF_SWEEP[:3]
_COLOR = "#0b6e99"


def draw_sweep(
    title: str, shots: Sequence[tuple[str, np.ndarray]], values: Mapping[str, Any]
) -> bytes:
    """PNG of a picture's shots, each with its head, ``(H, W, 3)`` uint8, and of the figures.

    ``values`` has ``rows`` by temperature, each metric a number with ``low`` and ``high`` of its
    interval under ``intervals``, and the rows ``gray`` and ``truth``; no ``rows``, no charts.
    """
    charts = bool(values.get("rows"))
    height, width = shots[0][1].shape[:2]
    tall = 13 / len(shots) * height / width + 0.4
    figure = figure_of(13, tall + 0.5 + (3.2 if charts else 0), title)
    parts: Any = figure.subfigures(2, 1, height_ratios=[tall, 3.2]) if charts else [figure]
    axes_of = parts[0].subplots(1, len(shots), squeeze=False)[0]
    for axes, (head, rgb) in zip(axes_of, shots, strict=True):
        axes.imshow(rgb)
        axes.set_title(plain(head), fontsize=10, color=INK)
        axes.set_axis_off()
    if charts:
        for axes, metric in zip(parts[1].subplots(1, len(SHOWN)), SHOWN, strict=True):
            _chart(axes, metric, values)
    return png_of(figure)


def _chart(axes: Any, metric: str, values: Mapping[str, Any]) -> None:
    rows = sorted(values["rows"], key=lambda row: row["temperature"])
    x = [row["temperature"] for row in rows]
    bounds = [row["intervals"][metric] for row in rows]
    if all(bounds):
        axes.fill_between(x, *zip(*bounds, strict=True), color=_COLOR, alpha=0.15, linewidth=0)
    # Where a metric has no figure the line has a gap.
    axes.plot(x, np.array([row[metric] for row in rows], float), color=_COLOR, marker="o")
    end, style = ("truth", "--") if METRICS[metric].better == "truth" else ("gray", ":")
    axes.axhline(values[end][metric], color=INK, linestyle=style, linewidth=1)
    axes.annotate(end, (0.99, values[end][metric]), xycoords=("axes fraction", "data"),
                  ha="right", va="bottom", fontsize=9, color=INK)  # fmt: skip
    axes.set_title(METRICS[metric].title, fontsize=12, loc="left", color=INK)
    axes.set(xscale="log", xlabel="temperature", facecolor=PAPER)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(x)
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(y=0.15)
