"""The validation part that training never sees, and subsets by count.

A picture's side is decided by a hash of the seed and its name: the ``validation`` lowest hashes are
judged on. When pictures are added to a set, some of the newcomers may take the place of judged
ones, but no picture that was trained on is ever judged (while the set holds at least five times
``data.validation`` pictures: below that, the validation part grows with it). A fixed share of the
hashes would not even let judged ones change, but could not give the number asked for.
"""

from __future__ import annotations

import hashlib
import re

import numpy as np

from photochrom.data.folder import PICTURE_SUFFIXES
from photochrom.data.pictures import Pictures, Subset
from photochrom.errors import DataError

# Marks of copies and sizes. Not " (1)": bulk renaming gives such names to different pictures.
_MARKS = re.compile(r"(?:[ _-]+copy(?:[ _-]?\(?\d+\)?)?|[-_]\d{2,5}x\d{2,5}|@\dx)$")


def split(
    pictures: Pictures, *, validation: int, limit: int | None = None, seed: int
) -> tuple[Subset, Subset]:
    """Draw ``validation`` pictures to judge by and at most ``limit`` others to train on.

    The same seed draws the same pictures, and a smaller ``limit`` some of those of a larger one.
    Copies do not leak: names that differ only in kind of file, case or the mark of a copy or a size
    (``a.png``, ``a - Copy.jpg``, ``a-640x480.jpg``) stay together, and pictures whose bytes are
    those of a judged one are left out of training.

    Returns:
        The pictures to train on, in the order of the source, and those to judge by, shuffled.

    Raises:
        DataError: none is left to train on.
    """
    hashes = np.array([_hash(pictures.name(i), seed) for i in range(len(pictures))], np.uint64)
    order = np.argsort(hashes, kind="stable")
    cut = min(validation, len(order))
    while 0 < cut < len(order) and hashes[order[cut]] == hashes[order[cut - 1]]:
        cut += 1
    judged, trained = order[:cut], order[cut:]
    trained = trained[~_copies(pictures, of=judged, among=trained)]
    trained = trained[:limit] if limit else trained
    if len(trained) == 0:
        message = f"{len(pictures)} pictures leave none to train on, {cut} being kept to judge"
        raise DataError(message)
    return Subset(pictures, np.sort(trained)), Subset(pictures, judged)


def _hash(name: str, seed: int) -> int:
    """64 bits for a name without what may differ between copies."""
    stem, dot, suffix = name.lower().rpartition(".")
    plain = stem if dot + suffix in PICTURE_SUFFIXES else name.lower()
    data = f"{seed}:{_MARKS.sub('', plain)}".encode("utf-8", "surrogateescape")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def _copies(pictures: Pictures, *, of: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Which pictures of ``among`` have the bytes of one of ``of``; reads only those of its size."""
    contents: dict[int, set[bytes]] = {}
    for index in of.tolist():
        contents.setdefault(pictures.size(index), set()).add(_digest(pictures, index))
    copies = np.zeros(len(among), dtype=bool)
    if not contents:
        return copies
    for place, index in enumerate(among.tolist()):
        same_size = contents.get(pictures.size(index))
        copies[place] = same_size is not None and _digest(pictures, index) in same_size
    return copies


def _digest(pictures: Pictures, index: int) -> bytes:
    """Digest of a picture's bytes; empty if it cannot be read."""
    try:
        return hashlib.blake2b(pictures.read(index), digest_size=16).digest()
    except DataError:
        return b""
