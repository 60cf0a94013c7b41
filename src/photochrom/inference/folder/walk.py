"""Which files the inputs of a run name, one after the other, in an order that does not change."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from photochrom.inference.names import WRITABLE
from photochrom.photo.atomic import reason_of

READABLE = frozenset(
    (*WRITABLE, ".jpe", ".jfif", ".bmp", ".dib", ".gif", ".ppm", ".pgm", ".pbm", ".pnm")
)
RESULT = re.compile(r"\.color(?:-\d)?$")
"""How the names of results and of alternatives end, before the suffix."""


class Found(NamedTuple):
    """A file, the folder below which its place is kept, and what is wrong with the input.

    ``alone`` is a file that was named itself, not found in a folder or by a pattern.
    """

    path: str
    root: str
    problem: str = ""
    alone: bool = False


def is_many(text: str) -> bool:
    """Whether an input is a folder or a pattern, not the name of one file."""
    return Path(text).is_dir() or _is_pattern(text)


def root_of(text: str) -> str:
    """The folder below which the places of an input's pictures are kept."""
    if Path(text).is_dir():
        return text
    if not _is_pattern(text):
        return str(Path(text).parent)
    return _cut(text)[0]


def expand(text: str, *, leave_out: Path | None = None) -> Iterator[Found]:
    """Pictures that one input names: a file, a folder with all below it, or a pattern.

    ``leave_out`` is a folder, the one of the results, that may lie among them. Links to folders are
    not followed, so a loop of them ends nowhere else than here. What cannot be listed is a problem.
    """
    count = 0
    if Path(text).is_dir():
        for found in _walk(text, leave_out):
            count += 1
            yield found
        if not count:
            yield Found(text, text, f"no pictures in the folder {text}")
        return
    if not _is_pattern(text):
        exists = os.path.lexists(text)
        problem = "" if exists else f"no such file or folder: {text}"
        yield Found(text, root_of(text), problem, alone=True)
        return
    for found in _matches(text, leave_out):
        count += 1
        yield found
    if not count:
        yield Found(text, root_of(text), f"no such file or folder, and no picture matches: {text}")


def is_picture(name: str) -> bool:
    """Whether a folder's file of this name is colored: a picture, not hidden, not our result."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a Path for each name is slow
    return suffix.lower() in READABLE and not RESULT.search(stem) and name[0] != "."


def _is_pattern(text: str) -> bool:
    # A name with brackets that exists is that file.
    return glob.has_magic(text) and not os.path.lexists(text)


def _walk(folder: str, leave_out: Path | None, depth: int | None = None) -> Iterator[Found]:
    """Pictures below a folder in the order of their paths; only one folder is held at a time.

    ``depth`` is how many levels are looked at.
    """
    real = os.path.realpath(folder)
    hidden = None if leave_out is None else os.path.realpath(leave_out)
    # A stack of our own: folders may lie deeper than Python's calls may.
    stack = [_listing(folder, "")]
    while stack:
        entry = next(stack[-1], None)
        if entry is None:
            stack.pop()
            continue
        below, is_folder, problem = entry
        path = str(Path(folder, below)) if below else folder
        if problem:
            yield Found(path, folder, f"cannot list the folder {path}: {problem}")
        elif not is_folder:
            yield Found(path, folder)
        elif (hidden is None or str(Path(real, below)) != hidden) and len(stack) != depth:
            stack.append(_listing(folder, below))


def _listing(folder: str, below: str) -> Iterator[tuple[str, bool, str]]:
    """Sub-folders and pictures of one folder, sorted: path below, whether a folder, problem."""
    try:
        with os.scandir(Path(folder, below)) as entries:
            found = sorted(
                (entry.name, is_folder)
                for entry in entries
                if (is_folder := entry.is_dir(follow_symlinks=False) and entry.name[0] != ".")
                or is_picture(entry.name)
            )
    except OSError as error:
        yield below, True, reason_of(error)
        return
    start = f"{below}/" if below else ""
    for name, is_folder in found:
        yield f"{start}{name}", is_folder, ""


def _matches(pattern: str, leave_out: Path | None) -> Iterator[Found]:
    """Pictures that a pattern matches; ``**`` stands for any folders, as glob has it.

    The standard library's glob follows links to folders: on a loop of them it does not end.
    """
    root, parts = _cut(pattern)
    depth = None if "**" in parts else len(parts)
    for found in _walk(root, leave_out, depth):
        if found.problem or _fits(Path(os.path.relpath(found.path, root)).parts, parts):
            yield found


def _cut(pattern: str) -> tuple[str, tuple[str, ...]]:
    """The folder before the first part with a wildcard, and the parts from there on."""
    parts = Path(pattern).parts
    first = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    return str(Path(*parts[:first])), parts[first:]


def _fits(names: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Whether the parts of a path are those of a pattern."""
    if not parts or not names:
        return not names and all(part == "**" for part in parts)
    if parts[0] == "**":
        return _fits(names, parts[1:]) or _fits(names[1:], parts)
    return fnmatchcase(names[0], parts[0]) and _fits(names[1:], parts[1:])
