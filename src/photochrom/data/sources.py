"""Where training pictures come from: folders of files, WebDataset tar shards, public sets by name.

A source is indexed once (names, offsets) and read by position, so memory stays flat whatever the
size of the set, and any order can be replayed exactly after an interruption.
"""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import takewhile
from pathlib import Path

from photochrom.data.folder import FolderPictures
from photochrom.data.own_results import remark_on
from photochrom.data.pictures import JoinedPictures, Pictures
from photochrom.data.public_sets import open_public_set
from photochrom.data.shards import ShardPictures
from photochrom.errors import DataError
from photochrom.photo.atomic import reason_of
from photochrom.photo.folders import LeftOut, is_file, is_folder, is_there, refusal
from photochrom.photo.litter import litter_of

_LOG = logging.getLogger(__name__)
"""Told are folders that cannot be listed, as warnings, and what else is left out of the places."""


def open_pictures(places: Sequence[str | Path]) -> JoinedPictures:
    """Open folders of pictures, folders of tar shards, single shards, globs of them, public sets.

    A public set is named with its folder, as ``places365:/data/places``; see
    :mod:`photochrom.data.public_sets`. Our own results are left out: ``own_results`` names them.
    Folders below that cannot be listed are left out, which is logged. Raises :class:`DataError`
    where there is no picture.
    """
    parts: list[Pictures] = []
    closed: list[str] = []
    left_out = LeftOut()
    for place in places:
        # A shell names it, too, where people mean their own by *.
        if len(places) > 1 and litter_of(Path(place).name):
            left_out.add(Path(place).name)
        elif _is_magic(str(place)) and not is_there(place):
            parts.extend(_open_matches(str(place), closed))
        else:
            parts.extend(_open_one(Path(place)))
    if not parts:
        message = (
            "; ".join(dict.fromkeys(closed))
            or f"no pictures at {', '.join(map(str, places)) or 'no place at all'}"
        )
        raise DataError(message)
    _tell(parts, closed, left_out)
    pictures = JoinedPictures(parts)
    if not len(pictures):
        message = f"no pictures at {', '.join(map(str, places))}; {remark_on(pictures.own_results)}"
        raise DataError(message)
    return pictures


def _open_matches(pattern: str, closed: list[str]) -> list[Pictures]:
    """What a glob finds; adds to ``closed`` what cannot be listed."""
    path = Path(pattern)
    fixed = Path(*takewhile(lambda part: not _is_magic(part), path.parts))
    parts: list[Pictures] = []
    for found in dict.fromkeys(_matches(fixed, path.parts[len(fixed.parts) :], closed)):
        if not is_folder(found) or _names_in(found, closed) is not None:
            parts.extend(_open_one(found))
    return parts


def _matches(folder: Path, parts: Sequence[str], closed: list[str]) -> Iterator[Path]:
    """Files and folders that a glob finds, sorted, without litter and what is hidden.

    The standard library's glob passes over what it may not list, and says nothing of it.
    """
    if not parts:
        yield folder
        return
    part, rest = parts[0], parts[1:]
    if not _is_magic(part):
        if reason := refusal(folder / part):
            closed.append(f"cannot look at {folder / part}: {reason}")
        elif is_there(folder / part):
            yield from _matches(folder / part, rest, closed)
        return
    if part == "**":
        yield from _matches(folder, rest, closed)
    for name in _names_in(folder, closed) or ():
        path = folder / name
        if name.startswith(".") or litter_of(name):
            continue
        if part == "**":
            if is_folder(path) and not path.is_symlink():
                yield from _matches(path, parts, closed)
        elif fnmatchcase(name, part) and (not rest or is_folder(path)):
            yield from _matches(path, rest, closed)


def _names_in(folder: Path, closed: list[str]) -> list[str] | None:
    """What is in a folder, sorted; adds to ``closed`` what cannot be listed, which has None."""
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError as error:
        closed.append(f"cannot list the folder {folder}: {reason_of(error)}")
        return None


def _is_magic(part: str) -> bool:
    return any(c in part for c in "*?[")


def _open_one(path: Path) -> list[Pictures]:
    if is_folder(path):
        shards = sorted(p for p in path.glob("*.tar") if not p.name.startswith("."))
        return [ShardPictures(s) for s in shards] if shards else [FolderPictures(path)]
    if path.suffix == ".tar" and is_file(path):
        return [ShardPictures(path)]
    public = open_public_set(str(path))
    if public is not None:
        return [public]
    reason = refusal(path)
    if reason:
        message = f"cannot look at {path}: {reason}"
    elif is_file(path):
        message = f"{path} is a file, but no tar shard; give the folder that it is in"
    else:
        message = f"no folder and no tar shard at {path}"
    raise DataError(message)


def _tell(parts: Sequence[Pictures], closed: list[str], left_out: LeftOut) -> None:
    """Log what is left out, also by the parts; in the first process alone, others open the same."""
    if multiprocessing.parent_process() is not None:
        return
    for part in parts:
        if isinstance(part, FolderPictures | ShardPictures):
            left_out.join(part.left_out)
        if isinstance(part, FolderPictures):
            closed += part.closed
    for line in dict.fromkeys(closed):
        _LOG.warning("%s", line)
    for line in left_out.lines():
        _LOG.info("%s", line)
