"""TIFF, 8 or 16 bits, written page by page and strip by strip with its metadata.

A picture is stored as its source was: plain, or packed with LZW or deflate. Both pack differences
of neighbors, on which deflate's fastest level is quicker and gives a smaller file than a thorough
one on the samples themselves.
Sources: TIFF 6.0; Adobe Photoshop TIFF technical notes (deflate); BigTIFF.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from PIL import Image

from photochrom.photo import tiff_tags as tiff
from photochrom.photo.exif import (
    IPTC,
    ORIENTATION,
    RESOLUTION_UNIT,
    X_RESOLUTION,
    Y_RESOLUTION,
    directories_of,
    value_of,
    with_subdirectories,
)
from photochrom.photo.iptc import bytes_of_resources
from photochrom.photo.photo import Coloring, Metadata, rows_per_strip, strips, to_depth
from photochrom.photo.tags import (
    BYTE,
    LONG,
    LONG8,
    UNDEFINED,
    Value,
    bytes_fetch,
    in_order,
    integers,
    read_directory,
    read_header,
)

COMPRESSIONS = {"none": 1, "lzw": 5, "deflate": 8}
"""How a page may be stored -> the number that TIFF gives it."""

_DEFLATE_LEVEL = 1
_HORIZONTAL_DIFFERENCE = 2
_UNASSOCIATED_ALPHA = 2
_PAGE_OF_SEVERAL = 2
_HEADER_BYTES = 16  # BigTIFF's; an ordinary one needs 8, and which it is shows at the end
_MOST_BYTES = (1 << 32) - 1  # of an ordinary TIFF: its offsets have 32 bits


@dataclass(frozen=True)
class _Page:
    """A page whose pixels are written, and whose directory is not."""

    tags: Mapping[int, Value]
    subs: Mapping[int, Mapping[int, Value]]
    offsets: list[int]
    lengths: list[int]


class TiffWriter:
    """Writes pages one after the other; ``close`` writes their directories and the header.

    The file becomes a BigTIFF only where it grows beyond 4 GB.
    """

    def __init__(self, file: BinaryIO) -> None:
        """``file`` must be seekable."""
        self._file = file
        self._order = ""
        self._pages: list[_Page] = []
        self._position = file.write(bytes(_HEADER_BYTES))

    def add(
        self,
        coloring: Coloring,
        metadata: Metadata,
        alpha: np.ndarray | None,
        compression: str = "deflate",
    ) -> None:
        """Write one RGB or RGBA page of the coloring's depth, stored as ``COMPRESSIONS`` says."""
        order, directories = directories_of(metadata.exif or b"")
        # The first page's EXIF decides the byte order, so that few values need be turned.
        self._order = self._order or order
        turned = {
            pointer: {tag: in_order(value, order, self._order) for tag, value in tags.items()}
            for pointer, tags in directories.items()
        }
        tags = turned.pop(0)
        tags |= _layout(coloring, alpha is not None, compression, self._order)
        tags |= _metadata(metadata, self._order)
        page = _Page(tags, turned, [], [])
        for start, stop in strips(coloring.height, coloring.width):
            samples = coloring.rgb(start, stop)
            if alpha is not None:
                samples = np.dstack((samples, to_depth(alpha[start:stop], coloring.depth)))
            coded = _coded(samples, compression, self._order)
            page.offsets.append(self._position)
            page.lengths.append(len(coded))
            self._position += self._file.write(coded)
        self._position += self._file.write(bytes(self._position % 2))
        self._pages.append(page)

    def close(self) -> None:
        """Finish the file."""
        # Only a BigTIFF's offsets fit whatever the size; its directories are the longer ones, too.
        directories = self._directories(big=True)
        big = self._position + len(directories) > _MOST_BYTES
        if not big:
            directories = self._directories(big=False)
        self._file.write(directories)
        self._file.seek(0)
        self._file.write(b"II" if self._order == "<" else b"MM")
        form, head = ("HHHQ", (43, 8, 0)) if big else ("HI", (42,))
        self._file.write(struct.pack(self._order + form, *head, self._position))

    def _directories(self, *, big: bool) -> bytes:
        """Directories of all pages, each pointing to the next."""
        out = bytearray()
        for number, page in enumerate(self._pages, start=1):
            tags = dict(page.tags)
            tags[tiff.STRIP_OFFSETS] = _numbers(page.offsets, self._order, big=big)
            tags[tiff.STRIP_BYTES] = _numbers(page.lengths, self._order, big=False)
            if len(self._pages) > 1:
                tags[tiff.SUBFILE] = _numbers([_PAGE_OF_SEVERAL], self._order, big=False)
            out += with_subdirectories(
                tags,
                page.subs,
                self._order,
                self._position + len(out),
                big=big,
                last=number == len(self._pages),
            )
        return bytes(out)


def _coded(samples: np.ndarray, compression: str, order: str) -> bytes | memoryview:
    """A strip as it lies in the file."""
    if compression != "none":
        # Each sample less its left neighbor: photographs pack better so.
        out = samples.copy()
        np.subtract(samples[:, 1:], samples[:, :-1], out=out[:, 1:])
        samples = out
    stored = np.ascontiguousarray(samples, f"{order}u{samples.dtype.itemsize}")
    data = stored.data.cast("B")
    if compression == "lzw":
        return _lzw(data, rows=stored.shape[0])
    return zlib.compress(data, _DEFLATE_LEVEL) if compression == "deflate" else data


def _lzw(data: memoryview, rows: int) -> bytes:
    """LZW of a strip's bytes: Pillow packs them as rows of gray in a small TIFF of one strip."""
    buffer = io.BytesIO()
    image = Image.fromarray(np.frombuffer(data, np.uint8).reshape(rows, -1))
    image.save(buffer, "TIFF", compression="tiff_lzw", strip_size=len(data))
    whole = buffer.getvalue()
    fetch = bytes_fetch(whole)
    header = read_header(fetch)
    tags = read_directory(fetch, header, header.first)
    (start,) = integers(tags[tiff.STRIP_OFFSETS], header.order)
    (length,) = integers(tags[tiff.STRIP_BYTES], header.order)
    return whole[start : start + length]


def _layout(coloring: Coloring, has_alpha: bool, compression: str, order: str) -> dict[int, Value]:
    """Tags that say how the pixels lie."""
    channels = 4 if has_alpha else 3
    tags = {
        tiff.WIDTH: _numbers([coloring.width], order, big=False),
        tiff.HEIGHT: _numbers([coloring.height], order, big=False),
        tiff.BITS: value_of((coloring.depth,) * channels, order),
        tiff.COMPRESSION: value_of((COMPRESSIONS[compression],), order),
        tiff.PHOTOMETRIC: value_of((tiff.RGB,), order),
        ORIENTATION: value_of((1,), order),
        tiff.SAMPLES: value_of((channels,), order),
        tiff.ROWS_PER_STRIP: _numbers([rows_per_strip(coloring.width)], order, big=False),
        tiff.PLANAR: value_of((1,), order),
    }
    if compression != "none":
        tags[tiff.PREDICTOR] = value_of((_HORIZONTAL_DIFFERENCE,), order)
    if has_alpha:
        tags[tiff.EXTRA_SAMPLES] = value_of((_UNASSOCIATED_ALPHA,), order)
    return tags


def _metadata(metadata: Metadata, order: str) -> dict[int, Value]:
    """Tags for resolution, profile, XMP and IPTC."""
    tags = {}
    if metadata.dpi is not None:
        tags[X_RESOLUTION] = value_of(metadata.dpi[0], order)
        tags[Y_RESOLUTION] = value_of(metadata.dpi[1], order)
        tags[RESOLUTION_UNIT] = value_of((2,), order)
    for tag, kind, data in (
        (tiff.ICC, UNDEFINED, metadata.icc),
        (tiff.XMP, BYTE, metadata.xmp),
        (IPTC, UNDEFINED, metadata.iptc),
        (tiff.RESOURCES, BYTE, bytes_of_resources(metadata.resources) or None),
    ):
        if data is not None:
            tags[tag] = Value(kind, len(data), data)
    return tags


def _numbers(numbers: list[int], order: str, *, big: bool) -> Value:
    """Whole numbers of 32 bits, or of 64 for offsets of a BigTIFF."""
    kind, letter = (LONG8, "Q") if big else (LONG, "I")
    return Value(kind, len(numbers), struct.pack(f"{order}{len(numbers)}{letter}", *numbers))
