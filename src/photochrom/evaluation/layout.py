"""Text in columns, within the width of a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH = 80
"""Letters in a line that every terminal has."""
_LEAST_NAME, _NAME = 18, 24


def folded(text: str, width: int | None = WIDTH) -> str:
    """Text in lines of a width, without breaking names; those behind the first are indented."""
    if width is None:
        return text
    return textwrap.fill(
        text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def aligned(lines: Sequence[Sequence[str]], width: int | None = None) -> list[str]:
    """Lines of equally wide columns, the first to the left, and a rule below the head.

    Within a ``width`` long names are shortened in their middle, and columns that have no room left
    stand in a table of their own below, beside the names again.
    """
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    if width is None:
        return _block(lines, widths)
    room = width - sum(wide + 2 for wide in widths[1:])
    most = room if room >= _LEAST_NAME else _NAME
    lines = [[_shortened(line[0], most), *(_shortened(cell, _NAME) for cell in line[1:])]
             for line in lines]  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text: list[str] = []
    start = 1
    while start < len(widths):
        end, left = start, width - widths[0]
        while end < len(widths) and (left := left - widths[end] - 2) >= 0:
            end += 1
        end = max(end, start + 1)
        block = [[line[0], *line[start:end]] for line in lines]
        text += [""] * bool(text) + _block(block, [widths[0], *widths[start:end]])
        start = end
    return text


def _block(lines: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    text = [
        "  ".join(
            cell.ljust(wide) if i == 0 else cell.rjust(wide)
            for i, (cell, wide) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return [text[0], "-" * max(map(len, text)), *text[1:]]


def _shortened(name: str, most: int) -> str:
    if len(name) <= most:
        return name
    end = most // 2
    return f"{name[: most - end - 1]}…{name[-end:]}"
