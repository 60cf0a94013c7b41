"""A verdict as text: a table for the terminal, and CSV."""

from __future__ import annotations

import csv
import io

from photochrom.evaluation.cards import METRICS
from photochrom.evaluation.methods import TRUTH
from photochrom.evaluation.verdict import Figure, Row, Verdict, best

NO_FIGURE, NOT_MEASURED = "-", "n/a"
MOST_CATEGORIES = 30
"""That the terminal lists."""


def figure_text(metric: str, figure: Figure, *, failed: bool = False) -> str:
    """A figure with its digits, or why there is none."""
    if failed:
        return "failed"
    if figure.value is None:
        return NO_FIGURE
    return f"{figure.value:.{METRICS[metric].digits}f}"


def cell_text(verdict: Verdict, row: Row, metric: str) -> str:
    """A row's figure, or why there is none; "n/a" of metrics that could not be measured."""
    if metric not in verdict.metrics:
        return NOT_MEASURED
    figure = row.figures.get(metric, Figure(None))
    return figure_text(metric, figure, failed=bool(row.failed))


def interval_text(metric: str, figure: Figure) -> str:
    """Half of the interval's width, as in 89.85 +- 0.12; empty without one."""
    if figure.low is None or figure.high is None:
        return ""
    return f"±{(figure.high - figure.low) / 2:.{METRICS[metric].digits}f}"


def as_table(verdict: Verdict) -> str:
    """Rows of methods, columns of metrics with their intervals; the best of each is starred."""
    head = ["method", *(METRICS[m].title for m in verdict.columns), "ms", "parameters"]
    winners = {metric: best(verdict, metric) for metric in verdict.metrics}
    lines = _aligned([head, *(_cells(verdict, row, winners) for row in verdict.rows)])
    said = [*verdict.missing.items(), *verdict.notes.items()]
    notes = [f"{METRICS[name].title}: {text}" for name, text in said]
    notes += [f"{row.method} failed: {row.failed}" for row in verdict.rows if row.failed]
    return "\n".join([*lines, *notes])


def category_table(verdict: Verdict) -> str:
    """One metric by category, a column for each method; empty of sets without categories."""
    metric, names = verdict.by_category()
    if not names:
        return ""
    rows = [row for row in verdict.rows if row.method != TRUTH and not row.failed]
    lines = [[METRICS[metric].title, "pictures", *(row.method for row in rows)]]
    for name in names[:MOST_CATEGORIES]:
        found = [row.categories.get(name, {}).get(metric, Figure(None)) for row in rows]
        count = max(figure.pictures for figure in found)
        lines.append([name, f"{count:,}", *(figure_text(metric, figure) for figure in found)])
    more = len(names) - MOST_CATEGORIES
    rest = [f"and {more:,} more categories: --json, --csv and --report have them"] * (more > 0)
    return "\n".join([*_aligned(lines), *rest])


def _aligned(lines: list[list[str]]) -> list[str]:
    """Lines of equally wide columns, the first to the left, and a rule below the head."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    text = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return [text[0], "-" * max(map(len, text)), *text[1:]]


def _cells(verdict: Verdict, row: Row, winners: dict[str, str | None]) -> list[str]:
    cells = [row.method]
    for metric in verdict.columns:
        text = cell_text(verdict, row, metric)
        star = "*" if winners.get(metric) == row.method and row.method != TRUTH else ""
        around = interval_text(metric, row.figures.get(metric, Figure(None)))
        cells.append(f"{text}{star} {around}".strip())
    cells.append("" if row.milliseconds is None else f"{row.milliseconds:.0f}")
    parameters = row.facts.get("parameters")
    cells.append("" if parameters is None else f"{parameters:,}")
    return cells


def as_csv(verdict: Verdict) -> str:
    """One line for each method, category and metric asked for, with a value or the reason why not.

    The category is empty for all pictures; of a category only metrics have lines that it has
    pictures for. Milliseconds and parameters are the method's, the same on all of its lines.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["method", "category", "metric", "value", "low", "high", "pictures", "reason",
         "milliseconds", "parameters"]
    )  # fmt: skip
    for row in verdict.rows:
        costs = [row.milliseconds, row.facts.get("parameters")]
        for category, figures in {"": row.figures, **row.categories}.items():
            for metric in verdict.columns:
                figure = figures.get(metric, Figure(None))
                if category and not figure.pictures:
                    continue  # not kept by category, or nothing of it there
                reason = _reason(verdict, row, metric, figure)
                writer.writerow(
                    [row.method, category, metric, figure.value, figure.low, figure.high,
                     figure.pictures, reason, *costs]
                )  # fmt: skip
    return out.getvalue()


def _reason(verdict: Verdict, row: Row, metric: str, figure: Figure) -> str:
    """Why a figure has no value; empty if it has one."""
    if figure.value is not None:
        return ""
    if row.failed:
        return f"failed: {row.failed}"
    return figure.reason or verdict.missing.get(metric, METRICS[metric].silent)
