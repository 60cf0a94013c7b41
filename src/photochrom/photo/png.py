"""What Pillow is silent about in a PNG: 16 bits cut to 8, missing rows, a clear level that is lost.

Source: PNG, third edition (W3C).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, BinaryIO, cast

import numpy as np
from PIL import Image

from photochrom.errors import MissingExtra, UnreadablePhoto
from photochrom.photo.photo import strips
from photochrom.photo.pixels import Pixels, put_strip
from photochrom.photo.png_texts import XMP_KEYWORD
from photochrom.photo.profiles import Convert

if TYPE_CHECKING:
    from PIL.PngImagePlugin import PngImageFile

SIGNATURE = b"\x89PNG\r\n\x1a\n"
XMP_HEAD = XMP_KEYWORD.encode() + bytes(5)  # no compression, no language, no translation
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by color type
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
          (0, 1, 1, 2))  # fmt: skip
"""First column and row, and steps across and down, of each pass of an interlaced picture."""
_READ_BYTES = 1 << 20
_OF_METADATA = (b"eXIf", b"iTXt", b"tEXt", b"zTXt")


@dataclass(frozen=True)
class _Header:
    width: int
    height: int
    depth: int
    color_type: int
    interlaced: bool

    @classmethod
    def of(cls, file: BinaryIO) -> _Header:
        file.seek(len(SIGNATURE) + 8)
        width, height, depth, color_type, _, _, interlace = struct.unpack(">IIBBBBB", file.read(13))
        return cls(width, height, depth, color_type, interlace != 0)

    @property
    def filtered_bytes(self) -> int:
        """Bytes of the whole picture before they are packed: each row has one of its filter."""
        bits, total = self.depth * _CHANNELS[self.color_type], 0
        for left, top, across, down in _ADAM7 if self.interlaced else ((0, 0, 1, 1),):
            columns, rows = -((left - self.width) // across), -((top - self.height) // down)
            if columns > 0:
                total += max(0, rows) * (1 + (columns * bits + 7) // 8)
        return total


def is_deep_color(head: bytes) -> bool:
    """Whether a PNG's first bytes announce 16 bits in more than one channel."""
    return len(head) >= 26 and head[24] == 16 and _CHANNELS.get(head[25], 0) > 1


def check_rows(file: BinaryIO, image: Image.Image) -> None:
    """See that a PNG had bytes for every row of ``image``, which Pillow decoded of it.

    Pillow leaves rows black, and is silent, where the packed bytes end well but too early. They are
    counted only where that can be: in interlaced pictures, and where the last row is black.

    Raises:
        UnreadablePhoto: rows are missing. The text is the reason alone.
    """
    header = _Header.of(file)
    last = image.crop((0, image.height - 1, image.width, image.height))
    if not header.interlaced and np.asarray(last).any():
        return
    rows, left = _Inflated(file), header.filtered_bytes
    while left > 0:
        left -= len(rows.read(min(left, _READ_BYTES)))


def scale_clear_level(head: bytes, image: Image.Image) -> None:
    """Bring the level that means transparent to 8 bits, as Pillow brings the pixels.

    Of gray of 2 and 4 bits it leaves the level as the file has it, and nothing would be clear.
    """
    clear = image.info.get("transparency")
    if head[25] == 0 and head[24] in (2, 4) and isinstance(clear, int):
        image.info["transparency"] = clear * 255 // (2 ** head[24] - 1)


def read_deep_png(file: BinaryIO, clear: object, convert: Convert | None) -> Pixels:
    """Pixels of a 16-bit PNG of several channels.

    ``clear`` is the RGB that means transparent; ``convert`` brings the colors to sRGB.

    Raises:
        MissingExtra: imagecodecs is not installed.
        UnreadablePhoto: cut short or damaged. The text is the reason alone.
    """
    try:
        import imagecodecs
    except ImportError as error:
        raise MissingExtra("archive", "keeping 16 bits per channel") from error
    header = _Header.of(file)
    color_type = header.color_type
    clear_rgb = np.asarray(clear, np.uint16) if isinstance(clear, tuple) else None
    pixels = Pixels(np.empty((header.height, header.width), np.uint16))
    if color_type != 2 or clear_rgb is not None:
        pixels.alpha = np.empty_like(pixels.luma)
    for start, samples in _strips(file, header, imagecodecs):
        if color_type == 2 and clear_rgb is not None:
            opaque = (samples != clear_rgb).any(axis=2, keepdims=True) * np.uint16(65535)
            samples = np.concatenate((samples, opaque), axis=2)
        put_strip(pixels, start, samples, convert=convert)
    return pixels


def _strips(
    file: BinaryIO, header: _Header, imagecodecs: ModuleType
) -> Iterator[tuple[int, np.ndarray]]:
    """First row and samples (n, W, channels) of each strip.

    libpng decodes whole files only, which at 16 bits would be gigabytes. So each strip's filtered
    rows become a small file of their own, behind the last row of the strip before, to which their
    filters refer.
    """
    if header.interlaced:
        file.seek(0)
        decoded = imagecodecs.png_decode(file.read())
        for start, stop in strips(header.height, header.width):
            yield start, decoded[start:stop]
        return
    row_bytes = 1 + 2 * header.width * _CHANNELS[header.color_type]
    rows = _Inflated(file)
    last = bytes(row_bytes)
    for start, stop in strips(header.height, header.width):
        filtered = last + rows.read((stop - start) * row_bytes)
        small = (header.width, stop - start + 1, 16, header.color_type, 0, 0, 0)
        decoded = imagecodecs.png_decode(
            SIGNATURE
            + chunk(b"IHDR", struct.pack(">IIBBBBB", *small))
            + chunk(b"IDAT", zlib.compress(filtered, 0))
            + chunk(b"IEND", b"")
        )
        last = b"\0" + decoded[-1].astype(">u2").tobytes()
        yield start, decoded[1:]


class _Inflated:
    """The picture's bytes, inflated as they are asked for."""

    def __init__(self, file: BinaryIO) -> None:
        self._packed = _picture_bytes(file)
        self._inflate = zlib.decompressobj()

    def read(self, count: int) -> bytes:
        """The next bytes; UnreadablePhoto when there are fewer."""
        parts = []
        while count:
            packed = self._inflate.unconsumed_tail or next(self._packed, b"")
            part = self._inflate.decompress(packed, count)
            if not part and not packed:
                message = "it is cut short"
                raise UnreadablePhoto(message)
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


def _picture_bytes(file: BinaryIO) -> Iterator[bytes]:
    """Payload of the IDAT chunks piece by piece, their checksums checked."""
    for kind, length in chunks(file):
        if kind != b"IDAT":
            continue
        checksum = zlib.crc32(kind)
        while length:
            piece = file.read(min(length, _READ_BYTES))
            if not piece:
                return
            checksum = zlib.crc32(piece, checksum)
            length -= len(piece)
            yield piece
        if file.read(4) != struct.pack(">I", checksum):
            message = "it is damaged (a checksum differs)"
            raise UnreadablePhoto(message)


def read_late_chunks(file: BinaryIO, image: Image.Image) -> None:
    """Put into ``image.info`` what stands behind the picture, unless Pillow has read to the end.

    It does when it decodes the only frame. Its own parsers are called, which unpack no text to more
    than a megabyte.
    """
    parsers = cast("PngImageFile", image).png
    if parsers is None:
        return
    is_behind = False
    for kind, length in chunks(file):
        is_behind = is_behind or kind == b"IDAT"
        if is_behind and kind in _OF_METADATA:
            parsers.call(kind, file.tell(), length)


def chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Kind and length of each chunk before the last, the file standing at its payload."""
    position = len(SIGNATURE)
    while True:
        file.seek(position)
        head = file.read(8)
        length, kind = struct.unpack(">I4s", head) if len(head) == 8 else (0, b"IEND")
        if kind == b"IEND":
            return
        yield kind, length
        position += 12 + length


def chunk(kind: bytes, payload: bytes) -> bytes:
    """A chunk with its length and checksum."""
    checksum = struct.pack(">I", zlib.crc32(payload, zlib.crc32(kind)))
    return b"".join((struct.pack(">I", len(payload)), kind, payload, checksum))
