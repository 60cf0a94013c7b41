"""Files of several pages: each page read, colored and written before the next one is touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photochrom.errors import WrongInput
from photochrom.inference.tint import laid_out
from photochrom.photo.decode import read, read_pages
from photochrom.photo.encode import FORMATS as WRITTEN
from photochrom.photo.encode import Page, write_pages
from photochrom.photo.photo import Photo

if TYPE_CHECKING:
    from photochrom.inference.colorizer import Colorizer


def transfer(
    colorizer: Colorizer, source: Any, destination: Any, kind: str | None, **options: Any
) -> Photo:
    """Read ``source`` and write it colored: all pages from TIFF to TIFF, else the first.

    ``destination`` is a path or a binary stream, ``kind`` a format, or None for the source's own
    (PNG where that is not written), ``options`` as for :meth:`Colorizer.write`. Returns the first
    page as read; its ``frames`` is 1 when all of a file's pages were written.
    """
    is_file = isinstance(source, str | Path | bytes | bytearray | memoryview)
    if not is_file or kind not in (None, "TIFF"):
        pages = iter((source if isinstance(source, Photo) else read(source),))
    else:
        pages = read_pages(source)
    first = next(pages)
    kind = kind or (first.format if first.format in WRITTEN else "PNG")
    # A photograph that was read before is one page; the others of its file are not at hand.
    if not is_file or kind != "TIFF" or first.format != "TIFF" or first.frames == 1:
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
