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
from photochrom.photo.kinds import KIND_OF_SUFFIX, is_installed
from photochrom.photo.results import names_and_stems

READABLE = frozenset(KIND_OF_SUFFIX)
FOREIGN = frozenset(
    (
        *(".jp2", ".j2k", ".jpf", ".jpx", ".jxr", ".wdp"),
        *(".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".sr2", ".srf", ".orf", ".rw2"),
        *(".raf", ".pef", ".srw", ".x3f", ".3fr", ".erf", ".kdc", ".dcr", ".mrw", ".rwl", ".iiq"),
        *(".psd", ".psb", ".xcf", ".tga", ".pcx", ".pcd", ".mpo", ".exr"),
    )
)
"""Of photographs that are not read: people are told of those, and of no other files."""

_PICTURES = READABLE | FOREIGN


class Found(NamedTuple):
    """A file, the folder below which its place is kept, and what is wrong with the input.

    ``alone`` is a file that was named itself, not found in a folder or by a pattern. ``left_out``
    says why a file of a folder is not for coloring: it is "foreign", or a "result" of ours.
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
    return Path(text).is_dir() or _is_pattern(text)


def root_of(text: str) -> str:
    """The folder below which the places of an input's pictures are kept."""
    if Path(text).is_dir():
        return text
    if not _is_pattern(text):
        return str(Path(text).parent)
    return root_and_pattern(text)[0]


def root_and_pattern(text: str) -> tuple[str, tuple[str, ...]]:
    """The folder before the first part with a wildcard, and the parts from there on.

    A folder is all that is below it.
    """
    if Path(text).is_dir():
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
    is_folder = Path(text).is_dir()
    if not is_folder and not _is_pattern(text):
        exists = os.path.lexists(text)
        problem = "" if exists else f"no such file or folder: {text}"
        yield Found(text, root_of(text), problem, alone=True)
        return
    ledgers = ledgers or Ledgers()
    counts = Counter[str]()
    for found in (_walk if is_folder else _matches)(text, leave_out, ledgers):
        counts[found.left_out] += 1
        if found.left_out != "result":
            yield found
    if not counts[""]:
        yield Found(text, root_of(text), _nothing_in(text, is_folder=is_folder, counts=counts))


def _nothing_in(text: str, *, is_folder: bool, counts: Counter[str]) -> str:
    """Why an input that names no picture is a problem, with what it names instead."""
    kinds = {
        "foreign": "of kinds that are not read (save them as JPEG, PNG or TIFF)",
        "result": "that are results already",
    }
    others = " and ".join(f"{counts[k]:,} {kind}" for k, kind in kinds.items() if counts[k])
    if is_folder:
        return f"no pictures in the folder {text}" + (f" but {others}" if others else "")
    if others:
        return f"no picture matches {text} but {others}"
    return f"no such file or folder, and no picture matches: {text}"


def suffix_of(name: str) -> str:
    """The suffix in small letters."""
    return os.path.splitext(name)[1].lower()  # noqa: PTH122 - a Path for each name is slow


def is_read(suffix: str) -> bool:
    """Whether files of this suffix are read here, with the extras that are installed."""
    kind = KIND_OF_SUFFIX.get(suffix)
    return kind is not None and is_installed(kind)


def _is_pattern(text: str) -> bool:
    # A name with brackets that exists is that file.
    return glob.has_magic(text) and not os.path.lexists(text)


def _walk(
    folder: str, leave_out: Path | None, ledgers: Ledgers, depth: int | None = None
) -> Iterator[Found]:
    """Pictures below a folder in the order of their paths; only one folder is held at a time.

    ``depth`` is how many levels are looked at.
    """
    real = os.path.realpath(folder)
    hidden = None if leave_out is None else os.path.realpath(leave_out)
    # A stack of our own: folders may lie deeper than Python's calls may.
    above = _with_ledger((), ledgers.of(folder), "")
    stack = [(_listing(folder, "", above), above)]
    while stack:
        entries, above = stack[-1]
        entry = next(entries, None)
        if entry is None:
            stack.pop()
            continue
        below, is_folder, text = entry
        path = str(Path(folder, below)) if below else folder
        if not is_folder:
            yield Found(path, folder, left_out=text)
        elif text:
            yield Found(path, folder, f"cannot list the folder {path}: {text}")
        elif (hidden is None or str(Path(real, below)) != hidden) and len(stack) != depth:
            inside = _with_ledger(above, ledgers.of(path), f"{below}/")
            stack.append((_listing(folder, below, inside), inside))


_Above = tuple[tuple[Ledger, str], ...]
"""The ledgers of a folder and of those above it, with what paths are without from there on."""


def _with_ledger(above: _Above, ledger: Ledger, start: str) -> _Above:
    return (*above, (ledger, start)) if ledger else above


def _listing(folder: str, below: str, above: _Above) -> Iterator[tuple[str, bool, str]]:
    """Sub-folders and pictures of one folder, sorted: path below, whether a folder, and a text.

    That is the problem of a folder, and of a picture why it is left out.
    """
    try:
        with os.scandir(Path(folder, below)) as entries:
            found = sorted(
                (entry.name, is_folder)
                for entry in entries
                if entry.name[0] != "."
                and (
                    (is_folder := entry.is_dir(follow_symlinks=False))
                    or suffix_of(entry.name) in _PICTURES
                )
            )
    except OSError as error:
        yield below, True, reason_of(error)
        return
    start = f"{below}/" if below else ""
    names = names_and_stems([name for name, is_folder in found if not is_folder])
    for name, is_folder in found:
        place = f"{start}{name}"
        if is_folder:
            yield place, True, ""
        elif not is_read(suffix_of(name)):
            yield place, False, "foreign"
        else:
            made = [one for ledger, cut in above if (one := ledger.made(place[len(cut) :]))]
            is_ours = is_result(str(Path(folder, place)), made, names)
            yield place, False, "result" if is_ours else ""


def _matches(pattern: str, leave_out: Path | None, ledgers: Ledgers) -> Iterator[Found]:
    """Pictures that a pattern matches; ``**`` stands for any folders, as glob has it.

    The standard library's glob follows links to folders: on a loop of them it does not end.
    """
    root, parts = root_and_pattern(pattern)
    depth = None if "**" in parts else len(parts)
    for found in _walk(root, leave_out, ledgers, depth):
        if found.problem or fits(Path(os.path.relpath(found.path, root)).parts, parts):
            yield found
