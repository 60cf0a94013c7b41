"""PNG, 8 or 16 bits, written strip by strip.

Pillow has no 16-bit RGB, holds a whole picture, and takes twice the time for a file that is hardly
smaller.
Source: PNG, third edition (W3C).
"""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

import numpy as np

from photochrom.photo.photo import Coloring, Metadata, strips, to_depth
from photochrom.photo.png import SIGNATURE, XMP_HEAD, chunk
from photochrom.photo.png_comments import text_chunk

_DEFLATE_LEVEL = 1  # grain is noise, on which a higher level only takes longer
_SUB_FILTER = 1
_METERS_PER_INCH = 0.0254


def write_png(
    coloring: Coloring, file: BinaryIO, metadata: Metadata, alpha: np.ndarray | None
) -> None:
    """Write an RGB or RGBA PNG of the coloring's depth strip by strip."""
    height, width, depth = coloring.height, coloring.width, coloring.depth
    file.write(SIGNATURE)
    color_type = 2 if alpha is None else 6
    _write(file, b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0))
    if metadata.icc is not None:
        _write(file, b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata.icc))
    if metadata.dpi is not None:
        x, y = (round(number / _METERS_PER_INCH) for number in metadata.dpi)
        _write(file, b"pHYs", struct.pack(">IIB", x, y, 1))
    if metadata.exif is not None:
        _write(file, b"eXIf", metadata.exif)
    if metadata.xmp is not None:
        _write(file, b"iTXt", XMP_HEAD + metadata.xmp)
    for text in metadata.texts:
        file.write(text_chunk(text))
    deflate = zlib.compressobj(_DEFLATE_LEVEL, strategy=zlib.Z_FILTERED)
    for start, stop in strips(height, width):
        samples = coloring.rgb(start, stop)
        if alpha is not None:
            samples = np.dstack((samples, to_depth(alpha[start:stop], depth)))
        _write(file, b"IDAT", deflate.compress(_filtered(samples)))
    _write(file, b"IDAT", deflate.flush())
    _write(file, b"IEND", b"")


def _filtered(samples: np.ndarray) -> memoryview:
    """Rows of big-endian bytes, each less its left neighbor, behind the filter's number."""
    pixel = samples.dtype.itemsize * samples.shape[2]
    stored = np.ascontiguousarray(samples, f">u{samples.dtype.itemsize}")
    rows = stored.view(np.uint8).reshape(samples.shape[0], -1)
    out = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    out[:, 0] = _SUB_FILTER
    out[:, 1 : 1 + pixel] = rows[:, :pixel]
    np.subtract(rows[:, pixel:], rows[:, :-pixel], out=out[:, 1 + pixel :])
    return out.data


def _write(file: BinaryIO, kind: bytes, payload: bytes) -> None:
    if payload or kind != b"IDAT":  # the compressor may keep everything back for now
        file.write(chunk(kind, payload))
