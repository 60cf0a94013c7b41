"""A verdict as text: a table for the terminal, and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from photochrom.evaluation.cards import METRICS
from photochrom.evaluation.layout import aligned, folded
from photochrom.evaluation.methods import TRUTH
from photochrom.evaluation.ranking import best
from photochrom.evaluation.verdict import Figure, Row, Verdict

NO_FIGURE, NOT_MEASURED = "-", "n/a"
MOST_CATEGORIES = 30
"""That the terminal lists."""
HEADLINE = ("auc", "rebalanced-auc", "colorfulness", "colorfulness-difference")
"""What is shown where all that was measured has no room."""


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
    """Half of the interval's width, as in 89.85 ±0.12; its ends where it is cut off at a bound.

    Empty without an interval.
    """
    if figure.value is None or figure.low is None or figure.high is None:
        return ""
    digits = METRICS[metric].digits
    below, above = figure.value - figure.low, figure.high - figure.value
    if abs(below - above) > 0.5 * 10**-digits:
        return f"{figure.low:.{digits}f}–{figure.high:.{digits}f}"
    return f"±{above:.{digits}f}"


def headline(verdict: Verdict) -> list[str]:
    """The few metrics that stand for all: those of ``HEADLINE`` that were measured, else the first.

    All of them where they are no more than these.
    """
    columns = verdict.columns
    if len(columns) <= len(HEADLINE):
        return columns
    return [name for name in HEADLINE if name in columns] or columns[: len(HEADLINE)]


def as_table(
    verdict: Verdict, columns: Sequence[str] | None = None, *, width: int | None = None
) -> str:
    """Rows of methods, columns of metrics with their intervals; who is surely best is starred.

    ``columns`` are the metrics shown, all by default; without all of them the number of parameters
    is left out, too. Of a ``width`` no line is longer: further columns stand below.
    """
    shown = verdict.columns if columns is None else list(columns)
    whole = len(shown) == len(verdict.columns)
    costs = ["ms", "parameters"] if whole else ["ms"]
    head = ["method", *(METRICS[m].title for m in shown), *costs]
    winners = {metric: best(verdict, metric) for metric in verdict.metrics}
    cells = [_cells(verdict, row, shown, winners)[: len(head)] for row in verdict.rows]
    lines = aligned([head, *cells], width)
    said = [*verdict.missing.items(), *verdict.notes.items()]
    notes = [f"{METRICS[name].title}: {text}" for name, text in said]
    notes += [f"{row.method} failed: {row.failed}" for row in verdict.rows if row.failed]
    if not whole:
        rest = ", ".join(METRICS[m].title for m in verdict.columns if m not in shown)
        notes.append(f"--wide also shows {rest} and parameters")
    return "\n".join([*lines, *(folded(note, width) for note in notes)])


def category_table(verdict: Verdict, *, width: int | None = None) -> str:
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
    return "\n".join([*aligned(lines, width), *rest])


def _cells(
    verdict: Verdict, row: Row, columns: Sequence[str], winners: dict[str, str | None]
) -> list[str]:
    cells = [row.method]
    for metric in columns:
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
