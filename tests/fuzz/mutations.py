"""Damage to files: blind, and by the structure that each kind of file has."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence

import numpy as np

from tests.fuzz.seeds import Seed

_MAGIC = b"\x89PNG\r\n\x1a\n"
_ODD_BYTES = (0, 1, 2, 3, 4, 8, 16, 127, 128, 254, 255)
_HEAD = 64
"""Half of the blind changes go into so many first bytes, which decide most."""

Change = Callable[[bytearray, bytes, np.random.Generator], bytearray]
"""(file, bytes of another file, generator) -> the changed file."""


def mutated(seeds: Sequence[Seed], rng: np.random.Generator) -> tuple[str, bytes]:
    """One damaged file, and what it was made of."""
    seed, other = (seeds[int(rng.integers(len(seeds)))] for _ in range(2))
    data, done = bytearray(seed.data), []
    for _ in range(int(rng.geometric(0.6))):
        change = _CHANGES[int(rng.integers(len(_CHANGES)))]
        data = change(data, other.data, rng)
        done.append(change.__name__)
    if data[:8] == _MAGIC and rng.random() < 0.8:
        _repair_checksums(data)
    return f"{seed.name}: {', '.join(done)} ({other.name})", bytes(data)


def _place(data: bytearray, rng: np.random.Generator, room: int = 1) -> int:
    """A position that has ``room`` bytes behind it where the file is that long."""
    last = max(1, len(data) - room + 1)
    return int(rng.integers(min(last, _HEAD) if rng.random() < 0.5 else last))


def flip_bits(data: bytearray, other: bytes, rng: np.random.Generator) -> bytearray:
    for _ in range(int(rng.integers(1, 9)) if data else 0):
        data[_place(data, rng)] ^= 1 << int(rng.integers(8))
    return data


def set_bytes(data: bytearray, other: bytes, rng: np.random.Generator) -> bytearray:
    for _ in range(int(rng.integers(1, 4)) if data else 0):
        data[_place(data, rng)] = int(rng.choice(_ODD_BYTES))
    return data


def cut(data: bytearray, other: bytes, rng: np.random.Generator) -> bytearray:
    most = len(data) if rng.random() < 0.5 else min(len(data), 20)
    return data[: len(data) - int(rng.integers(most + 1))]


def append(data: bytearray, other: bytes, rng: np.random.Generator) -> bytearray:
    tail = rng.bytes(int(rng.integers(1, 200))) if rng.random() < 0.5 else other
    return data + tail


def set_number(data: bytearray, other: bytes, rng: np.random.Generator) -> bytearray:
    """A field of 2, 4 or 8 bytes becomes extreme, or off by one: lengths, offsets, sizes."""
    letter = "HIQ"[int(rng.integers(3))]
    layout = "<>"[int(rng.integers(2))] + letter
    width = struct.calcsize(layout)
    if len(data) < width:
        return data
    at, most = _place(data, rng, width), 2 ** (8 * width) - 1
    now = struct.unpack_from(layout, data, at)[0]
    values = (0, 1, now + 1, now - 1, now * 2, len(data), most, most // 2, most // 2 + 1, 65500)
    struct.pack_into(layout, data, at, int(values[int(rng.integers(len(values)))]) & most)
    return data


def _span(data: bytes, rng: np.random.Generator) -> tuple[int, int]:
    start = int(rng.integers(len(data) + 1))
    return start, min(len(data), start + int(rng.geometric(1 / 40)))


def remove(data: bytearray, other: bytes, rng: np.random.Generator) -> bytearray:
    start, stop = _span(data, rng)
    del data[start:stop]
    return data


def repeat(data: bytearray, other: bytes, rng: np.random.Generator) -> bytearray:
    start, stop = _span(data, rng)
    piece = data[start:stop] * int(rng.choice([1, 1, 2, 50]))
    data[stop:stop] = piece
    return data


def splice(data: bytearray, other: bytes, rng: np.random.Generator) -> bytearray:
    """Bytes of another file, put in or put over."""
    start, stop = _span(other, rng)
    at = _place(data, rng)
    end = at if rng.random() < 0.5 else at + stop - start
    data[at:end] = other[start:stop]
    return data


def swap_head(data: bytearray, other: bytes, rng: np.random.Generator) -> bytearray:
    """The first bytes of another file, often of another kind, before this one's rest."""
    length = int(rng.choice([4, 8, 12, 16, 26, 33, 64]))
    data[:length] = other[:length]
    return data


def change_structure(data: bytearray, other: bytes, rng: np.random.Generator) -> bytearray:
    """Whole chunks, segments or tags, whichever this kind of file has."""
    if data[:8] == _MAGIC:
        return _change_chunks(data, _chunks(other), rng)
    if data[:2] == b"\xff\xd8":
        return _change_segment(data, rng)
    if data[:4] in (b"II*\0", b"MM\0*"):
        return _change_tag(data, rng)
    return set_number(data, other, rng)


def _chunks(data: bytes) -> list[bytes]:
    """A PNG's chunks with their lengths and checksums; none for other files."""
    found, at = [], 8
    while data[:8] == _MAGIC and at + 12 <= len(data):
        length = 12 + struct.unpack_from(">I", data, at)[0]
        found.append(bytes(data[at : at + length]))
        at += length
    return found


def _change_chunks(data: bytearray, others: Sequence[bytes], rng: np.random.Generator) -> bytearray:
    chunks = _chunks(data)
    if not chunks:
        return data
    which = int(rng.integers(len(chunks)))
    step = int(rng.integers(4))
    if step == 0:
        chunks.pop(which)
    elif step == 1:
        chunks.insert(int(rng.integers(len(chunks) + 1)), chunks[which])
    elif step == 2 and others:
        chunks.insert(which, others[int(rng.integers(len(others)))])
    else:
        body = bytearray(chunks[which])
        body[8:-4] = set_number(bytearray(body[8:-4]), b"", rng)
        chunks[which] = bytes(body)
    return bytearray(_MAGIC + b"".join(chunks))


def _repair_checksums(data: bytearray) -> None:
    """Right checksums, so that what lies behind them is looked at."""
    at = 8
    while at + 12 <= len(data):
        length = struct.unpack_from(">I", data, at)[0]
        end = at + 8 + length
        if end + 4 > len(data):
            return
        struct.pack_into(">I", data, end, zlib.crc32(data[at + 4 : end]))
        at = end + 4


def _change_segment(data: bytearray, rng: np.random.Generator) -> bytearray:
    """One of a JPEG's segments: doubled, removed, or a number inside it changed."""
    places, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        length = 2 + struct.unpack_from(">H", data, at + 2)[0]
        places.append((at, at + length))
        at += length
    places.append((at, min(len(data), at + 14)))
    start, stop = places[int(rng.integers(len(places)))]
    segment, step = data[start:stop], int(rng.integers(4))
    if step == 0:
        data[start:stop] = b""
    elif step == 1:
        data[stop:stop] = segment
    elif step == 2:
        data[start:stop] = set_number(segment, b"", rng)
    else:
        data[start:stop] = set_bytes(segment, b"", rng)
    return data


def _change_tag(data: bytearray, rng: np.random.Generator) -> bytearray:
    """One entry of a TIFF's first directory: its tag, type, count or value."""
    order = "<" if data[:2] == b"II" else ">"
    if len(data) < 10:
        return data
    start = struct.unpack_from(order + "I", data, 4)[0]
    if start + 14 > len(data):
        return data
    count = struct.unpack_from(order + "H", data, start)[0]
    entry = start + 2 + 12 * int(rng.integers(max(1, count)))
    if entry + 12 > len(data):
        return data
    at, layout = ((0, "H"), (2, "H"), (4, "I"), (8, "I"), (8, "H"))[int(rng.integers(5))]
    odd = (0, 1, 2, 3, 4, 5, 8, 12, 16, 255, 4096, 65535, 2**31, 2**32 - 1, len(data))
    most = 2 ** (8 * struct.calcsize(layout)) - 1
    value = odd[int(rng.integers(len(odd)))] & most
    struct.pack_into(order + layout, data, entry + at, value)
    return data


_CHANGES: tuple[Change, ...] = (
    flip_bits, set_bytes, set_bytes, cut, append, set_number, set_number, remove, repeat, splice,
    swap_head, change_structure, change_structure, change_structure,
)  # fmt: skip
