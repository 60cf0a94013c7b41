"""Which files the inputs of a run name, asked of one file: nothing is listed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from photochrom.inference.folder.walk import fits, is_many, root_and_pattern
from photochrom.photo.litter import litter_of
from photochrom.photo.results import unmarked


class Inputs:
    """What the inputs name as they are now, through links, too."""

    def __init__(self, texts: Iterable[str], leave_out: Path | None) -> None:
        """``leave_out`` is the folder of the results, which may lie among the inputs."""
        self._files: list[str] = []
        # Digests, as in the plan.
        self._alone: set[int] = set()
        self._below: list[tuple[str, tuple[str, ...]]] = []
        self._hidden = "" if leave_out is None else os.path.realpath(leave_out)
        for text in texts:
            if is_many(text):
                root, parts = root_and_pattern(text)
                self._below.append((os.path.realpath(root), parts))
            else:
                self._files.append(text)
                self._alone.add(hash(os.path.realpath(text)))

    def names_alone(self, path: str | Path) -> bool:
        """Whether an input is this file."""
        return hash(os.path.realpath(path)) in self._alone

    def name(self, path: str | Path) -> bool:
        """Whether an input is this file, or a folder or pattern that it would be found by."""
        place = os.path.realpath(path)
        return hash(place) in self._alone or any(
            self._finds(place, root, parts) for root, parts in self._below
        )

    def name_original(self, path: str) -> bool:
        """Whether an input is the file beside ``path`` that one of its name is the result of."""
        folder, name = _split(path)
        base = unmarked(_stem(name))
        return base is not None and hash((folder, base)) in self._beside

    @cached_property
    def _beside(self) -> set[int]:
        """What results beside the files that were named would be called after."""
        found: set[int] = set()
        for folder, name in map(_split, self._files):
            found |= {hash((folder, name)), hash((folder, _stem(name)))}
        return found

    def _finds(self, place: str, root: str, parts: tuple[str, ...]) -> bool:
        inside = _below(place, root)
        if not inside or any(n.startswith(".") or litter_of(n) for n in inside):
            return False
        is_hidden = bool(_below(self._hidden, root)) and bool(_below(place, self._hidden))
        return not is_hidden and fits(inside, parts)


def _below(place: str, folder: str) -> tuple[str, ...]:
    """The names from a folder down to a place; none where it is not below."""
    start = os.path.join(folder, "")  # noqa: PTH118 - a Path for each of many is slow
    return Path(place[len(start) :]).parts if place.startswith(start) else ()


def _split(path: str) -> tuple[str, str]:
    """The folder and the name of a file; links are kept."""
    folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100 - as above
    return folder, name


def _stem(name: str) -> str:
    return os.path.splitext(name)[0]  # noqa: PTH122 - as above
