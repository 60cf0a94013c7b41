"""What hints, references, alternatives and confidence are worth: tables of their benchmarks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.markdown import figure, table

HINTS_NOTES = """\
![PSNR over the number of hints](../pictures/hints-curve.png)

A *point* is the mean true color of a small square at a random place, told as `--hint` tells it;
the same points in the same order at every number. The *gain* is the mean over pictures beside no
points, with its 95% interval. *ab error* is the mean distance from the true color, in Lab units. A
reference is used as `--reference` does: the picture's own colors without their places, the best
that any reference can do, and those of the picture before it, which has nothing to do with it.
"""

ALTERNATIVES_NOTES = """\
The *best of* several is chosen beside the truth, for each figure by itself: the most that a person
who knew it could gain. The dial's
row has as many chances. *Stated* is the confidence that a color is near the true one, *near* how
often it is; *share* is how much of all pictures has such a confidence.
"""


def hints_section(result: Mapping[str, Any]) -> str:
    """Tables of ``benchmarks/hints.py``."""
    points = [
        [
            row["dial"],
            str(row["points"]),
            *_gain(row),
        ]
        for row in result["rows"]
    ]
    references = [
        [row["reference"], figure(row["gain"], 2), f"±{figure(row['gain_interval'], 2)}"]
        for row in result["references"]
    ]
    head = ["vividness", "points", "PSNR, dB", "gain", "", "ab error"]
    steered = ["reference", "gain in PSNR, dB", ""]
    return (
        f"{_pictures(result)}\n\n{table(head, points, numbers=5)}\n"
        f"{table(steered, references, numbers=2)}"
    )


def alternatives_section(result: Mapping[str, Any]) -> str:
    """Tables of ``benchmarks/alternatives.py``."""
    rows = [[row["method"], *_gain(row)] for row in result["rows"]]
    sure = [
        [*(figure(100 * row[k], 0) + "%" for k in ("stated", "near", "share"))]
        for row in result["reliability"]
    ]
    return (
        f"{_pictures(result)} {figure(result['found'], 1)} of {result['count']} alternatives were "
        f"found for a picture; they and the usual result are {figure(result['apart'], 1)} Lab "
        f"units apart on average.\n\n"
        + table(["", "PSNR, dB", "gain", "", "ab error"], rows, numbers=4)
        + f"\nNear means within {figure(result['within'], 0)} Lab units of the color shown.\n\n"
        + table(["stated", "near", "share"], sure, numbers=3)
    )


def _gain(row: Mapping[str, Any]) -> list[str]:
    psnr, more, spread = (figure(row[k], 2) for k in ("psnr", "gain", "gain_interval"))
    return [psnr, more, f"±{spread}", figure(row["ab_error"], 1)]


def _pictures(result: Mapping[str, Any]) -> str:
    versions = ", ".join(f"model `{name}`, version {v}" for name, v in result["models"].items())
    side = result["side"]
    return f"{result['pictures']:,} {result['set']}, {side} × {side} pixels; {versions}."
