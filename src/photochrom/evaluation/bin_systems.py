"""Figures over bins of color: of how many bins they are decides whether they can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from photochrom.evaluation.cards import METRICS

if TYPE_CHECKING:
    from photochrom.evaluation.verdict import Row


def incomparable(rows: Iterable[Row], metric: str) -> str:
    """Why a metric ranks none of these rows first; empty if it can.

    To find the right one of 32 bins is easier than one of 313. How many a model has is among its
    ``facts``, where it says how probable they are.
    """
    if not METRICS[metric].module.endswith(".bin_accuracy"):
        return ""
    counts = {
        row.facts["bins"]
        for row in rows
        if "bins" in row.facts and metric in row.figures and row.figures[metric].value is not None
    }
    if len(counts) < 2:
        return ""
    *fewer, most = (f"{count:,}" for count in sorted(counts))
    return f"not comparable: {', '.join(fewer)} and {most} bins"
