"""Markdown from values."""

from __future__ import annotations

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: int = 0) -> str:
    """A table whose last ``numbers`` columns are aligned to the right."""
    rules = ["---"] * (len(head) - numbers) + ["---:"] * numbers
    lines = [head, rules, *rows]
    return "\n".join("| " + " | ".join(_escape(c) for c in line) + " |" for line in lines) + "\n"


def figure(value: float | None, digits: int) -> str:
    """A number with so many digits after the point; a dash where there is none."""
    # Adding nothing takes the sign off a zero.
    return "–" if value is None else f"{round(value, digits) + 0.0:,.{digits}f}"


def with_interval(value: float | None, low: float | None, high: float | None, digits: int) -> str:
    """A number with half of its interval behind it, where it has one; cut off, with its ends."""
    if value is None or low is None or high is None or not round((high - low) / 2, digits):
        return figure(value, digits)
    if low == 0 or high == 100:
        return f"{figure(value, digits)} ({figure(low, digits)}–{figure(high, digits)})"
    return f"{figure(value, digits)} ± {figure((high - low) / 2, digits)}"


def _escape(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")
