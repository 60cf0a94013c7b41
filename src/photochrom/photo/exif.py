"""EXIF blocks: what they say on orientation and resolution, and how to change them gently.

A changed block gets a new first directory at its end; every other byte stays where it was, so that
offsets inside it (the maker's notes rely on theirs) remain true. The thumbnail's directory is cut
off: it would show the gray picture.
Source: EXIF 2.32 (CIPA DC-008), TIFF 6.0.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping

from photochrom.photo.tags import (
    ASCII,
    LONG,
    LONG8,
    RATIONAL,
    SHORT,
    UNDEFINED,
    Header,
    Value,
    bytes_fetch,
    integers,
    ratios,
    read_directory,
    read_header,
    write_directory,
)

MARKER = b"Exif\0\0"
"""What stands before a block in a JPEG, and in ``info`` of a Pillow picture."""

ORIENTATION, SOFTWARE = 0x0112, 0x0131
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 0x011A, 0x011B, 0x0128
EXIF_DIRECTORY, GPS_DIRECTORY = 0x8769, 0x8825
IPTC = 33723
# Width and height: of a first directory that repeats them, and of the EXIF directory.
_SIDES, _EXIF_SIDES = (0x0100, 0x0101), (0xA002, 0xA003)
_INTEROPERABILITY, _MAKER_NOTE = 0xA005, 0x927C
# Tags of a TIFF's first directory that describe the photo rather than the layout of its pixels:
# document name, description, make, model, page name and number, software, date, artist, computer,
# copyright, rating and the XP strings of Windows.
_DESCRIPTIVE = (
    *(269, 270, 271, 272, 285, 297, 305, 306, 315, 316, 33432, 18246),
    *range(40091, 40096),
)
_MOST_DPI = 60_000  # a JPEG states no more than 65,535
_EMPTY = b"II*\0\x08\0\0\0"


def trimmed(exif: bytes | None) -> bytes | None:
    """The block without its marker; None when it is no readable EXIF."""
    if not exif:
        return None
    exif = exif.removeprefix(MARKER)
    return exif if _parsed(exif) is not None else None


def orientation_of(exif: bytes | None) -> int | None:
    """Orientation 1..8, or None when the block does not say."""
    parsed = _parsed(exif)
    return None if parsed is None else stated_by(parsed[1], parsed[0].order)


def stated_by(tags: Mapping[int, Value], order: str) -> int | None:
    """Orientation 1..8 that a directory states, or None."""
    stated = (*integers(tags.get(ORIENTATION), order), 0)[0]
    return stated if 1 <= stated <= 8 else None


def dpi_of(exif: bytes | None) -> tuple[float, float] | None:
    """Pixels per inch (horizontal, vertical), or None when it has none or an impossible one."""
    parsed = _parsed(exif)
    return None if parsed is None else resolution(parsed[1], parsed[0].order)


def resolution(tags: Mapping[int, Value], order: str) -> tuple[float, float] | None:
    """Pixels per inch that a directory states, or None; also when they are impossible."""
    x, y = ratios(tags.get(X_RESOLUTION), order), ratios(tags.get(Y_RESOLUTION), order)
    unit = (*integers(tags.get(RESOLUTION_UNIT), order), 2)[0]
    if not x or not y or unit not in (2, 3):
        return None
    factor = 2.54 if unit == 3 else 1.0
    return possible_dpi(x[0] * factor, y[0] * factor)


def possible_dpi(x: float, y: float) -> tuple[float, float] | None:
    """Pixels per inch that a picture can have, which every format then can state, or None."""
    possible = all(math.isfinite(number) and 1 <= number <= _MOST_DPI for number in (x, y))
    return (round(x, 2), round(y, 2)) if possible else None


def with_orientation_reset(exif: bytes | None) -> bytes | None:
    """The same block, its orientation 1, without the thumbnail: that lies as the file did."""
    if exif is None or orientation_of(exif) in (None, 1):
        return _without_thumbnail(exif)
    return with_tags(exif, {ORIENTATION: (1,)})


def with_dpi_swapped(exif: bytes | None) -> bytes | None:
    """The same block of a picture on its side: the resolution, if it states one, is, too."""
    stated = dpi_of(exif)
    if stated is None or stated[0] == stated[1]:
        return exif
    return with_dpi(exif, stated[::-1])


def with_sides_swapped(exif: bytes | None) -> bytes | None:
    """The same block of a picture on its side: width and height, if it states both, are, too."""
    parsed = _parsed(exif)
    if exif is None or parsed is None:
        return exif
    header, tags = parsed
    changed = bytearray(exif)
    places = [(header.first, _SIDES)]
    places += [(at, _EXIF_SIDES) for at in integers(tags.get(EXIF_DIRECTORY), header.order)[:1]]
    for directory, sides in places:
        found = _entries(exif, header.order, directory)
        if all(side in found for side in sides):
            # All of an entry but its tag: the two may be numbers of different types.
            width, height = (slice(found[side] + 2, found[side] + 12) for side in sides)
            changed[width], changed[height] = exif[height], exif[width]
    return bytes(changed)


def with_software(exif: bytes | None, software: str) -> bytes:
    """The block (or a new one) that names the software."""
    return with_tags(exif, {SOFTWARE: software})


def with_dpi(exif: bytes | None, dpi: tuple[float, float]) -> bytes:
    """The block (or a new one) with this resolution."""
    return with_tags(exif, {X_RESOLUTION: dpi[0], Y_RESOLUTION: dpi[1], RESOLUTION_UNIT: (2,)})


def iptc_of(exif: bytes | None) -> bytes | None:
    """The IPTC block that the first directory holds, or None."""
    parsed = _parsed(exif)
    value = parsed[1].get(IPTC) if parsed else None
    return value.data if value else None


def with_tags(
    exif: bytes | None, changes: Mapping[int, str | float | bytes | tuple[int, ...] | None]
) -> bytes:
    """The block with tags of its first directory set: text, a ratio, bytes, or short integers.

    None takes a tag out.
    """
    parsed = _parsed(exif)
    if parsed is None or exif is None:
        exif = _EMPTY
        parsed = Header("<", False, 8), {}
    header, tags = parsed
    new = {t: value_of(c, header.order) for t, c in changes.items() if c is not None}
    tags = {tag: value for tag, value in tags.items() if tag not in changes} | new
    exif += bytes(len(exif) % 2)
    offset = len(exif)
    moved = struct.pack(header.order + "I", offset)
    return exif[:4] + moved + exif[8:] + write_directory(tags, header.order, offset)


def value_of(plain: str | float | bytes | tuple[int, ...], order: str) -> Value:
    """A tag's value from text (ASCII), a float (RATIONAL), bytes or integers (SHORT)."""
    if isinstance(plain, bytes):
        return Value(UNDEFINED, len(plain), plain)
    if isinstance(plain, str):
        text = plain.encode("ascii", "replace") + b"\0"
        return Value(ASCII, len(text), text)
    if isinstance(plain, tuple):
        return Value(SHORT, len(plain), struct.pack(f"{order}{len(plain)}H", *plain))
    # A denominator that keeps four decimals of any resolution that fits 32 bits.
    bottom = 10_000 if plain < 400_000 else 1
    return Value(RATIONAL, 1, struct.pack(order + "II", round(plain * bottom), bottom))


def block_of(directories: Mapping[int, Mapping[int, Value]], order: str) -> bytes | None:
    """An EXIF block from a TIFF's directories: 0 -> the first one, else a sub-directory's tag.

    Only descriptive tags of the first directory are taken. None when there is nothing to keep.
    """
    first = {tag: value for tag, value in directories[0].items() if tag in _DESCRIPTIVE}
    subs = {tag: movable(tags) for tag, tags in directories.items() if tag and tags}
    if not first and not subs:
        return None
    head = {"<": b"II*\0", ">": b"MM\0*"}[order]
    return head + struct.pack(order + "I", 8) + with_subdirectories(first, subs, order, 8)


def with_subdirectories(
    tags: Mapping[int, Value],
    subs: Mapping[int, Mapping[int, Value]],
    order: str,
    offset: int,
    *,
    big: bool = False,
    last: bool = True,
) -> bytes:
    """A directory for ``offset`` of a block, its sub-directories behind it.

    Of a BigTIFF with ``big``. Without ``last``, the next one stands right behind these bytes.
    """
    kind, form = (LONG8, "Q") if big else (LONG, "I")
    pointers = {tag: Value(kind, 1, struct.pack(order + form, 0)) for tag in subs}
    length = len(write_directory({**tags, **pointers}, order, offset, big=big))
    tail = b""
    for tag, sub in subs.items():
        where = offset + length + len(tail)
        pointers[tag] = Value(kind, 1, struct.pack(order + form, where))
        tail += write_directory(sub, order, where, big=big)
    following = 0 if last else offset + length + len(tail)
    first = write_directory({**tags, **pointers}, order, offset, big=big, following=following)
    return first + tail


def movable(tags: Mapping[int, Value]) -> dict[int, Value]:
    """A sub-directory's tags that may stand in another block: no offsets, no BigTIFF types."""
    return {t: v for t, v in tags.items() if t != _INTEROPERABILITY and v.type < 13}


def directories_of(exif: bytes) -> tuple[str, dict[int, dict[int, Value]]]:
    """Byte order, and directories: 0 -> the descriptive tags of the first, EXIF and GPS by tag."""
    parsed = _parsed(exif)
    if parsed is None:
        return "<", {0: {}}
    header, tags = parsed
    found = {0: {tag: value for tag, value in tags.items() if tag in _DESCRIPTIVE}}
    for pointer in (EXIF_DIRECTORY, GPS_DIRECTORY):
        offset = integers(tags.get(pointer), header.order)
        if offset:
            try:
                found[pointer] = movable(read_directory(bytes_fetch(exif), header, offset[0]))
            except ValueError:
                continue
    return header.order, found


def shortened(exif: bytes | None, most: int) -> bytes | None:
    """The block in at most so many bytes, made anew where it is longer; None if that is no help.

    Gone are then the thumbnail and what else no tag names, tags of the layout, and at the worst the
    maker's note; a note that stays may have offsets that are no longer true.
    """
    if exif is None or len(exif) <= most:
        return exif
    order, directories = directories_of(exif)
    for left_out in ((), (_MAKER_NOTE,)):
        kept = {
            pointer: {tag: value for tag, value in tags.items() if tag not in left_out}
            for pointer, tags in directories.items()
        }
        block = block_of(kept, order)
        if block is not None and len(block) <= most:
            return block
    return None


def _without_thumbnail(exif: bytes | None) -> bytes | None:
    """The block whose first directory is its last: what follows describes the thumbnail."""
    parsed = _parsed(exif)
    if exif is None or parsed is None:
        return exif
    order, first = parsed[0].order, parsed[0].first
    end = first + 2 + 12 * struct.unpack_from(order + "H", exif, first)[0]
    return exif if not any(exif[end : end + 4]) else exif[:end] + bytes(4) + exif[end + 4 :]


def _entries(exif: bytes, order: str, directory: int) -> dict[int, int]:
    """Where the entry of each tag of a directory starts; of one that is there twice, the first."""
    if directory + 2 > len(exif):
        return {}
    count, start = struct.unpack_from(order + "H", exif, directory)[0], directory + 2
    whole = range(start, min(start + 12 * count, len(exif) - 11), 12)
    return {struct.unpack_from(order + "H", exif, at)[0]: at for at in reversed(whole)}


def _parsed(exif: bytes | None) -> tuple[Header, dict[int, Value]] | None:
    """Header and first directory, or None when the block cannot be read."""
    if not exif:
        return None
    fetch = bytes_fetch(exif)
    try:
        header = read_header(fetch)
        return None if header.big else (header, read_directory(fetch, header, header.first))
    except ValueError:
        return None
