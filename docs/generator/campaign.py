"""docs/results/flagship.md: how the embedded model came about, idea by idea."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator.markdown import figure, table, with_interval

FILMS = ("orthochromatic", "blue-sensitive")
HEAD = ["", "images", "AuC", "rAuC", "CF", "difference", *(f"rAuC, {film}" for film in FILMS)]

INTRODUCTION = """\
# The campaign of the embedded model

What was tried to make `photochrom` better, in order, with what was expected and what came of it,
kept or not. Written from `benchmarks/campaign.toml`, the ideas, and
`benchmarks/results/campaign.json`, which `python benchmarks/campaign.py` measures. What was
expected of the first nine was written down after their runs; from the tenth on it is written
before.

"""

NOTES = """\
*images* counts the crops that the weights have seen in all. *AuC* is the share of pixels whose
color lies within a distance of the truth, averaged over distances; *rAuC* counts rare colors as
much as frequent ones. *CF* is colorfulness, *difference* its mean difference picture by picture.
The last two columns are the same pictures with their gray made as by films that were blind to
red, and to all but blue. ± is half of the 95 % interval over pictures: two rows were measured on
the same pictures, so that they can be told apart at less than that. None stands beside rebalanced
AuC: the intervals that were measured with these rows were drawn in a way that is wrong for it.
"""

FILM_NOTES = """\
The gray of a photograph is kept, and a color finds as much room in sRGB as its gray leaves: what a
film saw as black stays black. The last row is the truth itself on each film's gray, the most that
any model can have there. The row above it is what the model would reach if it knew as much from
the film's gray as from the eye's; what lies between it and the first row is what the film does not
tell, or what the model has not learned to read from it.
"""

REBALANCED = (1, 4, 5)
"""Columns of rebalanced AuC."""


def campaign_page(result: Mapping[str, Any], films: Mapping[str, Any] | None = None) -> str:
    """The page's text; ``films`` is the result of ``benchmarks/films.py``."""
    ideas = result["ideas"]
    eye = ideas[0]["films"]["eye"]
    rows = [_row("*gray*", "", eye["gray"], _films(ideas[0], "gray"))]
    rows += [
        _row(
            f"{number}. {entry['idea']['name']}",
            f"{entry['idea']['images']:,}",
            entry["films"]["eye"]["model"],
            _films(entry, "model"),
        )
        for number, entry in enumerate(ideas, 1)
    ]
    rows.append(_row("*truth*", "", eye["truth"], _films(ideas[0], "truth")))
    told = [
        f"{number}. **{idea['name']}** (`{idea['model']}`): {idea['change']}.\n"
        f"   Expected: {idea['expected']}. Kept: {idea['kept']}.\n"
        for number, idea in enumerate((entry["idea"] for entry in ideas), 1)
    ]
    count = f"{eye['pictures']:,} {result['set']}, the largest square at 256 pixels.\n\n"
    campaign = count + table(HEAD, rows, numbers=7) + "\n" + NOTES + "\n" + "".join(told)
    return INTRODUCTION + campaign + (_films_section(films) if films else "")


def _films_section(result: Mapping[str, Any]) -> str:
    """What each way of coloring reaches on each film's gray."""
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for row in result["rows"]:
        found.setdefault(row["way"], {})[row["film"]] = (row["auc"], row["rauc"])
    names = {
        "gray": "*gray*",
        "model": f"`photochrom` {result['model']}",
        "colors of the eye's gray": "its colors of the eye's gray, on the film's",
        "true colors": "*the true colors, on the film's gray*",
    }
    rows = [
        [title, *(figure(found[way][film][place], 2) for place in (0, 1) for film in found[way])]
        for way, title in names.items()
    ]
    head = ["", *(f"{metric}, {film}" for metric in ("AuC", "rAuC") for film in found["gray"])]
    count = f"{result['pictures']:,} {result['set']}.\n\n"
    return f"\n## What old film costs\n\n{count}{table(head, rows, numbers=6)}\n{FILM_NOTES}"


def _films(entry: Mapping[str, Any], row: str) -> list[Sequence[float | None]]:
    return [entry["films"][film][row]["rebalanced-auc"] for film in FILMS]


def _row(
    name: str, images: str, found: Mapping[str, Any], films: Sequence[Sequence[float | None]]
) -> list[str]:
    keys = ("auc", "rebalanced-auc", "colorfulness", "colorfulness-difference")
    cells = [*(found[key] for key in keys), *films]
    digits = (2, 2, 1, 1, 2, 2)
    texts = [
        figure(cell[0], places) if place in REBALANCED else with_interval(*cell, places)
        for place, (cell, places) in enumerate(zip(cells, digits, strict=True))
    ]
    return [name, images, *texts]
