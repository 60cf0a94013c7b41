"""The pages of a TIFF, what their tags say, and what of that is refused.

Source: TIFF 6.0.
"""

from __future__ import annotations

import copy
import functools
from contextlib import suppress
from typing import BinaryIO

import numpy as np

from photochrom.errors import UnreadablePhoto
from photochrom.photo import tiff_tags as t
from photochrom.photo.exif import (
    EXIF_DIRECTORY,
    GPS_DIRECTORY,
    IPTC,
    block_of,
    resolution,
    stated_by,
)
from photochrom.photo.iptc import IPTC_RESOURCE, on_copyright, resources_of
from photochrom.photo.photo import Metadata
from photochrom.photo.profiles import fitting
from photochrom.photo.tags import (
    Fetch,
    Header,
    TagSet,
    chained_directory,
    claimed_bytes,
    read_directory,
    read_header,
)
from photochrom.photo.tiff_layout import Grid, grid_of, places_of, stated_lengths
from photochrom.photo.tiff_mending import mended
from photochrom.photo.tiff_view import starting_at, with_directory

WIDE = 32
"""Bits of numbers that programs keep levels of 8 or 16 bits in."""
_NAMES = {t.PLAIN: "none", t.LZW: "lzw"}
_SPACES = {
    t.WHITE_IS_ZERO: "GRAY", t.BLACK_IS_ZERO: "GRAY", t.CMYK: "CMYK", t.LAB: "LAB",
    t.ICC_LAB: "LAB",
}  # fmt: skip
"""Color spaces, as profiles name them, of what is not RGB or made of it."""
_REDUCED_OR_MASK = 1 | 4  # of the tag SUBFILE
_MOST_PAGES = 65_536
_MOST_BELOW = 16


class Tiff:
    """A TIFF file's pages: its directories but for reduced pictures and masks.

    A file of nothing else has the whole pictures below its first directory as pages, or that one.
    ``places`` are the offsets of the pages' directories, ``sizes`` the (height, width) that they
    state, 0 where they state none.
    """

    def __init__(self, file: BinaryIO) -> None:
        """Find them. ValueError when the file is no TIFF.

        A chain that leads nowhere ends there, when it is the first page's: some writers leave such
        a pointer. Behind several pages it means that the file lost its end. It leads nowhere, too,
        once the directories take more bytes than the file has: they lie over each other.
        """
        self.file = file
        self._size = file.seek(0, 2)
        self.header: Header = read_header(self.fetch)
        self.places: list[int] = []
        self.sizes: list[tuple[int, int]] = []
        first_size = 0, 0
        self._lost = self._unread = taken = 0
        offset, seen, number = self.header.first, set[int](), 0
        while offset and offset not in seen and number < _MOST_PAGES:
            try:
                following, length, has_tags, numbers = chained_directory(
                    self.fetch, self.header, offset, (t.SUBFILE, t.WIDTH, t.HEIGHT)
                )
            except ValueError:
                if number == 0:
                    raise
                length = self._size + 1  # more than there is
            taken += length
            if taken > self._size:
                self._lost = number + 1 if number > 1 else 0
                break
            size = numbers.get(t.HEIGHT, 0), numbers.get(t.WIDTH, 0)
            first_size = size if number == 0 else first_size
            if has_tags and not numbers.get(t.SUBFILE, 0) & _REDUCED_OR_MASK:
                self.places.append(offset)
                self.sizes.append(size)
            seen.add(offset)
            offset, number = following, number + 1
        else:
            self._unread = offset if offset not in seen else 0
        if not self.places:
            self.places, self.sizes = [self.header.first], [first_size]
            self._take_from_below()

    def _take_from_below(self) -> None:
        """Take the pictures of its sub-directories for those of a first page that is reduced."""
        tags = TagSet(read_directory(self.fetch, self.header, self.header.first), self.header.order)
        below = list[tuple[int, tuple[int, int]]]()
        for offset in tags.numbers(t.SUB_DIRECTORIES)[:_MOST_BELOW]:
            with suppress(ValueError):
                numbers = chained_directory(
                    self.fetch, self.header, offset, (t.SUBFILE, t.WIDTH, t.HEIGHT)
                )[3]
                if not numbers.get(t.SUBFILE, 0) & _REDUCED_OR_MASK and t.WIDTH in numbers:
                    below.append((offset, (numbers.get(t.HEIGHT, 0), numbers[t.WIDTH])))
        if below:
            self.places, self.sizes = [place for place, _ in below], [size for _, size in below]

    @property
    def fetch(self) -> Fetch:
        """Bytes of the file, by offset and length."""

        def read(offset: int, length: int) -> bytes:
            if offset >= self._size:
                return b""
            self.file.seek(offset)
            return self.file.read(min(length, self._size - offset))

        return read

    def check(self) -> None:
        """Raise :class:`UnreadablePhoto` when pages are missing at the end, or are too many."""
        if self._lost:
            message = f"it is cut short: page {self._lost} is missing"
            raise UnreadablePhoto(message)
        if self._unread:
            message = f"it has more than {_MOST_PAGES:,} pages"
            raise UnreadablePhoto(message)

    def page(self, index: int) -> TiffFacts:
        """Facts of a page."""
        return TiffFacts(self, self.places[index], self._size)


class TiffFacts:
    """Tags of one page, as they are meant."""

    def __init__(self, tiff: Tiff, place: int, size: int) -> None:
        """``place`` is the offset of its directory, ``size`` the bytes of the file."""
        self.file, self.header, self._place = tiff.file, tiff.header, place
        self.file_size, self._fetch = size, tiff.fetch
        stated = read_directory(tiff.fetch, tiff.header, place)
        order = tiff.header.order
        self.tags = mended(stated, order, size)
        self.is_mended = self.tags != stated
        self.is_cut, self.states_lengths = stated_lengths(TagSet(stated, order), size)
        self._set = TagSet(self.tags, order)
        self.bits = max(self.numbers(t.BITS) or (1,))
        self.channels = self.number(t.SAMPLES, 1)
        self.photometric = self.number(t.PHOTOMETRIC, t.BLACK_IS_ZERO)
        self.colors = t.COLORS.get(self.photometric, 0)
        self.is_planar = self.number(t.PLANAR, 1) == 2 and self.channels > 1
        self.compression = self.number(t.COMPRESSION, t.PLAIN)

    @property
    def file_from_here(self) -> BinaryIO:
        """The file as if this page were its first, with the tags as they are meant."""
        if self.is_mended:
            return with_directory(self.file, self.header, self.tags)
        return starting_at(self.file, self.header, self._place)

    def with_lengths(self, lengths: np.ndarray) -> TiffFacts:
        """The same page with other lengths of its strips or tiles."""
        other = copy.copy(self)
        tags = TagSet(dict(self.tags), self.header.order)
        tags.put(t.TILE_BYTES if self.grid.is_tiled else t.STRIP_BYTES, lengths)
        other.tags, other._set, other.segments = tags.values, tags, (self.segments[0], lengths)
        other.is_mended = self.is_mended or other.tags != self.tags
        return other

    @property
    def claimed_bytes(self) -> int:
        """Bytes in the file that the values of all tags claim, taken together."""
        return claimed_bytes(self._fetch, self.header, self._place)

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Integers of a tag."""
        return self._set.numbers(tag)

    def array(self, tag: int) -> np.ndarray:
        """Integers of a tag that has very many, as uint64."""
        return self._set.array(tag)

    def number(self, tag: int, default: int) -> int:
        """First integer of a tag."""
        return self._set.number(tag, default)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) as stored."""
        return self.number(t.HEIGHT, 0), self.number(t.WIDTH, 0)

    @functools.cached_property
    def grid(self) -> Grid:
        """How the page is cut into strips or tiles."""
        return grid_of(self._set)

    @functools.cached_property
    def segments(self) -> tuple[np.ndarray, np.ndarray]:
        """Offsets and lengths of the strips or tiles."""
        return places_of(self._set)

    @property
    def has_bits_reversed(self) -> bool:
        """Whether the first pixel is in the lowest bit of a byte, not in the highest."""
        return self.number(t.FILL_ORDER, 1) == 2

    @property
    def orientation(self) -> int | None:
        """Orientation 1..8, or None when no tag says."""
        return stated_by(self.tags, self.header.order)

    @property
    def is_wide(self) -> bool:
        """Whether the pixels are gray in numbers of 32 bits, which may be levels of 8 or 16."""
        is_gray = self.photometric == t.BLACK_IS_ZERO and self.channels == 1
        return is_gray and self.bits == WIDE

    @property
    def has_alpha(self) -> bool:
        """Whether the first extra channel is alpha (associated or not) or may be taken for it."""
        extra = self.number(t.EXTRA_SAMPLES, 2 if self.channels == self.colors + 1 else 0)
        return self.channels > self.colors and extra in (1, 2)

    @property
    def is_associated(self) -> bool:
        """Whether the colors were multiplied by alpha."""
        return self.has_alpha and self.number(t.EXTRA_SAMPLES, 2) == 1

    @property
    def stored_as(self) -> str:
        """How a colored copy is to be stored: "none", "lzw" or "deflate"."""
        return _NAMES.get(self.compression, "deflate")

    def metadata(self) -> Metadata:
        """EXIF (rebuilt from the tags), profile, XMP, IPTC and resolution."""
        directories = {0: self.tags}
        for pointer in (EXIF_DIRECTORY, GPS_DIRECTORY):
            for offset in self.numbers(pointer)[:1]:
                try:
                    directories[pointer] = read_directory(self._fetch, self.header, offset)
                except ValueError:
                    continue
        icc, xmp = self.tags.get(t.ICC), self.tags.get(t.XMP)
        iptc, held = self.tags.get(IPTC), self.tags.get(t.RESOURCES)
        resources = resources_of(held.data if held else None)
        return Metadata(
            exif=block_of(directories, self.header.order),
            icc=fitting(icc.data if icc else None, _SPACES.get(self.photometric, "RGB")),
            xmp=xmp.data if xmp else None,
            dpi=resolution(self.tags, self.header.order),
            iptc=iptc.data if iptc else resources.get(IPTC_RESOURCE) or None,
            resources=on_copyright(resources),
        )
