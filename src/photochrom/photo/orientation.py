"""Turning a picture upright, and telling its metadata so.

Source: EXIF 2.32, tag 0x0112: where row 0 and column 0 of the stored picture are seen.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from photochrom.photo.exif import (
    orientation_of,
    with_dpi_swapped,
    with_orientation_reset,
    with_sides_swapped,
)
from photochrom.photo.photo import Metadata
from photochrom.photo.xmp import decoded, encoded

_XMP_ORIENTATION = re.compile(
    r"""(tiff:Orientation\s*=\s*["']|<tiff:Orientation>\s*)([1-8])(?=\s*["'<])"""
)


def upright(plane: np.ndarray, orientation: int) -> np.ndarray:
    """A plane (H, W) as it is to be seen; (W, H) for orientations 5 to 8. Contiguous."""
    if orientation in (5, 6, 7, 8):
        plane = plane.T
    if orientation in (3, 4, 7, 8):
        plane = plane[::-1]
    if orientation in (2, 3, 6, 7):
        plane = plane[:, ::-1]
    return np.ascontiguousarray(plane)


def stated_orientation(metadata: Metadata) -> int:
    """Orientation 1..8 by EXIF, else by XMP, else 1.

    XMP may be older than EXIF: who turns a picture and resets its EXIF often leaves it as it was.
    """
    stated = orientation_of(metadata.exif)
    if stated is None and metadata.xmp is not None:
        match = _XMP_ORIENTATION.search(decoded(metadata.xmp)[0])
        stated = int(match[2]) if match else None
    return stated or 1


def without_orientation(metadata: Metadata, orientation: int) -> Metadata:
    """The metadata of the picture after it was turned by ``orientation``."""
    exif, dpi, xmp = with_orientation_reset(metadata.exif), metadata.dpi, metadata.xmp
    if orientation >= 5:
        exif, dpi = with_sides_swapped(with_dpi_swapped(exif)), dpi and (dpi[1], dpi[0])
    if xmp is not None:
        text, encoding = decoded(xmp)
        upright_text = _XMP_ORIENTATION.sub(r"\g<1>1", text)
        xmp = xmp if upright_text == text else encoded(upright_text, encoding)
    return replace(metadata, exif=exif, xmp=xmp, dpi=dpi)
