"""Which files the inputs of a run name, one after the other, in an order that does not change."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from photochrom.inference.folder.results import Ledger, Ledgers, is_result
from photochrom.photo.atomic import reason_of
from photochrom.photo.folders import (
    FOLDER,
    FOREIGN,
    LITTER,
    PICTURE,
    Entry,
    entries_of,
    is_folder,
    refusal,
)
from photochrom.photo.results import names_and_stems

RESULT = "result"


class Found(NamedTuple):
    """A file, the folder below which its place is kept, and what is wrong with the input.

    ``alone`` is a file that was named itself, not found in a folder or by a pattern. ``left_out``
    says why a file of a folder is not for coloring: it is FOREIGN or LITTER, which may be a whole
    folder, or a RESULT of ours.
    ``page``, counted from 1, is one of ``pages`` that each get a result; 0 stands for the whole.
    """

    path: str
    root: str
    problem: str = ""
    alone: bool = False
    left_out: str = ""
    page: int = 0
    pages: int = 0


def is_many(text: str) -> bool:
    """Whether an input is a folder or a pattern, not the name of one file."""
    return is_folder(text) or _is_pattern(text)


def root_of(text: str) -> str:
    """The folder below which the places of an input's pictures are kept."""
    if is_folder(text):
        return text
    if not _is_pattern(text):
        return str(Path(text).parent)
    return root_and_pattern(text)[0]


def root_and_pattern(text: str) -> tuple[str, tuple[str, ...]]:
    """The folder before the first part with a wildcard, and the parts from there on.

    A folder is all that is below it.
    """
    if is_folder(text):
        return text, ("**",)
    parts = Path(text).parts
    first = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    return str(Path(*parts[:first])), parts[first:]


def fits(names: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Whether the parts of a path are those of a pattern."""
    if parts == ("**",):  # folders may lie deeper than Python's calls may
        return True
    if not parts or not names:
        return not names and all(part == "**" for part in parts)
    if parts[0] == "**":
        return fits(names, parts[1:]) or fits(names[1:], parts)
    return fnmatchcase(names[0], parts[0]) and fits(names[1:], parts[1:])


def expand(
    text: str, *, leave_out: Path | None = None, ledgers: Ledgers | None = None
) -> Iterator[Found]:
    """Pictures that one input names: a file, a folder with all below it, or a pattern.

    ``leave_out`` is a folder, the one of the results, that may lie among them; ``ledgers`` tell
    other results. Links to folders are not followed, so a loop of them ends nowhere else than here.
    What cannot be listed is a problem. Pictures of foreign kinds are given, too, as ``left_out``.
    """
    if not is_many(text):
        problem = "" if os.path.lexists(text) else _nothing_at(text)
        yield Found(text, root_of(text), problem, alone=True)
        return
    ledgers = ledgers or Ledgers()
    counts = Counter[str]()
    for found in _walk(*root_and_pattern(text), leave_out, ledgers):
        counts[found.left_out] += 1
        if found.left_out != RESULT:
            yield found
    if not counts[""]:
        yield Found(text, root_of(text), _nothing_in(text, counts))


def _nothing_at(text: str) -> str:
    """Why a file or folder that was named is a problem, where none can be seen."""
    if reason := refusal(text):
        return f"cannot look at {text}: {reason}"
    return f"no such file or folder: {text}"


def _nothing_in(text: str, counts: Counter[str]) -> str:
    """Why an input that names no picture is a problem, with what it names instead."""
    kinds = {
        FOREIGN: "of kinds that are not read (save them as JPEG, PNG or TIFF)",
        RESULT: "that are results already",
        LITTER: "that belong to the system",
    }
    others = " and ".join(f"{counts[k]:,} {kind}" for k, kind in kinds.items() if counts[k])
    if is_folder(text):
        return f"no pictures in the folder {text}" + (f" but {others}" if others else "")
    if others:
        return f"no picture matches {text} but {others}"
    return f"no such file or folder, and no picture matches: {text}"


def _is_pattern(text: str) -> bool:
    # A name with brackets that exists is that file.
    return glob.has_magic(text) and not os.path.lexists(text)


def _leads(names: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Whether what a pattern finds may lie below the folder of these names."""
    if not parts or parts[0] == "**":
        return bool(parts)
    return not names or (fnmatchcase(names[0], parts[0]) and _leads(names[1:], parts[1:]))


def _walk(
    folder: str, parts: tuple[str, ...], leave_out: Path | None, ledgers: Ledgers
) -> Iterator[Found]:
    """Pictures below a folder that a pattern finds, in the order of their paths.

    Only one folder of each level is held at a time. ``**`` stands for any folders, as glob has it;
    the standard library's glob follows links to folders: on a loop of them it does not end.
    """
    real = os.path.realpath(folder)
    hidden = None if leave_out is None else os.path.realpath(leave_out)
    # A stack of our own: folders may lie deeper than Python's calls may.
    above = _with_ledger((), ledgers.of(folder), "")
    stack = [(_listing(folder, "", above), above)]
    while stack:
        entries, above = stack[-1]
        step = next(entries, None)
        if step is None:
            stack.pop()
            continue
        (entry, problem), below = step, step[0].name
        path = str(Path(folder, below)) if below else folder
        names = tuple(below.split("/"))
        if problem:
            yield Found(path, folder, f"cannot list the folder {path}: {problem}")
        elif not (_leads if entry.is_folder else fits)(names, parts):
            continue
        elif entry.kind != FOLDER:
            yield Found(path, folder, left_out="" if entry.kind == PICTURE else entry.kind)
        elif hidden is None or str(Path(real, below)) != hidden:
            inside = _with_ledger(above, ledgers.of(path), f"{below}/")
            stack.append((_listing(folder, below, inside), inside))


_Above = tuple[tuple[Ledger, str], ...]
"""The ledgers of a folder and of those above it, with what paths are without from there on."""


def _with_ledger(above: _Above, ledger: Ledger, start: str) -> _Above:
    return (*above, (ledger, start)) if ledger else above


def _listing(folder: str, below: str, above: _Above) -> Iterator[tuple[Entry, str]]:
    """What is in one folder, sorted, named from the first one down; its own problem, if any."""
    try:
        found = entries_of(Path(folder, below))
    except OSError as error:
        yield Entry(below, FOLDER, is_folder=True), reason_of(error)
        return
    start = f"{below}/" if below else ""
    names = names_and_stems([e.name for e in found if e.kind in (PICTURE, FOREIGN)])
    for entry in found:
        place, kind = f"{start}{entry.name}", entry.kind
        if kind == PICTURE:
            made = [one for ledger, cut in above if (one := ledger.made(place[len(cut) :]))]
            kind = RESULT if is_result(str(Path(folder, place)), made, names) else PICTURE
        yield Entry(place, kind, entry.is_folder), ""
