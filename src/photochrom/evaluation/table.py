"""A verdict as text: a table for the terminal, and CSV."""

from __future__ import annotations

import csv
import io

from photochrom.evaluation.cards import METRICS
from photochrom.evaluation.methods import TRUTH
from photochrom.evaluation.verdict import Figure, Row, Verdict, best

NO_FIGURE = "-"


def figure_text(metric: str, figure: Figure, *, failed: bool = False) -> str:
    """A figure with its digits, or why there is none."""
    if failed:
        return "failed"
    if figure.value is None:
        return NO_FIGURE
    return f"{figure.value:.{METRICS[metric].digits}f}"


def interval_text(metric: str, figure: Figure) -> str:
    """Half of the interval's width, as in 89.85 +- 0.12; empty without one."""
    if figure.low is None or figure.high is None:
        return ""
    return f"±{(figure.high - figure.low) / 2:.{METRICS[metric].digits}f}"


def as_table(verdict: Verdict) -> str:
    """Rows of methods, columns of metrics with their intervals; the best of each is starred."""
    head = ["method", *(METRICS[m].title for m in verdict.metrics), "ms", "parameters"]
    winners = {metric: best(verdict, metric) for metric in verdict.metrics}
    lines = [head, *(_cells(verdict, row, winners) for row in verdict.rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    text = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    said = [*verdict.missing.items(), *verdict.notes.items()]
    notes = [f"{METRICS[name].title}: {text}" for name, text in said]
    notes += [f"{row.method} failed: {row.failed}" for row in verdict.rows if row.failed]
    return "\n".join([text[0], "-" * max(map(len, text)), *text[1:], *notes])


def _cells(verdict: Verdict, row: Row, winners: dict[str, str | None]) -> list[str]:
    cells = [row.method]
    for metric in verdict.metrics:
        figure = row.figures.get(metric, Figure(None))
        text = figure_text(metric, figure, failed=bool(row.failed))
        star = "*" if winners[metric] == row.method and row.method != TRUTH else ""
        cells.append(f"{text}{star} {interval_text(metric, figure)}".strip())
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
    names = dict.fromkeys([*verdict.metrics, *verdict.missing])
    for row in verdict.rows:
        costs = [row.milliseconds, row.facts.get("parameters")]
        for category, figures in {"": row.figures, **row.categories}.items():
            for metric in names:
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
