"""Pixels of a TIFF's page that lie in the file as they are, whole rows at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from photochrom.errors import UnreadablePhoto
from photochrom.photo import tiff_tags as t
from photochrom.photo.photo import strips
from photochrom.photo.tiff import WIDE, TiffFacts

Strips = Iterator[tuple[int, int, np.ndarray]]
"""First row, first column, and samples (n, m, channels), integers in native byte order."""


def is_plain(facts: TiffFacts) -> bool:
    """Whether the samples lie in the file as whole bytes, neither packed nor reversed."""
    return (
        facts.compression == t.PLAIN
        and not facts.has_bits_reversed
        and (facts.bits in (8, 16) or (facts.bits == WIDE and facts.is_wide))
        and facts.photometric != t.YCBCR
    )


def plain_strips(facts: TiffFacts) -> Strips:
    """Samples of a page that is plain: its colors, and alpha if it has one."""
    height, width = facts.size
    kept = facts.colors + facts.has_alpha
    planes, together = (kept, 1) if facts.is_planar else (1, facts.channels)
    kind = "i" if t.SIGNED in facts.numbers(t.SAMPLE_FORMAT) and facts.is_wide else "u"
    dtype = np.dtype(f"{facts.header.order}{kind}{facts.bits // 8}")
    for start, stop in strips(height, width * -(-together // 4)):  # of many channels, fewer rows
        parts = [
            _rows(facts, plane, start, stop, together * dtype.itemsize)
            .view(dtype)
            .reshape(stop - start, width, together)
            for plane in range(planes)
        ]
        samples = parts[0] if planes == 1 else np.concatenate(parts, -1)
        yield start, 0, samples.astype(dtype.newbyteorder("="), copy=False)


def _rows(facts: TiffFacts, plane: int, start: int, stop: int, pixel: int) -> np.ndarray:
    """Bytes of these rows of a plane (n, width * pixel), from whichever strips or tiles have them.

    ``pixel`` is the bytes of one.
    """
    grid, (offsets, _) = facts.grid, facts.segments
    out = np.empty((stop - start, grid.width * pixel), np.uint8)
    row = start
    while row < stop:
        down, inside = divmod(row, grid.rows)
        end = min(stop, (down + 1) * grid.rows)
        for across in range(grid.across):
            index = (plane * grid.down + down) * grid.across + across
            left = across * grid.columns
            right = min(left + grid.columns, grid.width)
            place = out[row - start : end - start, left * pixel : right * pixel]
            _read(facts, int(offsets[index]) + inside * grid.row_bytes, place)
        row = end
    return out


def _read(facts: TiffFacts, offset: int, place: np.ndarray) -> None:
    """Set ``place`` (n, m) to rows of which each begins that of a strip or tile at ``offset``."""
    rows, wanted = place.shape
    row_bytes = facts.grid.row_bytes
    # The last row may end with its last pixel: some writers leave out what only fills a tile.
    size = (rows - 1) * row_bytes + wanted
    is_whole = place.flags.c_contiguous and wanted == row_bytes
    buffer = place if is_whole else np.empty((rows, row_bytes), np.uint8)
    facts.file.seek(offset)
    if facts.file.readinto(buffer.reshape(-1)[:size].data) != size:  # type: ignore[attr-defined]
        message = "it is cut short"
        raise UnreadablePhoto(message)
    if not is_whole:
        place[:] = buffer[:, :wanted]
