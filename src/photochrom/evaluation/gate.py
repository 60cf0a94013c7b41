"""What a model must keep to before it is given out: no skin tone comes out worse than another."""

from __future__ import annotations

from photochrom.evaluation.cards import METRICS
from photochrom.evaluation.regions import SKINS
from photochrom.evaluation.verdict import Figure, Row

WORST_TO_BEST = 1.3
"""The error of no group may be larger than so many times that of the best one."""
LARGEST_HUE = 15.0
"""Degrees that the hue of a group's skin may be off on average, where it has a chroma above 10."""
LEAST_PICTURES = 20
"""A group is judged by so many pictures at least."""

ERRORS = tuple(f"{group}-error" for group in SKINS)
HUES = tuple(f"{group}-hue" for group in SKINS)
GATE = (*ERRORS, *HUES)
"""The metrics that the gate needs."""


def gate_failures(row: Row) -> list[str]:
    """What a judged method fails by, a line each; none if it passes.

    A group that the set shows in fewer than 20 pictures is a failure too: not seen is not passed.
    """
    errors = {name: row.figures.get(name, Figure(None)) for name in ERRORS}
    failures = []
    for name, figure in errors.items():
        if figure.value is None:
            failures.append(f"{_title(name)}: no picture shows it")
        elif figure.pictures < LEAST_PICTURES:
            message = f"{_title(name)}: only {figure.pictures} pictures show it"
            failures.append(f"{message}, {LEAST_PICTURES} at least are needed")
    values = {name: figure.value for name, figure in errors.items() if figure.value is not None}
    best = min(values.values(), default=0.0)
    for name, value in values.items():
        if value > WORST_TO_BEST * best:
            failures.append(
                f"{_title(name)}: its error of {value:.1f} is {_times(value, best)} the best "
                f"group's {best:.1f}, more than {WORST_TO_BEST:g} times"
            )
    for name in HUES:
        hue = row.figures.get(name, Figure(None)).value
        if hue is not None and hue > LARGEST_HUE:
            failures.append(f"{_title(name)}: off by {hue:.1f} degrees, more than {LARGEST_HUE:g}")
    return failures


def _times(value: float, best: float) -> str:
    return f"{value / best:.2f} times" if best else "above"


def _title(metric: str) -> str:
    return METRICS[f"{metric.rpartition('-')[0]}-error"].title
