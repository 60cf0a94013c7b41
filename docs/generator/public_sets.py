"""docs/reference/public-sets.md: the sets of photographs that go by name."""

from __future__ import annotations

from generator.markdown import table
from photochrom.data.public_sets import PUBLIC_SETS

INTRODUCTION = """\
# Public sets

What `--data` takes as `NAME:FOLDER`, or `NAME@SPLIT:FOLDER` for another than the first split. The
layout below the folder is the one that torchvision's datasets have; a part of a set works too.
`photochrom data fetch NAME --out FOLDER` downloads those for which a size is given, and nothing is
ever downloaded otherwise. Terms are given as far as they are known: read those of the source.
"""


def public_sets_page() -> str:
    """The page's text."""
    rows = [
        [
            f"`{name}`",
            card.summary,
            f"{card.pictures:,}",
            card.side,
            card.categories,
            ", ".join(f"`{split}`" for split in card.splits),
            card.download or "by hand",
            f"{card.source}; {card.terms}",
        ]
        for name, card in ((name, PUBLIC_SETS[name]) for name in PUBLIC_SETS)
    ]
    head = [
        "name",
        "what",
        "pictures",
        "pixels",
        "categories",
        "splits",
        "fetched",
        "source, terms",
    ]
    return INTRODUCTION + "\n" + table(head, rows)
