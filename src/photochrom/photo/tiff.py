"""What the tags of a TIFF's pages say.

Source: TIFF 6.0; Adobe's technical notes (Lab as ICC means it).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, BinaryIO, cast

from photochrom.errors import PhotoTooLarge, UnreadablePhoto, UnsupportedPhoto
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
    Value,
    chained_directory,
    claimed_bytes,
    integers,
    read_directory,
    read_header,
)

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIP_OFFSETS, SAMPLES, STRIP_BYTES, PLANAR, PREDICTOR = 273, 277, 279, 284, 317
TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_BYTES = 322, 323, 324, 325
EXTRA_SAMPLES, SAMPLE_FORMAT = 338, 339
SUBFILE, FILL_ORDER, ROWS_PER_STRIP, INK_SET = 254, 266, 278, 332
XMP, ICC, RESOURCES, DNG_VERSION = 700, 34675, 34377, 50706
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR, LAB, ICC_LAB = 0, 1, 2, 3, 5, 6, 8, 9
PLAIN, OLD_JPEG, JPEG = 1, 6, 7
COLORS = {
    WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3, LAB: 3, ICC_LAB: 3,
}  # fmt: skip
"""Channels of color by photometric interpretation."""
_SPACES = {
    WHITE_IS_ZERO: "GRAY", BLACK_IS_ZERO: "GRAY", CMYK: "CMYK", LAB: "LAB", ICC_LAB: "LAB",
}  # fmt: skip
"""Color spaces, as profiles name them, of what is not RGB or made of it."""

_MOST_GROWTH = {1: 1, 5: 4096, 8: 1040, 32946: 1040, 32773: 64}  # by compression
# Of the other compressions. Zstandard's shortest block stands for so many bytes, and a blank page
# takes hardly fewer in the codings of pictures; below some size, it says nothing.
_MOST_OTHER_GROWTH = 32_768
_ALWAYS_SMALL = 1 << 24
_MOST_CHANNELS = 64  # Photoshop has 56 at most
_NAMES = {1: "none", 5: "lzw"}
_REDUCED_OR_MASK = 1 | 4  # of the tag SUBFILE
_MOST_PAGES = 65_536


class Tiff:
    """A TIFF file's pages: its directories but for reduced pictures and masks.

    A file of nothing else has its first directory as a page. ``places`` are the offsets of the
    pages' directories, ``sizes`` the (height, width) that they state, 0 where they state none.
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
                    self.fetch, self.header, offset, (SUBFILE, WIDTH, HEIGHT)
                )
            except ValueError:
                if number == 0:
                    raise
                length = self._size + 1  # more than there is
            taken += length
            if taken > self._size:
                self._lost = number + 1 if number > 1 else 0
                break
            size = numbers.get(HEIGHT, 0), numbers.get(WIDTH, 0)
            first_size = size if number == 0 else first_size
            if has_tags and not numbers.get(SUBFILE, 0) & _REDUCED_OR_MASK:
                self.places.append(offset)
                self.sizes.append(size)
            seen.add(offset)
            offset, number = following, number + 1
        else:
            self._unread = offset if offset not in seen else 0
        if not self.places:
            self.places, self.sizes = [self.header.first], [first_size]

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


class StartingAt:
    """A TIFF file that names another directory as its first: decoders need not walk to it."""

    def __init__(self, file: BinaryIO, header: Header, place: int) -> None:
        """``place`` is the directory's offset."""
        self._file = file
        start, form = (8, "Q") if header.big else (4, "I")
        file.seek(0)
        self._head = file.read(start) + struct.pack(header.order + form, place)
        file.seek(0)

    def read(self, count: int = -1, /) -> bytes:
        """The next bytes."""
        position = self._file.tell()
        data = self._file.read(count)
        changed = self._head[position : position + len(data)]
        return changed + data[len(changed) :] if changed else data

    def __getattr__(self, name: str) -> Any:
        """All else is the file's."""
        return getattr(self._file, name)


class TiffFacts:
    """Tags of one page."""

    def __init__(self, tiff: Tiff, place: int, size: int) -> None:
        """``place`` is the offset of its directory, ``size`` the bytes of the file."""
        self.file, self.header, self._place = tiff.file, tiff.header, place
        self._fetch, self._size = tiff.fetch, size
        self.tags: Mapping[int, Value] = read_directory(tiff.fetch, tiff.header, place)
        self.bits = max(self.numbers(BITS) or (1,))
        self.channels = self.number(SAMPLES, 1)
        self.photometric = self.number(PHOTOMETRIC, BLACK_IS_ZERO)
        self.colors = COLORS.get(self.photometric, 0)
        self.is_planar = self.number(PLANAR, 1) == 2 and self.channels > 1
        self.compression = self.number(COMPRESSION, PLAIN)

    @property
    def file_from_here(self) -> BinaryIO:
        """The file as if this page were its first."""
        return cast(BinaryIO, StartingAt(self.file, self.header, self._place))

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Integers of a tag."""
        return integers(self.tags.get(tag), self.header.order)

    def number(self, tag: int, default: int) -> int:
        """First integer of a tag."""
        return (*self.numbers(tag), default)[0]

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) as stored."""
        return self.number(HEIGHT, 0), self.number(WIDTH, 0)

    @property
    def segments(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Offsets and lengths of the tiles, or of the strips; lengths may be missing."""
        return (
            self.numbers(TILE_OFFSETS) or self.numbers(STRIP_OFFSETS),
            self.numbers(TILE_BYTES) or self.numbers(STRIP_BYTES),
        )

    @property
    def has_bits_reversed(self) -> bool:
        """Whether the first pixel is in the lowest bit of a byte, not in the highest."""
        return self.number(FILL_ORDER, 1) == 2

    @property
    def orientation(self) -> int | None:
        """Orientation 1..8, or None when no tag says."""
        return stated_by(self.tags, self.header.order)

    @property
    def has_alpha(self) -> bool:
        """Whether the first extra channel is alpha (associated or not) or may be taken for it."""
        extra = self.number(EXTRA_SAMPLES, 2 if self.channels == self.colors + 1 else 0)
        return self.channels > self.colors and extra in (1, 2)

    @property
    def is_associated(self) -> bool:
        """Whether the colors were multiplied by alpha."""
        return self.has_alpha and self.number(EXTRA_SAMPLES, 2) == 1

    @property
    def stored_as(self) -> str:
        """How a colored copy is to be stored: "none", "lzw" or "deflate"."""
        return _NAMES.get(self.compression, "deflate")

    def check(self) -> None:
        """Refuse what cannot be read faithfully, before anything is allocated.

        Raises:
            UnsupportedPhoto: floating point, signed, beyond 16 bits, rare colors, raw data.
            UnreadablePhoto: the file ends before its pixels do, or its tags contradict each other.
            PhotoTooLarge: its pixels unpack to far more than any photograph's. The texts are the
                reasons alone.
        """
        self._check_kind()
        if claimed_bytes(self._fetch, self.header, self._place) > self._size:
            # Thousands of tags over the same bytes: Pillow would read every one of them.
            message = "it is damaged (its tags lie over each other)"
            raise UnreadablePhoto(message)
        offsets, lengths = self.segments
        ends = [start + length for start, length in zip(offsets, lengths, strict=False)]
        if max(ends, default=0) > self._size:
            message = "it is cut short"
            raise UnreadablePhoto(message)
        self._check_claims(sum(lengths) if lengths else self._size)

    def _check_claims(self, packed: int) -> None:
        """Refuse more bytes of pixels than the ``packed`` ones of all strips can hold."""
        height, width = self.size
        if self.compression == PLAIN and packed > self._size:
            message = "it is damaged (its strips lie over each other)"
            raise UnreadablePhoto(message)
        packed = min(packed, self._size)
        if TILE_OFFSETS in self.tags:
            down, across = self.number(TILE_HEIGHT, 0), self.number(TILE_WIDTH, 0)
            if down * across > max(height * width, _ALWAYS_SMALL):
                message = f"it is damaged (its tiles are of {across} x {down} pixels)"
                raise UnreadablePhoto(message)
        raw = height * width * self.channels * self.bits // 8
        if self.photometric == YCBCR:  # chroma may be a quarter
            raw = raw // 2
        growth = _MOST_GROWTH.get(self.compression)
        if growth and raw > growth * packed:
            message = "it is cut short"
            raise UnreadablePhoto(message)
        if raw > max(_MOST_OTHER_GROWTH * packed, _ALWAYS_SMALL):
            message = f"it claims {raw:,} bytes of pixels in {packed:,}, which is no photograph"
            raise PhotoTooLarge(message)
        if self.photometric == YCBCR and self.compression == PLAIN and packed < 2 * raw:
            message = "its YCbCr pixels are subsampled but not JPEG; save it as 8-bit RGB"
            raise UnsupportedPhoto(message)

    def _check_kind(self) -> None:
        """The part of ``check`` that does not look at the file's length."""
        formats = set(self.numbers(SAMPLE_FORMAT) or (1,))
        is_lab = self.photometric == LAB  # whose a and b are signed by nature
        advice = "save it as 8 or 16-bit gray or RGB"
        message = ""
        if DNG_VERSION in self.tags or self.photometric in (32803, 34892):
            message = "it is a raw camera file; develop it first"
        elif 3 in formats:
            message = "its pixels are floating point; save it as 16-bit gray or RGB"
        elif formats - {1, 2, 4} or (2 in formats and not is_lab) or self.bits > 16:
            signed = "signed " if 2 in formats else ""
            message = f"its pixels are {self.bits}-bit {signed}numbers of an unusual kind; {advice}"
        elif not self.colors:
            message = f"its colors are of a rare kind (photometric {self.photometric}); {advice}"
        elif self.photometric == CMYK and (self.number(INK_SET, 1) != 1 or self.channels < 4):
            message = f"its inks are not CMYK; {advice}"
        elif self.channels < self.colors:
            message = f"it has {self.channels} channels of {self.colors}; {advice}"
        elif self.channels > _MOST_CHANNELS:
            message = f"it has {self.channels:,} channels; {advice}"
        if message:
            raise UnsupportedPhoto(message)

    def metadata(self) -> Metadata:
        """EXIF (rebuilt from the tags), profile, XMP, IPTC and resolution."""
        directories = {0: self.tags}
        for pointer in (EXIF_DIRECTORY, GPS_DIRECTORY):
            for offset in self.numbers(pointer)[:1]:
                try:
                    directories[pointer] = read_directory(self._fetch, self.header, offset)
                except ValueError:
                    continue
        icc, xmp = self.tags.get(ICC), self.tags.get(XMP)
        iptc, held = self.tags.get(IPTC), self.tags.get(RESOURCES)
        resources = resources_of(held.data if held else None)
        return Metadata(
            exif=block_of(directories, self.header.order),
            icc=fitting(icc.data if icc else None, _SPACES.get(self.photometric, "RGB")),
            xmp=xmp.data if xmp else None,
            dpi=resolution(self.tags, self.header.order),
            iptc=iptc.data if iptc else resources.get(IPTC_RESOURCE) or None,
            resources=on_copyright(resources),
        )
