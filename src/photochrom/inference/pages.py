"""Files of several pages: each page read, colored and written before the next one is touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photochrom.errors import WrongInput
from photochrom.inference.names import beside, result_of
from photochrom.inference.tint import laid_out
from photochrom.photo.decode import page_count, read, read_pages
from photochrom.photo.encode import Page, write_pages
from photochrom.photo.kinds import KIND_OF_SUFFIX
from photochrom.photo.photo import Photo

if TYPE_CHECKING:
    from photochrom.inference.colorizer import Colorizer

PAGED = ("TIFF", "PDF")
"""Formats whose pages are photographs, each by itself."""


def place_beside(source: Path) -> Path:
    """The default name of a single result: a TIFF where it is to hold several pages of a PDF."""
    place = beside(source)
    is_pdf = KIND_OF_SUFFIX.get(source.suffix.lower()) == "PDF"
    return place.with_suffix(".tif") if is_pdf and page_count(source) > 1 else place


def transfer(
    colorizer: Colorizer, source: Any, destination: Any, kind: str | None, **options: Any
) -> Photo:
    """Read ``source`` and write it colored: all pages of a TIFF or PDF to a TIFF, else the first.

    ``destination`` is a path or a binary stream, ``kind`` a format, or None for that of results of
    the source's kind (TIFF for a PDF of several pages), ``options`` as for :meth:`Colorizer.write`.
    Returns the first page as read; its ``frames`` is 1 when all of a file's pages were written.
    """
    is_file = isinstance(source, str | Path | bytes | bytearray | memoryview)
    if not is_file or kind not in (None, "TIFF"):
        pages = iter((source if isinstance(source, Photo) else read(source),))
    else:
        pages = read_pages(source)
    first = next(pages)
    has_pages = first.format in PAGED and first.frames > 1
    kind = kind or ("TIFF" if has_pages else result_of(first.format))
    # A photograph that was read before is one page; the others of its file are not at hand.
    if not is_file or kind != "TIFF" or not has_pages:
        has_color = colorizer.write(first, destination, format=kind, **options)
        return replace(first, came_out_gray=not has_color)
    if options.get("hints"):
        message = f"hints are for photographs of one page, and this one has {first.frames}"
        raise WrongInput(message)
    with_provenance = options.get("provenance", True)
    gray: list[bool] = []
    write_pages(
        _colored(colorizer, chain([first], pages), gray, options.get("side_by_side", False)),
        destination,
        provenance=colorizer.provenance() if with_provenance else None,
    )
    return replace(first, frames=1, came_out_gray=all(gray))


def _colored(
    colorizer: Colorizer, photos: Iterable[Photo], gray: list[bool], side_by_side: bool
) -> Iterator[Page]:
    """Each photo as a page that is ready to be written; ``gray`` gets whether it has no color."""
    for photo in photos:
        tint = colorizer.tint(photo)
        gray.append(tint.is_gray)
        coloring, alpha = laid_out(photo, tint, side_by_side=side_by_side)
        yield Page(coloring, photo.metadata, alpha, photo.compression)
