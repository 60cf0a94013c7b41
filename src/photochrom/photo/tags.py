"""Directories of tags: what TIFF files and EXIF blocks are made of.

Values stay the bytes that the file holds, so that what we do not understand survives unchanged.
Source: TIFF 6.0; BigTIFF (Adobe's and AWare Systems' description).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

# Bytes of one value, by TIFF type number.
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
SIZES |= {16: 8, 17: 8, 18: 8}
BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, LONG8 = 1, 2, 3, 4, 5, 7, 16
# What each type is made of: a RATIONAL is two numbers of four bytes.
_WORDS = {3: 2, 8: 2, 4: 4, 5: 4, 9: 4, 10: 4, 11: 4, 13: 4, 12: 8, 16: 8, 17: 8, 18: 8}
_INTEGERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
# Of all values of a directory: honest strip tables and profiles are far smaller, and thousands of
# tags may claim the same bytes of a file.
_MOST_BYTES = 64 << 20

Fetch = Callable[[int, int], bytes]
"""(offset, length) -> the bytes there, fewer at the end of the file."""


@dataclass(frozen=True)
class Value:
    """One tag's value: TIFF type, number of items, and the bytes in the file's byte order."""

    type: int
    count: int
    data: bytes


@dataclass(frozen=True)
class Header:
    """Start of a TIFF block: byte order ("<" or ">"), BigTIFF or not, offset of directory 0."""

    order: str
    big: bool
    first: int


def read_header(fetch: Fetch) -> Header:
    """Header of the TIFF block that ``fetch`` reads. ValueError when it is none."""
    head = fetch(0, 16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        message = "no TIFF header"
        raise ValueError(message)
    magic, first = struct.unpack(order + "HI", head[2:8])
    if magic == 43 and len(head) == 16:
        return Header(order, True, struct.unpack(order + "Q", head[8:])[0])
    if magic != 42:
        message = "no TIFF header"
        raise ValueError(message)
    return Header(order, False, first)


def read_directory(fetch: Fetch, header: Header, offset: int) -> dict[int, Value]:
    """Tags of the directory at ``offset``; values that lie outside the file are left out.

    So are those that come after 64 MB of others.
    """
    tags: dict[int, Value] = {}
    room = _MOST_BYTES
    for tag, kind, items, data in _entries(fetch, header, offset):
        length = SIZES.get(kind, 0) * items
        if not 0 < length <= room or tag in tags:
            continue
        if length > len(data):
            data = fetch(_place(header, data), length)
        if len(data) >= length:
            tags[tag] = Value(kind, items, data[:length])
            room -= length
    return tags


def claimed_bytes(fetch: Fetch, header: Header, offset: int) -> int:
    """Bytes in the file that the values of the directory at ``offset`` claim, taken together."""
    total = 0
    for _, kind, items, data in _entries(fetch, header, offset):
        length = SIZES.get(kind, 0) * items
        if length > len(data) and fetch(_place(header, data) + length - 1, 1):
            total += length
    return total


def chained_directory(
    fetch: Fetch, header: Header, offset: int, wanted: tuple[int, ...]
) -> tuple[int, int, bool, dict[int, int]]:
    """What a walk along a file's directories needs of the one at ``offset``.

    Returns the offset of the next one (0: this is the last), the bytes that its entries take,
    whether it has tags of known types, and the first whole number of each of the ``wanted`` tags
    that has one. Other values are not read, and other tags are not looked at one by one: a chain
    may have very many directories of very many tags each.
    """
    table, end, entry_size = _table(fetch, header, offset)
    form = header.order + ("Q" if header.big else "I")
    inline = struct.calcsize(form)
    stated = fetch(end, inline)
    following = struct.unpack(form, stated)[0] if len(stated) == inline else 0
    words = np.frombuffer(table[: len(table) // entry_size * entry_size], header.order + "u2")
    tags, kinds = (words[first :: entry_size // 2] for first in (0, 1))
    known = bool(((kinds > 0) & (kinds <= max(SIZES))).any())
    numbers: dict[int, int] = {}
    for index in np.flatnonzero(np.isin(tags, wanted)):
        tag, kind = int(tags[index]), int(kinds[index])
        entry = table[index * entry_size : (index + 1) * entry_size]
        count, data, size = struct.unpack_from(form, entry, 4)[0], entry[-inline:], SIZES.get(kind)
        if tag in numbers or not size or not count:
            continue
        if size * count > inline:
            data = fetch(_place(header, data), size)
        if len(data) >= size:
            for number in integers(Value(kind, 1, data[:size]), header.order):
                numbers[tag] = number
    return following, len(table), known, numbers


def _entries(fetch: Fetch, header: Header, offset: int) -> Iterator[tuple[int, int, int, bytes]]:
    """Tag, type, number of items, and the bytes that are the value or say where it is."""
    layout, inline = ("HHQ", 8) if header.big else ("HHI", 4)
    table, _, entry_size = _table(fetch, header, offset)
    for start in range(0, len(table) - entry_size + 1, entry_size):
        end = start + entry_size
        yield *struct.unpack_from(header.order + layout, table, start), table[end - inline : end]


def _place(header: Header, data: bytes) -> int:
    """The offset that an entry states in place of a long value."""
    return int.from_bytes(data, "little" if header.order == "<" else "big")


def _table(fetch: Fetch, header: Header, offset: int) -> tuple[bytes, int, int]:
    """The entries of a directory, the offset of their end, and the size of one."""
    form, entry_size = (header.order + "Q", 20) if header.big else (header.order + "H", 12)
    head = fetch(offset, struct.calcsize(form))
    if len(head) < struct.calcsize(form):
        message = "a TIFF directory lies outside the file"
        raise ValueError(message)
    count = struct.unpack(form, head)[0]
    if count > 4096:
        message = "a TIFF directory with too many tags"
        raise ValueError(message)
    start = offset + len(head)
    return fetch(start, count * entry_size), start + count * entry_size, entry_size


def in_order(value: Value, order: str, wanted: str) -> Value:
    """The value with its numbers turned from one byte order into another."""
    size = _WORDS.get(value.type, 1)
    if order == wanted or size == 1:
        return value
    words = range(0, len(value.data) - size + 1, size)
    return Value(value.type, value.count, b"".join(value.data[i : i + size][::-1] for i in words))


def integers(value: Value | None, order: str) -> tuple[int, ...]:
    """Whole numbers of a value; empty when it is absent or of another type."""
    if value is None or value.type not in _INTEGERS:
        return ()
    return struct.unpack(f"{order}{value.count}{_INTEGERS[value.type]}", value.data)


@dataclass
class TagSet:
    """A page's tags, read and set by their whole numbers."""

    values: dict[int, Value]
    order: str

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Whole numbers of a tag; empty when it is absent or of another type."""
        return integers(self.values.get(tag), self.order)

    def number(self, tag: int, default: int) -> int:
        """First whole number of a tag."""
        return (*self.numbers(tag), default)[0]

    def array(self, tag: int) -> np.ndarray:
        """The same as uint64, for tags of very many numbers."""
        value = self.values.get(tag)
        if value is None or value.type not in _INTEGERS:
            return np.empty(0, np.uint64)
        kind = f"{self.order}u{SIZES[value.type]}"
        return np.frombuffer(value.data, kind, value.count).astype(np.uint64)

    def put(self, tag: int, numbers: Sequence[int] | np.ndarray) -> None:
        """Set a tag, unless these are its numbers already."""
        wanted = np.asarray(numbers).astype(np.uint64)
        if np.array_equal(self.array(tag), wanted):
            return
        most = int(wanted.max(initial=0))
        kind = SHORT if most < 1 << 16 else LONG if most < 1 << 32 else LONG8
        data = wanted.astype(f"{self.order}u{SIZES[kind]}").tobytes()
        self.values[tag] = Value(kind, len(wanted), data)


def ratios(value: Value | None, order: str) -> tuple[float, ...]:
    """Numbers of a RATIONAL value; a zero denominator gives 0."""
    if value is None or value.type != RATIONAL:
        return ()
    parts = struct.unpack(f"{order}{2 * value.count}I", value.data)
    return tuple(a / b if b else 0.0 for a, b in zip(parts[::2], parts[1::2], strict=True))


def write_directory(
    tags: Mapping[int, Value], order: str, offset: int, *, big: bool = False, following: int = 0
) -> bytes:
    """A directory that will stand at ``offset`` of a block, its long values behind it.

    ``big`` makes it one of a BigTIFF; ``following`` is the next directory's offset, 0 for none.
    """
    count, entry, place, inline = ("Q", "HHQ", "Q", 8) if big else ("H", "HHI", "I", 4)
    entries, values = [], bytearray()
    table = struct.calcsize(order + count) + len(tags) * (struct.calcsize(order + entry) + inline)
    after = offset + table + inline
    for tag in sorted(tags):
        value = tags[tag]
        if len(value.data) <= inline:
            field = value.data.ljust(inline, b"\0")
        else:
            field = struct.pack(order + place, after + len(values))
            values += value.data + bytes(len(value.data) % 2)
        entries.append(struct.pack(order + entry, tag, value.type, value.count) + field)
    head, end = struct.pack(order + count, len(tags)), struct.pack(order + place, following)
    return head + b"".join(entries) + end + values


def bytes_fetch(data: bytes) -> Fetch:
    """Fetch from bytes."""
    return lambda offset, length: data[offset : offset + length]
