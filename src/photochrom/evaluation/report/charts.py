"""Small charts as SVG text: intervals, calibration, chroma and hue."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from photochrom.color.spaces import lab_to_rgb
from photochrom.evaluation.calibration import STEPS
from photochrom.evaluation.cards import METRICS
from photochrom.evaluation.methods import GRAY, TRUTH
from photochrom.evaluation.shades import CHROMA
from photochrom.evaluation.verdict import Row, Verdict

COLORS = (
    "#c2410c", "#1d4ed8", "#15803d", "#7e22ce", "#b45309", "#0e7490", "#be185d", "#4d7c0f",
    "#ef4444", "#38bdf8", "#a3a300", "#d946ef", "#78716c", "#2dd4bf",
)  # fmt: skip
"""Of the methods, in order; gray and the truth have their own."""


def color_of(verdict: Verdict, method: str) -> str:
    """A method's color in all charts."""
    if method in (GRAY, TRUTH):
        return {GRAY: "#8a8a8a", TRUTH: "currentColor"}[method]
    names = [row.method for row in verdict.rows if row.method not in (GRAY, TRUTH)]
    return COLORS[names.index(method) % len(COLORS)]


def _svg(width: int, height: int, parts: Sequence[str], label: str) -> str:
    inner = "".join(parts)
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label, quote=True)}">'
        f"{inner}</svg>"
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", kind: str = "") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escape(text)}</text>'
    )


def _tick(x: float, y: float, text: str, anchor: str = "start") -> str:
    return _text(x, y, text, anchor=anchor, kind="tick")


def intervals(verdict: Verdict, metric: str) -> str:
    """A dot with its 95 % interval for each method; the truth is a line where it is in sight."""
    rows = [
        r for r in verdict.rows if r.figures.get(metric) and r.figures[metric].value is not None
    ]
    shown = [r for r in rows if r.method != TRUTH]
    figures = {r.method: r.figures[metric] for r in rows}
    near = [v for r in shown for f in [figures[r.method]] for v in (f.low, f.value, f.high)]
    values = [v for v in near if v is not None]
    truth = figures[TRUTH].value if TRUTH in figures else None
    if METRICS[metric].better == "truth" and truth is not None:
        values.append(truth)
    low, high = min(values), max(values)
    margin = (high - low or abs(high) or 1.0) * 0.08
    low, high = low - margin, high + margin
    width, left, line = 360, 130, 22
    height = 34 + line * len(shown)

    def x(value: float) -> float:
        return left + (width - left - 14) * (value - low) / (high - low)

    parts = [_text(0, 14, METRICS[metric].title, kind="title")]
    if truth is not None and low <= truth <= high:
        parts.append(f'<path d="M{x(truth):.1f} 20V{height - 14}" class="truth"/>')
    for number, row in enumerate(shown):
        figure, y = figures[row.method], 32 + line * number
        color = color_of(verdict, row.method)
        parts.append(_text(left - 10, y + 4, _short(row.method), anchor="end"))
        if figure.low is not None and figure.high is not None:
            ends = f"M{x(figure.low):.1f} {y}H{x(figure.high):.1f}"
            parts.append(f'<path d="{ends}" stroke="{color}" stroke-width="2"/>')
        parts.append(f'<circle cx="{x(figure.value or 0):.1f}" cy="{y}" r="4.5" fill="{color}"/>')
    digits = METRICS[metric].digits
    parts += [
        _text(left, height, f"{low:.{digits}f}", kind="tick"),
        _text(width - 14, height, f"{high:.{digits}f}", anchor="end", kind="tick"),
    ]
    return _svg(width, height + 4, parts, f"{METRICS[metric].title} of each method")


def _short(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:17]}…"


def reliability(verdict: Verdict) -> str:
    """How often the named bin is right beside how sure the model was; the diagonal is perfect."""
    rows = [row for row in verdict.rows if row.calibration]
    if not rows:
        return ""
    side, left = 260, 40

    def place(x: float, y: float) -> str:
        return f"{left + x * side:.1f} {10 + (1 - y) * side:.1f}"

    parts = [f'<path d="M{place(0, 0)}L{place(1, 1)}" class="truth"/>']
    parts.append(f'<rect x="{left}" y="10" width="{side}" height="{side}" class="frame"/>')
    for row in rows:
        pixels, right, sure = (np.array(v) for v in row.calibration)
        enough = pixels > pixels.sum() / 1000
        points = [place(s / p, r / p) for p, r, s in zip(pixels, right, sure, strict=True) if p]
        points = [p for p, keep in zip(points, enough[pixels > 0], strict=True) if keep]
        color = color_of(verdict, row.method)
        parts.append(f'<path d="M{"L".join(points)}" fill="none" stroke="{color}" class="line"/>')
    for share in (0, 0.5, 1):
        parts.append(
            _text(left - 6, 14 + (1 - share) * side, f"{share:g}", anchor="end", kind="tick")
        )
        parts.append(
            _text(left + share * side, side + 26, f"{share:g}", anchor="middle", kind="tick")
        )
    parts.append(_text(left + side / 2, side + 42, "how sure", anchor="middle", kind="tick"))
    parts.append(_text(left + 6, 24, "how often right", kind="tick"))
    return _svg(left + side + 14, side + 48, parts, f"Calibration in {STEPS} steps of confidence")


def chroma(verdict: Verdict) -> str:
    """Share of pixels by chroma, on a logarithmic scale, for every method but gray."""
    width, height, left = 360, 220, 44
    rows = [row for row in verdict.rows if row.shades and row.method != GRAY]
    least = -5.0

    def place(step: int, share: float) -> str:
        level = max(math.log10(share) if share else least, least)
        y = 10 + (height - 40) * (level / least)
        return f"{left + (width - left - 10) * step / (len(CHROMA) - 2):.1f} {y:.1f}"

    parts = []
    for row in rows:
        counts = np.array(row.shades[: len(CHROMA) - 1])
        shares = counts / counts.sum()
        points = "L".join(place(i, float(s)) for i, s in enumerate(shares))
        color = color_of(verdict, row.method)
        parts.append(f'<path d="M{points}" fill="none" stroke="{color}" class="line"/>')
    for power in range(0, 6):
        y = 10 + (height - 40) * power / 5
        parts.append(
            _text(left - 6, y + 4, "1" if not power else f"1e-{power}", anchor="end", kind="tick")
        )
    for value in (0, 25, 50, 75, 100):
        x = left + (width - left - 10) * value / 100
        parts.append(_text(x, height - 12, f"{value}", anchor="middle", kind="tick"))
    return _svg(width, height, parts, "Share of pixels by chroma")


def hues(verdict: Verdict) -> str:
    """For every method a row of bars, each as high as its hue is frequent and in its own color."""
    rows = [row for row in verdict.rows if row.shades and row.method != GRAY]
    angles = np.radians(np.arange(36) * 10 + 5)
    lab = np.stack([np.full(36, 65.0), 45 * np.cos(angles), 45 * np.sin(angles)])[:, None]
    rgb = (lab_to_rgb(lab.astype(np.float32)).clip(0, 1) * 255).astype(int)[:, 0].T
    left, bar, high, gap = 130, 6.2, 46, 14
    top = max(float(_share_of_hues(row).max()) for row in rows) or 1.0
    parts = []
    for number, row in enumerate(rows):
        base = (number + 1) * (high + gap)
        parts.append(_text(left - 10, base - 4, _short(row.method), anchor="end"))
        for i, share in enumerate(_share_of_hues(row)):
            tall = float(high * share / top)
            color = "#{:02x}{:02x}{:02x}".format(*rgb[i])
            parts.append(
                f'<rect x="{left + i * bar:.1f}" y="{base - tall:.1f}" width="{bar - 0.8:.1f}" '
                f'height="{tall:.1f}" fill="{color}"/>'
            )
        parts.append(f'<path d="M{left} {base}H{left + 36 * bar:.0f}" class="axis"/>')
    height = len(rows) * (high + gap) + 6
    return _svg(round(left + 36 * bar), height, parts, "Share of colored pixels by hue")


def _share_of_hues(row: Row) -> np.ndarray:
    counts = np.array(row.shades[len(CHROMA) - 1 :])
    share: np.ndarray = counts / max(counts.sum(), 1)
    return share


def legend(verdict: Verdict) -> str:
    """The methods' names in their colors."""
    entries = (
        f'<span style="--c:{color_of(verdict, row.method)}">{escape(row.method)}</span>'
        for row in verdict.rows
        if not row.failed
    )
    return f'<p class="legend">{"".join(entries)}</p>'


def curve_chart(
    title: str, lines: Mapping[str, Sequence[tuple[float, float]]], colors: Mapping[str, str]
) -> str:
    """Lines of (x, y) points by name over images seen, each in its color."""
    points = [point for line in lines.values() for point in line]
    right = max(x for x, _ in points)
    low, high = min(y for _, y in points), max(y for _, y in points)
    high = high if high > low else low + 1
    width, height, left = 360, 220, 62

    def place(x: float, y: float) -> str:
        across = left + (width - left - 14) * x / right
        return f"{across:.1f} {24 + (height - 48) * (high - y) / (high - low):.1f}"

    parts = [_text(0, 14, title, kind="title")]
    for name, line in lines.items():
        path = "L".join(place(x, y) for x, y in line)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colors[name]}" class="line">'
                     f"<title>{escape(name)}</title></path>")  # fmt: skip
    parts += [
        _tick(left - 6, 28, f"{high:.4g}", "end"),
        _tick(left - 6, height - 20, f"{low:.4g}", "end"),
        _tick(left, height - 4, "0"),
        _tick(width - 14, height - 4, f"{right:,.0f} images", "end"),
    ]
    return _svg(width, height, parts, f"{title} while training")
