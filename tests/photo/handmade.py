"""TIFFs with every byte where a test wants it, for what no library writes."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

import numpy as np

from photochrom.photo import tiff_tags
from photochrom.photo.exif import value_of
from photochrom.photo.tags import LONG, Value, write_directory

NONE = Value(LONG, 0, b"")
"""For a tag that is left out."""


def longs(*values: int, order: str = "<") -> Value:
    return Value(LONG, len(values), struct.pack(f"{order}{len(values)}I", *values))


def shorts(*values: int, order: str = "<") -> Value:
    return value_of(values, order)


def packed_rows(samples: np.ndarray, bits: int, order: str = "<") -> bytes:
    """Samples (n, m, channels) as the bytes of their rows, each row beginning a byte."""
    if bits in (8, 16, 32):
        return samples.astype(f"{order}u{bits // 8}").tobytes()
    each = samples.reshape(samples.shape[0], -1)
    ones = (each[..., None] >> np.arange(bits - 1, -1, -1)) & 1
    return np.packbits(ones.reshape(len(each), -1).astype(np.uint8), axis=1).tobytes()


def segments(samples: np.ndarray, tile: tuple[int, int] | None, rows: int) -> Iterator[np.ndarray]:
    """Strips of ``rows`` rows, or whole tiles, of samples (H, W, channels)."""
    height, width, _ = samples.shape
    if tile is None:
        yield from (samples[row : row + rows] for row in range(0, height, rows))
        return
    down, across = (
        -(-side // step) * step - side for side, step in zip((height, width), tile, strict=True)
    )
    padded = np.pad(samples, ((0, down), (0, across), (0, 0)))
    for row in range(0, height, tile[0]):
        for column in range(0, width, tile[1]):
            yield padded[row : row + tile[0], column : column + tile[1]]


def handmade(
    samples: np.ndarray,
    *,
    bits: int = 8,
    order: str = "<",
    photometric: int = 1,
    tile: tuple[int, int] | None = None,
    rows: int = 0,
    planar: bool = False,
    compression: int = 1,
    pack: Callable[[bytes], bytes] = bytes,
    under: str = "",
    gap: int = 0,
    big: bool = False,
    **tags: Value | Callable[[list[int], list[int]], Value],
) -> bytes:
    """A TIFF of ``samples`` (H, W) or (H, W, channels) that are whole numbers of ``bits`` bits.

    ``pack`` compresses a segment's bytes; ``under`` is the name that tables of offsets stand under,
    "TILE" or "STRIP"; ``gap`` bytes lie between segments. ``tags`` are set by the names that
    ``photo.tiff_tags`` has for them, or made of the segments' offsets and lengths, and come last.
    The directory stands before the pixels, so that the file may be cut within them.
    """
    samples = samples if samples.ndim == 3 else samples[..., None]
    height, width, channels = samples.shape
    rows = rows or height
    planes = np.split(samples, channels, axis=2) if planar else [samples]
    parts = [
        pack(packed_rows(part, bits, order))
        for plane in planes
        for part in segments(plane, tile, rows)
    ]
    under = under or ("STRIP" if tile is None else "TILE")
    values = {
        "WIDTH": longs(width, order=order), "HEIGHT": longs(height, order=order),
        "BITS": shorts(*[bits] * channels, order=order),
        "COMPRESSION": shorts(compression, order=order),
        "PHOTOMETRIC": shorts(photometric, order=order),
        "SAMPLES": shorts(channels, order=order),
        "PLANAR": shorts(2 if planar else 1, order=order),
    }  # fmt: skip
    if tile is None:
        values["ROWS_PER_STRIP"] = longs(rows, order=order)
    else:
        values["TILE_WIDTH"], values["TILE_HEIGHT"] = (longs(n, order=order) for n in tile[::-1])

    lengths = [len(part) for part in parts]

    def directory(start: int) -> bytes:
        offsets = [start + sum(lengths[:n]) + n * gap for n in range(len(parts))]
        tables = {
            f"{under}_OFFSETS": longs(*offsets, order=order),
            f"{under}_BYTES": longs(*lengths, order=order),
        }
        made = {k: v(offsets, lengths) if callable(v) else v for k, v in tags.items()}
        entries = {**values, **tables, **made}
        numbered = {getattr(tiff_tags, k): v for k, v in entries.items() if v.count}
        return write_directory(numbered, order, 16 if big else 8, big=big)

    start = (16 if big else 8) + len(directory(0))
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "H", 43 if big else 42)
    head += struct.pack(order + "HHQ", 8, 0, 16) if big else struct.pack(order + "I", 8)
    return head + directory(start) + (bytes(gap)).join(parts)
