"""Baseline TIFF, 8 or 16 bits, written strip by strip with its metadata.

Source: TIFF 6.0 (deflate: Adobe Photoshop TIFF technical notes).
"""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

import numpy as np

from photochrom.errors import UnwritablePhoto
from photochrom.photo import tiff
from photochrom.photo.exif import (
    ORIENTATION,
    RESOLUTION_UNIT,
    X_RESOLUTION,
    Y_RESOLUTION,
    directories_of,
    value_of,
    with_subdirectories,
)
from photochrom.photo.photo import Coloring, Metadata, rows_per_strip, strips, to_depth
from photochrom.photo.tags import BYTE, LONG, UNDEFINED, Value

_DEFLATE = 8
_DEFLATE_LEVEL = 3
_HORIZONTAL_DIFFERENCE = 2
_UNASSOCIATED_ALPHA = 2
_ROWS_PER_STRIP = 278


def write_tiff(
    coloring: Coloring, file: BinaryIO, metadata: Metadata, alpha: np.ndarray | None
) -> None:
    """Write an RGB or RGBA TIFF of the coloring's depth; ``file`` must be seekable.

    Raises:
        UnwritablePhoto: more than 4 GB. The text is the reason alone.
    """
    # The photo's EXIF decides the byte order, so that its values need not be turned around.
    order, directories = directories_of(metadata.exif or b"")
    file.write((b"II*\0" if order == "<" else b"MM\0*") + bytes(4))
    offsets, lengths, position = [], [], 8
    for start, stop in strips(coloring.height, coloring.width):
        samples = coloring.rgb(start, stop)
        if alpha is not None:
            samples = np.dstack((samples, to_depth(alpha[start:stop], coloring.depth)))
        coded = zlib.compress(_differences(samples, order), _DEFLATE_LEVEL)
        offsets.append(position)
        lengths.append(len(coded))
        position += len(coded)
        file.write(coded)
    file.write(bytes(position % 2))
    position += position % 2
    if position > (1 << 32) - (1 << 24):
        message = "a TIFF holds at most 4 GB; choose PNG"
        raise UnwritablePhoto(message)
    tags = directories.pop(0) | _layout(coloring, alpha is not None, order)
    tags[tiff.STRIP_OFFSETS] = _longs(offsets, order)
    tags[tiff.STRIP_BYTES] = _longs(lengths, order)
    tags |= _metadata(metadata, order)
    file.write(with_subdirectories(tags, directories, order, position))
    file.seek(4)
    file.write(struct.pack(order + "I", position))


def _differences(samples: np.ndarray, order: str) -> bytes:
    """Each sample less its left neighbor: photographs pack better so."""
    out = samples.copy()
    np.subtract(samples[:, 1:], samples[:, :-1], out=out[:, 1:])
    return out.astype(f"{order}u{out.dtype.itemsize}", copy=False).tobytes()


def _layout(coloring: Coloring, has_alpha: bool, order: str) -> dict[int, Value]:
    """Tags that say how the pixels lie."""
    channels = 4 if has_alpha else 3
    tags = {
        tiff.WIDTH: _longs([coloring.width], order),
        tiff.HEIGHT: _longs([coloring.height], order),
        tiff.BITS: value_of((coloring.depth,) * channels, order),
        tiff.COMPRESSION: value_of((_DEFLATE,), order),
        tiff.PHOTOMETRIC: value_of((tiff.RGB,), order),
        ORIENTATION: value_of((1,), order),
        tiff.SAMPLES: value_of((channels,), order),
        _ROWS_PER_STRIP: _longs([rows_per_strip(coloring.width)], order),
        tiff.PLANAR: value_of((1,), order),
        tiff.PREDICTOR: value_of((_HORIZONTAL_DIFFERENCE,), order),
    }
    if has_alpha:
        tags[tiff.EXTRA_SAMPLES] = value_of((_UNASSOCIATED_ALPHA,), order)
    return tags


def _metadata(metadata: Metadata, order: str) -> dict[int, Value]:
    """Tags for resolution, profile and XMP."""
    tags = {}
    if metadata.dpi is not None:
        tags[X_RESOLUTION] = value_of(metadata.dpi[0], order)
        tags[Y_RESOLUTION] = value_of(metadata.dpi[1], order)
        tags[RESOLUTION_UNIT] = value_of((2,), order)
    if metadata.icc is not None:
        tags[tiff.ICC] = Value(UNDEFINED, len(metadata.icc), metadata.icc)
    if metadata.xmp is not None:
        tags[tiff.XMP] = Value(BYTE, len(metadata.xmp), metadata.xmp)
    return tags


def _longs(numbers: list[int], order: str) -> Value:
    return Value(LONG, len(numbers), struct.pack(f"{order}{len(numbers)}I", *numbers))
