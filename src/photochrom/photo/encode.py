"""Writing a coloring as a photograph."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from photochrom.errors import PhotochromError, UnwritablePhoto, WrongInput
from photochrom.photo.atomic import atomic_file, reason_of
from photochrom.photo.avif import THREADS
from photochrom.photo.exif import shortened
from photochrom.photo.jpeg import write_jpeg
from photochrom.photo.jpeg_luma import JpegSource
from photochrom.photo.jpeg_segments import MOST_EXIF
from photochrom.photo.jpeg_tables import DEFAULT_QUALITY
from photochrom.photo.metadata import (
    stamped,
    with_iptc_in_exif,
    with_resolution_in_exif,
    without_iptc_in_exif,
)
from photochrom.photo.photo import LOSSLESS, Coloring, Metadata, strips, to_depth
from photochrom.photo.png_writer import write_png
from photochrom.photo.provenance import Provenance
from photochrom.photo.quiet import quiet_pillow
from photochrom.photo.texts import fitted
from photochrom.photo.tiff_writer import COMPRESSIONS, TiffWriter
from photochrom.photo.xmp import MOST_BYTES

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "AVIF")
DEEP_FORMATS = ("PNG", "TIFF")
"""Formats that keep 16 bits."""

_ALIASES = {"JPG": "JPEG", "TIF": "TIFF"}
_LONGEST_SIDE = {"WEBP": 16383, "AVIF": 32768}  # what readers take, too
_QUALITY = {"JPEG": DEFAULT_QUALITY, "WEBP": 90, "AVIF": 80}
_LOSSLESS_QUALITY = 100  # of a WebP


@dataclass(frozen=True, eq=False)
class Page:
    """One page to be written: the coloring, and what its photo brought along."""

    coloring: Coloring
    metadata: Metadata
    alpha: np.ndarray | None = None
    compression: str = "deflate"


def write(
    coloring: Coloring,
    destination: str | Path | BinaryIO,
    *,
    format: str,
    metadata: Metadata | None = None,
    alpha: np.ndarray | None = None,
    quality: int | None = None,
    provenance: Provenance | None = None,
    compression: str = "deflate",
    jpeg: JpegSource | None = None,
) -> None:
    """Write a coloring; a file appears whole or not at all.

    Args:
        coloring: the picture, asked for strip by strip.
        destination: a path, or a binary stream, which gets nothing unless the encoding ends well.
        format: "JPEG", "PNG", "TIFF", "WEBP" or "AVIF", in any case. PNG and TIFF keep a coloring's
            16 bits, the others reduce them.
        metadata: what the photo carried.
        alpha: (H, W) uint8 or uint16; a JPEG leaves it out.
        quality: 1..100 for JPEG (92 unless told), WebP (90; 100 is lossless) and AVIF (80).
        provenance: merged into EXIF and XMP.
        compression: of a TIFF: "none", "lzw" or "deflate". "lossless" is deflate, too, and makes a
            WebP without a ``quality`` a lossless one.
        jpeg: how the photo itself was coded. Without a ``quality``, a JPEG then takes the luma of a
            gray one over bit for bit, codes that of a color one by its own steps, and is at least
            as fine where the photo's luma is no longer the file's.

    Raises:
        UnwritablePhoto: no such folder, no permission, disk full, or too large for the format.
        WrongInput: an unknown format or compression, a quality out of range, or an alpha of another
            size.
    """
    kind = _ALIASES.get(format.upper(), format.upper())
    _check(coloring, kind, alpha, quality)
    metadata = metadata or Metadata()
    if kind == "TIFF":
        page = Page(coloring, metadata, alpha, compression)
        write_pages([page], destination, provenance=provenance)
        return
    metadata = _fitting(metadata, provenance, kind)
    luma = None if jpeg is None or quality is not None else jpeg.luma
    quality = quality or _quality_of_source(kind, jpeg, compression)
    with _target(destination) as file:
        if kind == "JPEG":
            write_jpeg(coloring, file, metadata, quality, luma)
        elif kind == "PNG":
            write_png(coloring, file, metadata, alpha)
        else:
            _write_by_pillow(coloring, file, kind, metadata, alpha, quality)


def write_pages(
    pages: Iterable[Page],
    destination: str | Path | BinaryIO,
    *,
    provenance: Provenance | None = None,
) -> None:
    """Write a TIFF of several pages, taking one at a time; arguments and errors as for ``write``.

    What the pages raise while they are asked for leaves the destination as it was.
    """
    with _target(destination) as file:
        writer = TiffWriter(file)
        for page in pages:
            _check(page.coloring, "TIFF", page.alpha, None)
            compression = "deflate" if page.compression == LOSSLESS else page.compression
            if compression not in COMPRESSIONS:
                message = f"a TIFF is stored as none, lzw or deflate, not {compression!r}"
                raise WrongInput(message)
            metadata = _fitting(page.metadata, provenance, "TIFF")
            writer.add(page.coloring, metadata, page.alpha, compression)
        writer.close()


def _quality_of_source(kind: str, jpeg: JpegSource | None, compression: str) -> int:
    """The quality that is taken where none is asked for: no coarser than the photo's own."""
    if kind == "JPEG" and jpeg is not None:
        return jpeg.quality
    if kind == "WEBP" and compression == LOSSLESS:
        return _LOSSLESS_QUALITY
    return _QUALITY.get(kind, 0)


def _check(coloring: Coloring, kind: str, alpha: np.ndarray | None, quality: int | None) -> None:
    """Refuse impossible arguments before anything is written."""
    if kind not in FORMATS:
        message = f"no format named {kind!r}; there are {', '.join(FORMATS)}"
        raise WrongInput(message)
    if quality is not None and not (isinstance(quality, int | np.integer) and 1 <= quality <= 100):
        message = f"quality is a whole number within 1..100, not {quality!r}"
        raise WrongInput(message)
    size = (coloring.height, coloring.width)
    if alpha is not None and alpha.shape != size:
        message = f"alpha has the shape {alpha.shape}, the picture {size}"
        raise WrongInput(message)


def _fitting(metadata: Metadata, provenance: Provenance | None, kind: str) -> Metadata:
    """Metadata with the provenance, in a form that the format can hold."""
    result = stamped(fitted(metadata, kind)[0], provenance)
    if kind != "TIFF":
        result = with_iptc_in_exif(result) if kind != "JPEG" else without_iptc_in_exif(result)
    if kind in ("WEBP", "AVIF"):
        return with_resolution_in_exif(result)
    if kind == "JPEG":
        # What is too long for a JPEG would be left out, and our statement with it.
        ours = stamped(Metadata(), provenance)
        exif = shortened(result.exif, MOST_EXIF) or ours.exif
        xmp = result.xmp if len(result.xmp or b"") <= MOST_BYTES else ours.xmp
        return replace(result, exif=exif, xmp=xmp)
    return result


@contextmanager
def _target(destination: str | Path | BinaryIO) -> Iterator[BinaryIO]:
    """A seekable file to write to, for a path or a stream."""
    if isinstance(destination, str | Path):
        with atomic_file(destination) as file, _naming(str(destination)):
            yield file
        return
    with _naming("the given stream"):
        buffer = io.BytesIO()
        yield buffer
        try:
            destination.write(buffer.getbuffer())
        except OSError as error:
            raise UnwritablePhoto(reason_of(error)) from error


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Put the destination before the reasons that writers give."""
    try:
        yield
    except UnwritablePhoto as error:
        message = f"{name} cannot be written: {' '.join(str(error).split())}"
        raise UnwritablePhoto(message) from error


def _write_by_pillow(
    coloring: Coloring,
    file: BinaryIO,
    kind: str,
    metadata: Metadata,
    alpha: np.ndarray | None,
    quality: int,
) -> None:
    """8-bit WebP and AVIF. The texts of what it raises are reasons alone."""
    longest = _LONGEST_SIDE.get(kind)
    if longest is not None and max(coloring.height, coloring.width) > longest:
        message = f"the sides of a {kind} file are at most {longest} pixels; choose PNG or TIFF"
        raise UnwritablePhoto(message)
    options: dict[str, Any] = {
        "exif": metadata.exif,
        "icc_profile": metadata.icc,
        "xmp": metadata.xmp,
    }
    options["quality"] = quality
    if kind == "AVIF":
        options["max_threads"] = THREADS
    if kind == "WEBP":
        options["lossless"] = quality == _LOSSLESS_QUALITY
        options["exact"] = True  # the luma under full transparency is the photo's, too
    options = {name: value for name, value in options.items() if value is not None}
    image = _image(coloring, alpha)
    try:
        with quiet_pillow():
            image.save(file, kind, **options)
    except (PhotochromError, OSError):
        raise
    except Exception as error:  # encoders fail in many ways
        raise UnwritablePhoto(str(error) or type(error).__name__) from error


def _image(coloring: Coloring, alpha: np.ndarray | None) -> Image.Image:
    """The coloring as an 8-bit Pillow picture, put together strip by strip."""
    size = (coloring.width, coloring.height)
    image = Image.new("RGB" if alpha is None else "RGBA", size, None)
    for start, stop in strips(coloring.height, coloring.width):
        samples = to_depth(coloring.rgb(start, stop), 8)
        if alpha is not None:
            samples = np.dstack((samples, to_depth(alpha[start:stop], 8)))
        image.paste(Image.fromarray(np.ascontiguousarray(samples)), (0, start))
    return image
