"""16-bit PNG, in by imagecodecs and out by strips; Pillow would open it silently as 8-bit.

Source: PNG, third edition (W3C).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

import numpy as np

from photochrom.errors import MissingExtra
from photochrom.photo.exif import trimmed
from photochrom.photo.photo import Coloring, Metadata, strips, to_depth
from photochrom.photo.pixels import Pixels, pixels_of_array

SIGNATURE = b"\x89PNG\r\n\x1a\n"
XMP_KEYWORD = "XML:com.adobe.xmp"
_XMP_HEAD = XMP_KEYWORD.encode() + bytes(5)  # no compression, no language, no translation
_DEFLATE_LEVEL = 1  # the low bytes are noise, on which a higher level only takes longer
_SUB_FILTER = 1
_METERS_PER_INCH = 0.0254


def is_deep_color(head: bytes) -> bool:
    """Whether a PNG's first bytes announce 16 bits in more than one channel."""
    return len(head) >= 26 and head[24] == 16 and head[25] in (2, 4, 6)


def read_deep_png(data: bytes, name: str, clear: object) -> Pixels:
    """Pixels of a 16-bit PNG of several channels; ``clear`` is the RGB that means transparent.

    Raises:
        MissingExtra: imagecodecs is not installed.
    """
    try:
        import imagecodecs
    except ImportError as error:
        raise MissingExtra("archive", f"{name}: keeping 16 bits per channel") from error
    decoded = np.asarray(imagecodecs.png_decode(data))
    pixels = pixels_of_array(decoded.reshape(*decoded.shape[:2], -1))
    if isinstance(clear, tuple) and len(clear) == 3 and decoded.shape[2] == 3:
        pixels.alpha = np.empty_like(pixels.luma)
        for start, stop in strips(*pixels.luma.shape):
            hit = (decoded[start:stop] == np.asarray(clear, np.uint16)).all(axis=2)
            pixels.alpha[start:stop] = np.where(hit, 0, 65535)
    return pixels


def with_late_chunks(data: bytes, metadata: Metadata) -> Metadata:
    """Metadata completed by chunks behind the picture, which Pillow sees only when it decodes."""
    for kind, payload in _chunks(data):
        if kind == b"eXIf" and metadata.exif is None:
            metadata = replace(metadata, exif=trimmed(payload))
        if kind == b"iTXt" and metadata.xmp is None and payload.startswith(_XMP_HEAD):
            metadata = replace(metadata, xmp=payload[len(_XMP_HEAD) :])
    return metadata


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and payload of each chunk but the picture's."""
    position = len(SIGNATURE)
    while position + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        if kind != b"IDAT":
            yield kind, data[position + 8 : position + 8 + length]
        position += 12 + length


def write_deep_png(
    coloring: Coloring, file: BinaryIO, metadata: Metadata, alpha: np.ndarray | None
) -> None:
    """Write a 16-bit RGB or RGBA PNG strip by strip."""
    height, width = coloring.height, coloring.width
    file.write(SIGNATURE)
    color_type = 2 if alpha is None else 6
    _write(file, b"IHDR", struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, 0))
    if metadata.icc is not None:
        _write(file, b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata.icc))
    if metadata.dpi is not None:
        x, y = (round(number / _METERS_PER_INCH) for number in metadata.dpi)
        _write(file, b"pHYs", struct.pack(">IIB", x, y, 1))
    if metadata.exif is not None:
        _write(file, b"eXIf", metadata.exif)
    if metadata.xmp is not None:
        _write(file, b"iTXt", _XMP_HEAD + metadata.xmp)
    deflate = zlib.compressobj(_DEFLATE_LEVEL, strategy=zlib.Z_FILTERED)
    for start, stop in strips(height, width):
        samples = to_depth(coloring.rgb(start, stop), 16)
        if alpha is not None:
            samples = np.dstack((samples, to_depth(alpha[start:stop], 16)))
        _write(file, b"IDAT", deflate.compress(_filtered(samples)))
    _write(file, b"IDAT", deflate.flush())
    _write(file, b"IEND", b"")


def _filtered(samples: np.ndarray) -> memoryview:
    """Rows of big-endian bytes, each less its left neighbor, behind the filter's number."""
    pixel = 2 * samples.shape[2]
    rows = samples.astype(">u2").view(np.uint8).reshape(samples.shape[0], -1)
    out = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    out[:, 0] = _SUB_FILTER
    out[:, 1 : 1 + pixel] = rows[:, :pixel]
    np.subtract(rows[:, pixel:], rows[:, :-pixel], out=out[:, 1 + pixel :])
    return out.data


def _write(file: BinaryIO, kind: bytes, payload: bytes) -> None:
    if not payload and kind == b"IDAT":  # the compressor kept everything back
        return
    file.write(struct.pack(">I4s", len(payload), kind))
    file.write(payload)
    file.write(struct.pack(">I", zlib.crc32(payload, zlib.crc32(kind))))
