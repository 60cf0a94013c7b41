"""The figures of bins and distributions: every bin in its own color."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter

from photochrom.color.bins import gamut_grid
from photochrom.color.spaces import lightness_to_luma
from photochrom.data.grayness import LOW_COLORFULNESS
from photochrom.evaluation.analysis.report import Analysis, Bins, moved_share
from photochrom.evaluation.analysis.statistics import CHROMA_STEP, HUE_STEP
from photochrom.evaluation.analysis.swatches import displayed
from photochrom.photo.quiet import quiet_pillow

PAPER = "#f2f1ee"
INK = "#333333"
PERCENT = FuncFormatter(lambda share, _: f"{100 * share:.6g}%")
_LINES = ("#0b6e99", "#c2410c", "#5b21b6", "#15803d", "#be185d", "#a16207")


def figure_of(width: float, height: float, title: str) -> Figure:
    """An empty figure, sizes in inches."""
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    figure.suptitle(plain(title), fontsize=14, color=INK)
    return figure


def png_of(figure: Figure) -> bytes:
    """The figure as PNG."""
    file = io.BytesIO()
    # A name with letters that the font lacks draws boxes, and is no reason to warn.
    with quiet_pillow():
        figure.savefig(file, dpi=120, format="png", metadata={"Software": None})
    return file.getvalue()


def plain(text: str) -> str:
    """Text whose dollar signs are not taken for formulas."""
    return text.replace("$", r"\$")


def draw_bins(analysis: Analysis) -> bytes:
    """Frequency, inverse frequency and weights of the grid over the ab plane, as PNG."""
    bins, counts = analysis.grid, analysis.survey.truth
    figure = figure_of(
        16,
        10,
        f"{counts.pictures:,} pictures, {counts.pixels:,} pixels, {len(bins.centers)} bins "
        f"{analysis.spacing} Lab units apart",
    )
    share = bins.prior.astype(np.float64)
    panels = (
        ("frequency", np.log10(share), "log10 share of pixels"),
        ("inverse frequency", -np.log10(share), "log10 of 1 / share"),
        (
            "rebalancing weights",
            np.log10(bins.weights),
            "log10 weight, λ = 0.5, mean 1 over pixels",
        ),
    )
    axes = figure.subplots(2, 3, sharex=True, sharey=True)
    for (above, below), (title, values, unit) in zip(axes.T, panels, strict=True):
        above.set_title(title, fontsize=12, color=INK)
        low, high = values.min(), values.max()
        area = 0.1 + 0.9 * (values - low) / max(high - low, 1e-9)
        _squares(above, bins, 0.94 * analysis.spacing * np.sqrt(area), facecolors=bins.colors)
        sides = np.full(len(values), 0.94 * analysis.spacing)
        heat = _squares(below, bins, sides, cmap="magma")
        heat.set_array(values)
        bar = figure.colorbar(heat, ax=below, location="bottom", shrink=0.9, pad=0.02)
        bar.set_label(unit, color=INK)
        bar.outline.set_visible(False)
        for each in (above, below):
            _plane(each)
    for each in axes[:, 0]:
        each.set_ylabel("b  (blue to yellow)", color=INK)
    for each in axes[1]:
        each.set_xlabel("a  (green to red)", color=INK)
    return png_of(figure)


def _squares(axes: Any, bins: Bins, sides: np.ndarray, **look: Any) -> PatchCollection:
    """A square at each bin, its side in Lab units."""
    patches = [
        Rectangle((a - side / 2, b - side / 2), side, side)
        for (a, b), side in zip(bins.centers.tolist(), sides.tolist(), strict=True)
    ]
    collection = PatchCollection(patches, linewidths=0, **look)
    axes.add_collection(collection)
    return collection


def _plane(axes: Any) -> None:
    """Axes over the whole plane; dots where sRGB has colors."""
    axes.plot(*gamut_grid(10).T, ".", color="#d5d2cb", markersize=2, zorder=0)
    axes.set(xlim=(-100, 110), ylim=(-118, 105), aspect="equal", facecolor=PAPER)
    axes.axhline(0, color="#bbbbbb", linewidth=0.6, zorder=0)
    axes.axvline(0, color="#bbbbbb", linewidth=0.6, zorder=0)
    axes.spines[:].set_visible(False)
    axes.tick_params(colors="#777777", labelsize=8)


def draw_chosen(analysis: Analysis) -> bytes:
    """Shares of the chosen bins in the pictures, and in what each model makes of them, as PNG."""
    bins = analysis.chosen
    truth = bins.pixels / bins.pixels.sum()
    rows = [("truth", truth), *analysis.predicted.items()]
    figure = figure_of(
        float(np.clip(0.36 * len(truth), 12, 60)),
        1.2 + 2.6 * len(rows),
        f"How often each of {len(truth)} bins chosen by the data occurs",
    )
    order = _by_hue(bins.centers)
    lowest = max(min(float(shares[shares > 0].min()) for _, shares in rows), 1e-5)
    place, edges = np.arange(len(truth)), np.arange(len(truth) + 1) - 0.5
    subplots = figure.subplots(len(rows), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for row, (axes, (title, shares)) in enumerate(zip(subplots, rows, strict=True)):
        axes.bar(place, shares[order], width=0.86, color=bins.colors[order])
        if row:
            axes.stairs(truth[order], edges, color=INK, linewidth=1.0)
            moved = moved_share(truth, shares)
            title = f"{title}: differs from the truth (line) by {moved:.0%} of pixels"
        axes.set_title(plain(title), fontsize=11, loc="left", color=INK)
        axes.set(yscale="log", ylim=(lowest / 2, 1), ylabel="share of pixels", facecolor=PAPER)
        axes.yaxis.set_major_formatter(PERCENT)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        axes.tick_params(axis="x", length=0)
    labels = [f"{a + 0.0:.0f}, {b + 0.0:.0f}" for a, b in np.round(bins.centers[order])]
    subplots[-1].set_xticks(place, labels, rotation=90, fontsize=7)
    subplots[-1].set_xlabel("a, b of the bin: near gray first, then by hue", color=INK)
    subplots[-1].set_xlim(-0.8, len(truth) - 0.2)
    return png_of(figure)


def _by_hue(centers: np.ndarray) -> np.ndarray:
    """Order in which bins stand side by side: grayish by chroma, then around the circle."""
    chroma = np.hypot(*centers.T)
    hue = np.degrees(np.arctan2(centers[:, 1], centers[:, 0])) % 360
    return np.lexsort((chroma, np.where(chroma < 15, -1, hue)))


def draw_distributions(analysis: Analysis) -> bytes:
    """Lightness, chroma, hue and colorfulness, models as lines over the truth, as PNG."""
    found = analysis.survey
    figure = figure_of(13, 8.5, f"{found.truth.pictures:,} pictures, {found.truth.pixels:,} pixels")
    lightness, chroma, hue, colorful = figure.subplots(2, 2).ravel()
    _lightness(lightness, analysis)
    _chroma(chroma, analysis)
    _hue(hue, analysis)
    _colorfulness(colorful, analysis)
    for axes in (lightness, chroma, hue, colorful):
        axes.set_facecolor(PAPER)
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(x=0)
    for axes in (lightness, chroma, hue):
        axes.yaxis.set_major_formatter(PERCENT)
    if found.predicted:
        chroma.legend(frameon=False, fontsize=9)
    return png_of(figure)


def _lightness(axes: Any, analysis: Analysis) -> None:
    counts = analysis.survey.truth
    middle = np.arange(100) + 0.5
    grays = np.repeat(lightness_to_luma(middle)[:, None], 3, 1).clip(0, 1)
    axes.bar(middle, counts.lightness / counts.pixels, width=1.0, color=grays)
    axes.set_title("lightness", fontsize=12, color=INK)
    axes.set(xlabel="L", ylabel="share of pixels")


def _chroma(axes: Any, analysis: Analysis) -> None:
    found = analysis.survey
    shares = found.truth.chroma_shares()
    left = np.arange(len(shares)) * CHROMA_STEP
    axes.bar(left + CHROMA_STEP / 2, shares, width=CHROMA_STEP, color="#c9c4bb", label="truth")
    for line, (name, counts) in zip(_lines(), found.predicted.items(), strict=False):
        axes.stairs(
            counts.chroma_shares(), [*left, left[-1] + CHROMA_STEP], color=line,
            label=f"{plain(name)}: mean {counts.mean_chroma():.1f}", linewidth=1.5,
        )  # fmt: skip
    axes.set_title(f"chroma: mean {found.truth.mean_chroma():.1f}", fontsize=12, color=INK)
    axes.set(xlabel="distance from gray in ab, Lab units", ylabel="share of pixels", yscale="log")
    axes.set(xlim=(0, 120), ylim=(1e-6, 1))


def _hue(axes: Any, analysis: Analysis) -> None:
    found = analysis.survey
    left = np.arange(0, 360, HUE_STEP)
    angle = np.radians(left + HUE_STEP / 2)
    colors = displayed(np.column_stack([np.full(36, 62), 48 * np.cos(angle), 48 * np.sin(angle)]))
    shares = found.truth.hue_shares()
    axes.bar(left + HUE_STEP / 2, shares, width=HUE_STEP, color=colors)
    for line, counts in zip(_lines(), found.predicted.values(), strict=False):
        axes.stairs(counts.hue_shares(), [*left, 360], color=line, linewidth=1.5)
    axes.set_title(
        f"hue: {shares.sum():.0%} of pixels have a chroma from 10", fontsize=12, color=INK
    )
    axes.set(xlabel="angle in ab, degrees", ylabel="share of all pixels")
    axes.set_xticks(range(0, 361, 60))


def _colorfulness(axes: Any, analysis: Analysis) -> None:
    found, wide = analysis.survey, 4
    edges = np.arange(0, 201, wide)
    binned = found.truth.colorfulness.reshape(-1, wide).sum(1)
    axes.bar(edges[:-1] + wide / 2, binned, width=wide * 0.94, color="#c9c4bb")
    for line, counts in zip(_lines(), found.predicted.values(), strict=False):
        axes.stairs(counts.colorfulness.reshape(-1, wide).sum(1), edges, color=line, linewidth=1.5)
    axes.axvline(LOW_COLORFULNESS, color="#b45309", linestyle="--", linewidth=1)
    title = f"colorfulness: mean {found.truth.mean_colorfulness():.1f}"
    axes.set_title(f"{title}; {found.low_color.count:,} below {LOW_COLORFULNESS:g}",
                   fontsize=12, color=INK)  # fmt: skip
    axes.set(xlabel="Hasler and Süsstrunk, signed", ylabel="pictures")
    last = max(
        np.flatnonzero(c.colorfulness).max() for c in (found.truth, *found.predicted.values())
    )
    axes.set_xlim(0, min(wide * (last // wide + 1), 200))


def _lines() -> list[str]:
    return list(_LINES) * 20
