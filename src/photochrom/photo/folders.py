"""What lies at a path and in a folder, also where the system refuses to say."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from photochrom.photo.atomic import reason_of
from photochrom.photo.kinds import KNOWN_SUFFIXES, is_read, suffix_of
from photochrom.photo.litter import litter_of

PICTURE, FOREIGN, LITTER, FOLDER = "picture", "foreign", "litter", "folder"


class Entry(NamedTuple):
    """One name in a folder, and what it stands for.

    ``kind`` is PICTURE or FOLDER; FOREIGN, a picture of a kind that is not read; or LITTER, a file
    or folder of the system's own, ``is_folder`` telling which.
    """

    name: str
    kind: str
    is_folder: bool = False


def entries_of(folder: str | Path, reads: Callable[[str], bool] = is_read) -> list[Entry]:
    """The sub-folders, pictures and litter of one folder by name; raises :class:`OSError`.

    ``reads`` tells which suffixes are those of pictures that are read, not foreign.
    Whatever else is hidden, links to folders and files that are no pictures are not among them.
    """
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            litter = litter_of(entry.name)
            if entry.name.startswith(".") and not litter:
                continue
            is_folder = entry.is_dir(follow_symlinks=False)
            kind = LITTER if litter else FOLDER if is_folder else _kind_of(entry.name, reads)
            if kind:
                found.append(Entry(entry.name, kind, is_folder))
    return sorted(found)


def _kind_of(name: str, reads: Callable[[str], bool]) -> str:
    suffix = suffix_of(name)
    if suffix not in KNOWN_SUFFIXES:
        return ""
    return PICTURE if reads(suffix) else FOREIGN


class LeftOut:
    """Counts what folders hold beside the pictures that are read."""

    def __init__(self) -> None:
        self._kinds, self._litter = Counter[str](), Counter[str]()

    def add(self, name: str) -> None:
        """Count one file of a foreign kind, or one file or folder of litter, by its name."""
        if litter := litter_of(name):
            self._litter[litter] += 1
        else:
            self._kinds[suffix_of(name)] += 1

    def join(self, other: LeftOut) -> None:
        """Count what another has counted, too."""
        self._kinds.update(other._kinds)
        self._litter.update(other._litter)

    def lines(self) -> list[str]:
        """What was counted, for people: a line for each of the two, if there is any."""
        found = []
        if count := self._kinds.total():
            files = "1 file of another kind" if count == 1 else f"{count:,} files of other kinds"
            found.append(f"left out: {files} ({_each(self._kinds)})")
        if count := self._litter.total():
            found.append(f"left out: {count:,} of the system's own ({_each(self._litter)})")
        return found


def _each(counts: Counter[str]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number:,} {name}" for name, number in ordered)


def is_folder(path: str | Path) -> bool:
    """Whether a folder lies there, through links; none does where one may not look.

    Unlike Path, the calls of ``os.path`` raise neither for that nor for names that no disk holds.
    """
    return os.path.isdir(path)  # noqa: PTH112


def is_file(path: str | Path) -> bool:
    """Whether an ordinary file lies there, as :func:`is_folder`."""
    return os.path.isfile(path)  # noqa: PTH113


def is_there(path: str | Path) -> bool:
    """Whether anything lies there, as :func:`is_folder`."""
    return os.path.exists(path)  # noqa: PTH110


def refusal(path: str | Path) -> str:
    """Why the system does not tell what lies there: "permission denied"; empty where it does.

    That nothing lies there is an answer.
    """
    try:
        os.stat(path)  # noqa: PTH116 - as above
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return ""
    except OSError as error:
        return reason_of(error)
    return ""
