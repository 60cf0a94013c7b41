"""Where a page's pixels lie, even if its tags contradict each other or the file.

TileWidth and TileLength decide whether there are tiles, whatever their tables stand under; the
number of rows and of planes must agree with the tables; and the lengths with what the file has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from photochrom.photo import tiff_tags as t
from photochrom.photo.tags import TagSet

_LARGE = 1 << 62  # more bytes than any file has
_LONG_SIDE = 1 << 32  # longer than that of any picture
MOST_GROWTH = {t.PLAIN: 1, t.LZW: 4096, t.DEFLATE: 1040, t.OLD_DEFLATE: 1040, t.PACKBITS: 64}
"""How many bytes one byte can stand for at most, by compression."""
_TABLES = {
    True: ((t.TILE_OFFSETS, t.STRIP_OFFSETS), (t.TILE_BYTES, t.STRIP_BYTES)),
    False: ((t.STRIP_OFFSETS, t.TILE_OFFSETS), (t.STRIP_BYTES, t.TILE_BYTES)),
}
"""Tags of offsets and of lengths by whether there are tiles: the right one, and the other."""


@dataclass(frozen=True)
class Grid:
    """How a page of ``height`` x ``width`` pixels is cut into strips or tiles.

    Each has ``rows`` x ``columns`` pixels of ``bits`` bits, a strip at the bottom as many rows as
    are left. All of that is stored ``planes`` times, once for every channel that is stored apart.
    """

    height: int
    width: int
    rows: int
    columns: int
    bits: int
    planes: int
    is_tiled: bool

    @property
    def down(self) -> int:
        """Strips or tiles one below the other."""
        return -(-self.height // self.rows)

    @property
    def across(self) -> int:
        """Strips or tiles side by side."""
        return -(-self.width // self.columns)

    @property
    def count(self) -> int:
        """Strips or tiles in all."""
        return self.down * self.across * self.planes

    @property
    def row_bytes(self) -> int:
        """Bytes that a row of a strip or tile takes when it is not packed."""
        return -(-self.columns * self.bits // 8)

    def whole_bytes(self) -> np.ndarray:
        """Bytes of each strip or tile when it is not packed."""
        if self.is_tiled:
            return np.full(self.count, min(self.rows * self.row_bytes, _LARGE))
        return self._spread(self._rows_inside(), self.row_bytes, 0)

    def least_bytes(self) -> np.ndarray:
        """Bytes of each up to its last pixel that is in the picture."""
        starts = np.arange(self.across, dtype=np.int64) * self.columns
        columns = np.minimum(self.columns, self.width - starts)
        return self._spread(self._rows_inside() - 1, self.row_bytes, -(-columns * self.bits // 8))

    def _rows_inside(self) -> np.ndarray:
        """Rows of each, from top to bottom, that are in the picture."""
        starts = np.arange(self.down, dtype=np.int64) * self.rows
        return np.minimum(self.rows, self.height - starts)

    def _spread(self, rows: np.ndarray, row_bytes: int, more: np.ndarray | int) -> np.ndarray:
        """``rows`` rows and ``more`` bytes, of each strip or tile."""
        if self.rows * self.row_bytes >= _LARGE:
            return np.full(self.count, _LARGE)
        each = rows[:, None] * row_bytes + np.broadcast_to(more, (1, self.across))
        return np.tile(each.ravel(), self.planes)


def grid_of(page: TagSet) -> Grid:
    """How the page is cut, as its tags have it."""
    height, width = page.number(t.HEIGHT, 0), page.number(t.WIDTH, 0)
    rows, columns = page.number(t.TILE_HEIGHT, 0), page.number(t.TILE_WIDTH, 0)
    is_tiled = rows > 0 and columns > 0
    if not is_tiled:
        rows, columns = min(page.number(t.ROWS_PER_STRIP, 0) or height, height), width
    channels = page.number(t.SAMPLES, 1)
    is_planar = page.number(t.PLANAR, 1) == 2 and channels > 1
    bits = _bits_together(page, 1 if is_planar else channels)
    planes = channels if is_planar else 1
    rows, columns = (min(max(side, 1), _LONG_SIDE) for side in (rows, columns))
    return Grid(height, width, rows, columns, bits, planes, is_tiled)


def places_of(page: TagSet) -> tuple[np.ndarray, np.ndarray]:
    """Offsets and lengths of the strips or tiles, int64; lengths may be missing."""
    offsets, lengths = (_table(page, tables) for tables in _TABLES[grid_of(page).is_tiled])
    return offsets, lengths


def stated_lengths(page: TagSet, size: int) -> tuple[bool, bool]:
    """Whether strips or tiles are said to end behind the file's end, and whether all have a length.

    The file has ``size`` bytes. What is said need not be so.
    """
    offsets, lengths = places_of(page)
    both = min(len(offsets), len(lengths))
    is_beyond = bool((offsets[:both] + lengths[:both] > size).any())
    return is_beyond, both == len(offsets) and bool(lengths.all())


def mend_places(page: TagSet, size: int) -> None:
    """Make the tags that say where pixels lie agree with each other and with the file.

    ``size`` is the file's. What is missing stays so, and is refused when the page is checked.
    """
    grid = grid_of(page)
    if not (0 < grid.height < _LONG_SIDE and 0 < grid.width < _LONG_SIDE):
        return
    (offsets_tag, _), (lengths_tag, _) = right = _TABLES[grid.is_tiled]
    offsets, lengths = places_of(page)
    compression = page.number(t.COMPRESSION, t.PLAIN)
    # Of YCbCr, chroma may be less.
    is_plain = compression == t.PLAIN and page.number(t.PHOTOMETRIC, 1) != t.YCBCR
    agreeing = _agreeing(grid, page, len(offsets), lengths, is_plain=is_plain)
    if agreeing != grid:
        grid = agreeing
        page.put(t.PLANAR, [2 if grid.planes > 1 else 1])
    if not grid.is_tiled:
        stated = page.number(t.ROWS_PER_STRIP, grid.height)
        if not stated or min(stated, grid.height) != grid.rows:
            page.put(t.ROWS_PER_STRIP, [grid.rows])
    if len(offsets) >= grid.count:
        offsets = offsets[: grid.count]
        lengths = _lengths(grid, offsets, lengths, size, None if is_plain else compression)
        page.put(offsets_tag, offsets)
        page.put(lengths_tag, lengths)
    for table in right:
        page.values.pop(table[1], None)
    if not grid.is_tiled:
        page.values.pop(t.TILE_WIDTH, None)
        page.values.pop(t.TILE_HEIGHT, None)


def _agreeing(
    grid: Grid, page: TagSet, places: int, lengths: np.ndarray, *, is_plain: bool
) -> Grid:
    """The grid that agrees with the number of places, and if it can be told with their lengths."""
    covers = is_plain and len(lengths) >= grid.count and places >= grid.count
    if covers and bool((lengths[: grid.count] >= grid.whole_bytes()).all()):
        return grid
    if not is_plain and grid.count == places:
        return grid
    others = [other for other in _others(grid, page, places) if other.count == places]
    if is_plain and len(lengths) == places:
        for other in others:
            if np.array_equal(lengths, other.whole_bytes()):
                return other
    is_one = grid.is_tiled or grid.rows < grid.height
    if places == grid.count or (places > grid.count and is_one):
        return grid  # places beyond those that are needed are left alone, as libtiff does
    if places == grid.count * page.number(t.SAMPLES, 1) > grid.count:
        return grid  # as many as planes would have, or more rows: nothing tells
    for other in others:
        if other.planes <= grid.planes and (not is_plain or places == other.planes or not is_one):
            return other
    return grid


def _others(grid: Grid, page: TagSet, places: int) -> Iterator[Grid]:
    """Grids of as many places: channels together, other numbers of rows, channels apart."""
    channels = page.number(t.SAMPLES, 1)
    if grid.planes > 1:
        yield replace(grid, planes=1, bits=_bits_together(page, channels))
    if not grid.is_tiled and places >= grid.planes and places % grid.planes == 0:
        yield replace(grid, rows=-(-grid.height // (places // grid.planes)))
    if grid.planes == 1 < channels:
        yield replace(grid, planes=channels, bits=_bits_together(page, 1))


def _lengths(
    grid: Grid, offsets: np.ndarray, lengths: np.ndarray, size: int, compression: int | None
) -> np.ndarray:
    """Lengths that the file has, of as many strips or tiles as there are.

    The ``compression`` is None of samples that lie there as they are.
    """
    stated = np.zeros(grid.count, np.int64)
    stated[: len(lengths)] = lengths[: grid.count]
    left = np.maximum(size - offsets, 0)
    if compression is None:
        whole = grid.whole_bytes()
        if stated.sum() > size:
            stated = whole
        return np.where((stated <= left) & (stated >= whole), stated, np.minimum(whole, left))
    most = int(stated.sum()) * MOST_GROWTH.get(compression, _LARGE)
    is_possible = (stated > 0) & (stated <= left) & (most >= int(grid.least_bytes().sum()))
    return np.where(is_possible, stated, room_of(offsets, size))


def room_of(offsets: np.ndarray, size: int) -> np.ndarray:
    """Bytes from each of the offsets to the next larger one, or to the end of the file."""
    starts = np.unique(np.append(offsets, size))
    following = starts[np.minimum(np.searchsorted(starts, offsets, "right"), len(starts) - 1)]
    room: np.ndarray = np.clip(following - offsets, 0, np.maximum(size - offsets, 0))
    return room


def _bits_together(page: TagSet, channels: int) -> int:
    """Bits of a pixel's first ``channels`` channels."""
    bits = page.numbers(t.BITS) or (1,)
    return sum(bits[:channels]) if len(bits) >= channels else max(bits) * channels


def _table(page: TagSet, tags: tuple[int, int]) -> np.ndarray:
    """Numbers of the first of two tags that has some, int64."""
    numbers = page.array(tags[0])
    numbers = numbers if numbers.size else page.array(tags[1])
    table: np.ndarray = np.minimum(numbers, np.uint64(_LARGE)).astype(np.int64)
    return table
