"""Which files are results of ours: by what they say of themselves, and by their names.

Sources: JPEG T.81 annex B, PNG 1.2 section 3, WebP container specification (VP8X).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Container, Sequence
from xml.sax.saxutils import unescape

from photochrom.photo.provenance import PHOTOCHROM, Provenance

RESULT_MARK = ".color"
"""What the names of results end with, where they lie beside their photographs."""

_MARKED = re.compile(rf"{re.escape(RESULT_MARK)}(?:-\d)?$")
"""How the names of results and of alternatives end, before the suffix."""

_SAYS_SO = re.compile(rb"%b|photochrom \d[\w.+-]* \(" % re.escape(PHOTOCHROM.encode()))
"""XMP of ours, or EXIF's ``Software``, which programs keep that know no XMP."""

_STATED = [
    re.compile(rb'photochrom:%b="([^"]*)"' % name)
    for name in (b"Model", b"ModelVersion", b"Settings")
]

_FIRST, _MORE, _MOST = 1 << 12, 1 << 16, 1 << 20
"""Metadata lies at the start of a file, or at its end: so many bytes are looked at in turn."""

Read = Callable[[int, int], bytes]
"""(start, length) -> bytes of a file, or fewer at its end."""


def is_ours(path: str | os.PathLike[str]) -> bool:
    """Whether a file of whatever format says that photochrom made it; names prove nothing.

    Only its headers are read.
    """
    if not os.path.isfile(path):  # noqa: PTH113 - a Path for each of many is slow; a pipe has no end
        return False
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - the same

            def read(start: int, length: int) -> bytes:
                file.seek(start)
                return file.read(length)

            return says_ours(read, os.fstat(file.fileno()).st_size)
    except OSError:
        return False


def stated_in(path: str | os.PathLike[str]) -> Provenance | None:
    """What a result of ours says of how it was made; None for another file."""
    if not is_ours(path):
        return None
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - as it was found to be ours
            text = file.read(_MOST)
            file.seek(max(len(text), os.fstat(file.fileno()).st_size - _MOST))
            text += file.read()
    except OSError:
        return None
    found = [match for one in _STATED if (match := one.search(text)) is not None]
    if len(found) < len(_STATED):
        return None
    model, version, settings = (
        unescape(match[1].decode(errors="replace"), {"&quot;": '"'}) for match in found
    )
    return Provenance("", model, version, settings)


def says_ours(read: Read, size: int) -> bool:
    """Whether a file of ``size`` bytes says that photochrom made it; raises what ``read`` does."""
    head = read(0, _FIRST)
    end, tail = _headers(head)
    for most in (_MORE, _MOST):
        if end is None and len(head) < size:
            head += read(len(head), most - len(head))
            end, tail = _headers(head)
    if _SAYS_SO.search(head[:end]):
        return True
    rest = max(len(head) if end is None else end, size - tail)
    return rest < size and _SAYS_SO.search(read(rest, size - rest)) is not None


def _headers(head: bytes) -> tuple[int | None, int]:
    """Where the pixels begin, None if not in these bytes; and how many at the end may tell more."""
    if head.startswith(b"\xff\xd8"):
        return _scan_of_jpeg(head), 0
    if head.startswith(b"\x89PNG"):
        return _pixels_of_png(head), _MORE
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        # Flags of the extended form: EXIF or XMP, which then lie behind the pixels.
        is_told = head[12:16] == b"VP8X" and len(head) > 20 and head[20] & 0x0C
        return 0, _MOST if is_told else 0
    return None, _MOST


def _scan_of_jpeg(head: bytes) -> int | None:
    at = 2
    while at + 4 <= len(head):
        if head[at] != 0xFF or head[at + 1] == 0xDA:
            return at
        is_fill = head[at + 1] == 0xFF
        at += 1 if is_fill else 2 + int.from_bytes(head[at + 2 : at + 4])
    return None


def _pixels_of_png(head: bytes) -> int | None:
    at = 8
    while at + 8 <= len(head):
        if head[at + 4 : at + 8] == b"IDAT":
            return at
        at += 12 + int.from_bytes(head[at : at + 4])
    return None


def is_marked(stem: str) -> bool:
    """Whether a name without its suffix is one that results have."""
    return unmarked(stem) is not None


def unmarked(stem: str) -> str | None:
    """What a result or an alternative of this name would be called after; None if it is neither."""
    base, count = _MARKED.subn("", stem)
    return base if count else None


def is_own_result(path: str, names: Container[str]) -> bool:
    """Whether a file says that it is ours, or :func:`is_named_result`."""
    return is_named_result(path, names) or is_ours(path)


def is_named_result(path: str, names: Container[str]) -> bool:
    """Whether a file bears a result's name beside its photograph, whatever it has lost.

    ``names`` are the stems and names of the pictures beside it. The name alone proves nothing:
    people call their own files so, too.
    """
    base = unmarked(os.path.splitext(path)[0])  # noqa: PTH122 - a Path for each of many is slow
    return base is not None and base.rpartition("/")[2] in names


def names_and_stems(names: Collection[str]) -> set[str]:
    """What results beside the pictures of one folder are named after; nothing without results."""
    stems = [os.path.splitext(name)[0] for name in names]  # noqa: PTH122 - a Path for each is slow
    return {*names, *stems} if any(map(is_marked, stems)) else set()


def names_beside(paths: Sequence[str]) -> list[set[str]]:
    """For each path, with slashes, the :func:`names_and_stems` of the pictures of its folder."""
    listed: dict[str, list[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        listed.setdefault(folder, []).append(name)
    found = {folder: names_and_stems(names) for folder, names in listed.items()}
    return [found[path.rpartition("/")[0]] for path in paths]
