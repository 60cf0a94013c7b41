"""The page of old photographs: what the model makes of pictures whose colors nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

from generator.markdown import figure, table
from photochrom.evaluation.hues import NAMES

Row = Mapping[str, Any]

INTRODUCTION = """\
# Old photographs

Nobody knows which colors are right in an old photograph, but everybody sees a brown wash. So this
page counts: how colorful the results are, how much of them is gray or of each hue, and how
*blotched* what is plain comes out ([what the figures are](../judge.md#too-brown-and-how-real)).
`benchmarks/old_photographs.py` measures it, at 640 pixels of the longer side.
"""
OLD = """\
## Ten photographs from 1850 to 1940

The photographs are those with which DeOldify's first public release showed what it does; its own
results stand beside ours. They are not ours to pass on: only figures and words are here.
"""
OWN = """\
## Our own pictures on old film

scikit-image's free photographs, made gray as three kinds of film would: *panchromatic* sees all
colors, *orthochromatic* is blind to red, *blue-sensitive* to all but blue. Their true colors are
known.
"""
WORDS = {
    "1890Surfer": (
        "Sea, sky and mountain are one light blue, the skin is brown. DeOldify's mountain and"
        " beach are warm."
    ),
    "CivilWarQuary": (
        "Earth and water are washed in brown, and the sky behind the trees burns like a "
        "sunset. DeOldify's sky is a cool gray, and its earth too."
    ),
    "Dustbowl": (
        "The storm is blue, as clouds are; dust would be brown, as DeOldify's is. Church and "
        "grass are plausible."
    ),
    "FamilyPhotoChallenging": (
        "Faces, clothes and backdrop share a brown that turns to violet in the suits. "
        "DeOldify's suits are blue and its whites lilac."
    ),
    "GeographyLessons": (
        "A yellow globe in a picture that is maroon all over. The dresses do not differ from "
        "one another; DeOldify's do."
    ),
    "OpiumSmokersDrawing": "A drawing: ours leaves it gray, DeOldify colors faces and clothes.",
    "ReadingGirl": (
        "A cream wall that glows yellow at the left, a brown blanket, a red curtain at the right; "
        "the flowers of the curtains stay gray, where DeOldify's are red."
    ),
    "Sami1880s": (
        "Turf, coats and faces are one brown; the slope behind turns blue. DeOldify's is "
        "green, and its coats are blue, green and gray."
    ),
    "Sphinx": (
        "Sand and stone are orange to maroon, the sky is a pale green. DeOldify's stone is "
        "beige and its sky blue."
    ),
    "Wagons": ("Blue sky, white clouds, dry grass: much like DeOldify's."),
}
"""What is seen in each photograph; to be looked at again with every version of the model."""


def old_photographs_page(result: Mapping[str, Any]) -> str:
    """The page's text."""
    models = ", ".join(f"`{name}` is version {v}" for name, v in result["models"].items())
    parts = [f"{INTRODUCTION}\n{models}.\n"]
    if old := result["old"]:
        parts += [OLD, _means(old, "method"), _each(old)]
    parts += [OWN, _means(result["own"], "film", "method")]
    return "\n".join(parts)


def _means(rows: Sequence[Row], *keys: str) -> str:
    """A line for each method, or each film and method: means over pictures."""
    kinds = list(dict.fromkeys(tuple(row[key] for key in keys) for row in rows))
    lines = []
    for kind in kinds:
        these = [row for row in rows if tuple(row[key] for key in keys) == kind]
        shares = [_mean(row["shares"][name] for row in these) for name in NAMES]
        figures = [_mean(row[key] for row in these) for key in ("colorfulness", "blotches")]
        cells = [figure(value, 1) for value in (figures[0], *shares)]
        lines.append([*kind, cells[0], figure(figures[1], 2), *cells[1:]])
    head = [*("" for _ in keys), "colorfulness", "blotches", *(f"{name} %" for name in NAMES)]
    return table(head, lines, numbers=len(NAMES) + 2)


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _each(rows: Sequence[Row]) -> str:
    """Picture by picture: how colorful each method's result is, and what is seen."""
    methods = list(dict.fromkeys(row["method"] for row in rows))
    found = {(row["picture"], row["method"]): row["colorfulness"] for row in rows}
    lines = [
        [picture, *(figure(found[picture, m], 0) for m in methods), WORDS.get(picture, "")]
        for picture in dict.fromkeys(row["picture"] for row in rows)
    ]
    head = ["photograph", *(f"colorfulness, {method}" for method in methods), "what is seen"]
    return table(head, lines)
