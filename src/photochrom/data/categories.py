"""Kinds of pictures: what a path says of them, and the choice of some kinds by pattern."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

import numpy as np

from photochrom.data.pictures import Pictures, Subset
from photochrom.errors import DataError, UnknownName

_LISTED = 20


def category_of_path(path: str, folder: str) -> str:
    """Category of a picture at ``path`` below a folder of the name ``folder``.

    It is the sub-folder, ``forest`` or ``outdoor/forest``. Directly in the folder it is what the
    file's name begins with, as ``opencountry`` in ``opencountry_land660.jpg``, or else the folder's
    own name. Beginnings in capitals are counters of cameras (``IMG_0001.jpg``), not categories.
    """
    parent, _, name = path.rpartition("/")
    if parent:
        return parent
    beginning = name.rpartition("_")[0]
    named = beginning.replace("_", "").isalpha() and not beginning.isupper()
    return beginning if named else folder


def matches(category: str, pattern: str) -> bool:
    """Whether a glob such as ``forest*`` fits a category or one part of its path, in any case."""
    names = {category, *category.split("/")}
    return any(fnmatchcase(name.lower(), pattern.lower()) for name in names)


def in_categories(pictures: Pictures, patterns: Sequence[str]) -> Subset:
    """The pictures whose category fits one of the patterns, in their order.

    Raises :class:`UnknownName` for a pattern that fits none, with the nearest names, and
    :class:`DataError` if the pictures have no categories at all.
    """
    numbers: dict[str, int] = {}
    of_picture = np.empty(len(pictures), dtype=np.int32)
    for index in range(len(pictures)):
        of_picture[index] = numbers.setdefault(pictures.category(index), len(numbers))
    if not any(numbers):
        message = "data.categories: these pictures have no categories; they come from sub-folders"
        raise DataError(message)
    chosen: set[int] = set()
    for pattern in patterns:
        found = {number for name, number in numbers.items() if matches(name, pattern)}
        if not found:
            raise UnknownName(_explain(pattern, numbers))
        chosen |= found
    return Subset(pictures, np.flatnonzero(np.isin(of_picture, sorted(chosen))))


def _explain(pattern: str, categories: Iterable[str]) -> str:
    names = sorted({part for c in categories for part in (c, c.rpartition("/")[2]) if part})
    near = difflib.get_close_matches(pattern, names, n=3, cutoff=0.5)
    if near:
        return f"no category fits {pattern!r}; did you mean {' or '.join(near)}?"
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"no category fits {pattern!r}; there are: {', '.join(names[:_LISTED])}{more}"
