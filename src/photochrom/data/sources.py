"""Where training pictures come from: folders of files, WebDataset tar shards, public sets by name.

A source is indexed once (names, offsets) and read by position, so memory stays flat whatever the
size of the set, and any order can be replayed exactly after an interruption.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from photochrom.data.folder import FolderPictures
from photochrom.data.own_results import remark_on
from photochrom.data.pictures import JoinedPictures, Pictures
from photochrom.data.public_sets import open_public_set
from photochrom.data.shards import ShardPictures
from photochrom.errors import DataError


def open_pictures(places: Sequence[str | Path]) -> JoinedPictures:
    """Open folders of pictures, folders of tar shards, single shards, globs of them, public sets.

    A public set is named with its folder, as ``places365:/data/places``; see
    :mod:`photochrom.data.public_sets`. Our own results are left out: ``own_results`` names them.
    Raises :class:`DataError` where there is no picture.
    """
    parts: list[Pictures] = []
    for place in places:
        path = Path(place)
        if any(c in str(place) for c in "*?[") and not path.exists():
            found = sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
        else:
            found = [path]
        for item in found:
            parts.extend(_open_one(item))
    if not parts:
        message = f"no pictures at {', '.join(map(str, places)) or 'no place at all'}"
        raise DataError(message)
    pictures = JoinedPictures(parts)
    if not len(pictures):
        message = f"no pictures at {', '.join(map(str, places))}; {remark_on(pictures.own_results)}"
        raise DataError(message)
    return pictures


def _open_one(path: Path) -> list[Pictures]:
    if path.is_dir():
        shards = sorted(path.glob("*.tar"))
        return [ShardPictures(s) for s in shards] if shards else [FolderPictures(path)]
    if path.suffix == ".tar" and path.is_file():
        return [ShardPictures(path)]
    public = open_public_set(str(path))
    if public is not None:
        return [public]
    message = f"no folder and no tar shard at {path}"
    raise DataError(message)
