"""Reading a photograph from a file, bytes, a Pillow picture or an array."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from photochrom.errors import (
    MissingExtra,
    PhotochromError,
    PhotoError,
    PhotoTooLarge,
    UnreadablePhoto,
    UnsupportedPhoto,
    WrongInput,
)
from photochrom.photo.atomic import reason_of
from photochrom.photo.containers import Pages, open_container
from photochrom.photo.kinds import HEAD_BYTES, kind_of
from photochrom.photo.metadata import kept_profile, metadata_of
from photochrom.photo.opened import Opened
from photochrom.photo.orientation import stated_orientation, upright, without_orientation
from photochrom.photo.photo import Metadata, Photo, strips
from photochrom.photo.pixels import converted, pixels_of_array
from photochrom.photo.profiles import (
    changes_levels,
    gray_to_srgb,
    srgb_profile,
    through_table,
)
from photochrom.photo.quiet import quiet_pillow
from photochrom.photo.tiff import Tiff
from photochrom.photo.toning import tone_of
from photochrom.photo.xmp_parts import without_lost_parts

MAX_PIXELS = 500_000_000
_CUT_SHORT = re.compile(r"truncat|premature|unexpected end|too small|end of (file|data)|eof", re.I)

_BYTES = (bytes, bytearray, memoryview)

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | Image.Image | np.ndarray


def read(source: Source, *, max_pixels: int = MAX_PIXELS, page: int = 0) -> Photo:
    """Read a photograph and turn it upright.

    Args:
        source: a file's path; the bytes of a file; a Pillow picture; or an array (H, W) or
            (H, W, 1 to 4) of uint8, uint16 or floats within 0..1 (kept as 16 bits), whose channels
            are gray, gray and alpha, RGB, or RGBA.
        max_pixels: more than these are refused before memory is taken for them.
        page: which one of a TIFF or PDF, counted from 0.

    Returns:
        The photo, at the file's own depth: 8 or 16 bits.

    Raises:
        UnreadablePhoto: no file, no picture, damaged or cut short.
        PhotoTooLarge: more than ``max_pixels``.
        UnsupportedPhoto: a kind, depth or layout that would lose something.
        MissingExtra: 16 bits per channel in color, JPEG XL and PDF need the extra "archive".
        WrongInput: ``source`` is none of the above.
    """
    if isinstance(source, np.ndarray):
        with _naming("the given array"):
            return _read_array(source, max_pixels)
    if isinstance(source, Image.Image):
        with _naming("the given picture"), quiet_pillow():
            return _read_image(source, max_pixels)
    if isinstance(source, _BYTES):
        with _naming(_page_of("the given bytes", page)), quiet_pillow():
            return _read_file(io.BytesIO(source), max_pixels, page)
    with _naming(_page_of(str(path := _path(source)), page)), _file(path) as file, quiet_pillow():
        return _read_file(file, max_pixels, page)


def _page_of(name: str, page: int) -> str:
    """The name with the page, for errors, unless that is the first."""
    return f"{name}, page {page + 1}," if page else name


def page_count(source: str | os.PathLike[str] | bytes | bytearray | memoryview) -> int:
    """How many pages a TIFF or PDF has; of any other file 1. Raises as :func:`read` does."""
    if isinstance(source, _BYTES):
        with _naming("the given bytes"):
            return len(Pages(io.BytesIO(source)))
    with _naming(str(path := _path(source))), _file(path) as file:
        return len(Pages(file))


def size_of(source: str | os.PathLike[str], page: int = 0) -> tuple[int, int]:
    """Rows and columns of a file's first picture, a PDF's ``page``, or a TIFF's largest, as stored.

    Only the file's head is read, and nothing is decoded.

    Raises as :func:`read` does, but for what only the pixels show.
    """
    size = 0, 0

    def note(height: int, width: int) -> None:
        nonlocal size
        _limit(height, width, MAX_PIXELS)
        size = height, width
        raise _Enough

    path = _path(source)
    with _naming(str(path)), _file(path) as file, quiet_pillow(), suppress(_Enough):
        if kind_of(file.read(HEAD_BYTES)) == "TIFF":
            # Of the pages that can be told; who reads them says what is wrong with the others.
            size = max(Tiff(file).sizes, key=lambda size: size[0] * size[1])
            _limit(*size, MAX_PIXELS)
            return size
        file.seek(0)
        open_container(file, note, page)
    return size


class _Enough(Exception):
    """Ends the reading of a file whose size is known."""


def read_pages(
    source: str | os.PathLike[str] | bytes | bytearray | memoryview, *, max_pixels: int = MAX_PIXELS
) -> Iterator[Photo]:
    """Read the pages of a TIFF or PDF one after the other; any other file is a single page.

    Arguments and errors as for :func:`read`. ``max_pixels`` is that of a page, and only one page
    is held at a time. Errors name the page. A file that lost pages at its end is refused before
    the first one is given.
    """
    name = "the given bytes" if isinstance(source, _BYTES) else str(_path(source))
    pages: Pages | None = None
    page = 0
    while pages is None or page < len(pages):
        # Opened anew for every page: whoever takes the pages may stop, or be slow.
        with ExitStack() as stack:
            stack.enter_context(_naming(_page_of(name, page)))
            file: BinaryIO = (
                io.BytesIO(source)
                if isinstance(source, _BYTES)
                else stack.enter_context(_file(_path(source)))
            )
            stack.enter_context(quiet_pillow())
            pages = pages or Pages(file)
            photo = _photo(pages.open(file, page, lambda h, w: _limit(h, w, max_pixels)))
        yield photo
        page += 1


def _read_file(file: BinaryIO, max_pixels: int, page: int) -> Photo:
    """Any kind of file."""
    return _photo(open_container(file, lambda h, w: _limit(h, w, max_pixels), page))


def _photo(opened: Opened) -> Photo:
    """The photo of pixels that are as stored, and of metadata as found."""
    pixels, metadata = opened.pixels, opened.metadata
    table = None
    if metadata.icc is not None and not pixels.was_color:
        depth = pixels.luma.dtype.itemsize * 8
        table = gray_to_srgb(metadata.icc, depth)
        if table is not None:
            metadata = replace(metadata, icc=srgb_profile())
            table = table if changes_levels(table, depth) else None
        if table is not None:
            for start, stop in strips(*pixels.luma.shape):
                pixels.luma[start:stop] = through_table(pixels.luma[start:stop], table)
    stated = opened.orientation or stated_orientation(metadata)
    turn = 1 if opened.is_upright else stated
    metadata = without_orientation(metadata, stated)
    alpha, pixels.alpha = pixels.alpha, None
    tone = tone_of(np.concatenate(pixels.swatches)) if pixels.was_color else None
    return Photo(
        luma=upright(pixels.luma, turn),
        alpha=None if alpha is None else upright(alpha, turn),
        metadata=replace(
            metadata,
            icc=kept_profile(metadata.icc),
            xmp=without_lost_parts(metadata.xmp),
        ),
        format=opened.format,
        was_color=pixels.was_color and tone is None,
        frames=opened.frames,
        compression=opened.compression,
        tone=tone,
        jpeg=pixels.jpeg and pixels.jpeg.after(touched=turn != 1 or table is not None),
    )


def _read_image(image: Image.Image, max_pixels: int) -> Photo:
    """A picture that somebody else opened, perhaps not yet decoded."""
    _limit(image.height, image.width, max_pixels)
    if ";16" in str(getattr(image, "tile", "")) and not image.mode.startswith("I"):
        message = "Pillow keeps 8 of its 16 bits per channel; give the file's path or bytes instead"
        raise UnsupportedPhoto(message)
    try:
        image.load()
        metadata = metadata_of(image, image.format or "")
        pixels, metadata = converted(image, metadata)
        frames = int(getattr(image, "n_frames", 1))
    except (ValueError, AssertionError) as error:
        if "closed" not in str(error) and not isinstance(error, AssertionError):  # of a with block
            raise
        message = "it was closed before its pixels were read; color it while it is open"
        raise UnreadablePhoto(message) from error
    return _photo(Opened(pixels, metadata, image.format or "PNG", frames))


def _read_array(array: np.ndarray, max_pixels: int) -> Photo:
    """An array; it is copied."""
    shape = array.shape
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or not 1 <= array.shape[2] <= 4:
        message = f"its shape is {shape}, not (H, W) or (H, W, 1 to 4)"
        raise UnsupportedPhoto(message)
    if array.dtype.kind != "f" and array.dtype.newbyteorder("=") not in (np.uint8, np.uint16):
        message = f"its dtype is {array.dtype}, not uint8, uint16 or floats within 0..1"
        raise UnsupportedPhoto(message)
    _limit(array.shape[0], array.shape[1], max_pixels)
    return _photo(Opened(pixels_of_array(array), Metadata(), "PNG"))


def _limit(height: int, width: int, max_pixels: int) -> None:
    """Refuse a picture of too many pixels, or of none."""
    if height < 1 or width < 1:
        message = "it has no pixels"
        raise UnreadablePhoto(message)
    if height * width > max_pixels:
        message = f"it claims {width} x {height} pixels; the limit is {max_pixels:,} in all"
        raise PhotoTooLarge(message)


def _path(source: object) -> Path:
    """The path that a source is, as the last thing it can be."""
    if isinstance(source, str | os.PathLike):
        return Path(os.fsdecode(source))
    message = f"a photo is a path, bytes, a Pillow picture or an array, not {type(source).__name__}"
    raise WrongInput(message)


@contextmanager
def _file(path: Path) -> Iterator[BinaryIO]:
    """The file, open for reading; a device or pipe could go on forever and is refused."""
    try:
        if path.exists() and not path.is_file():
            message = "it is a folder" if path.is_dir() else "it is not an ordinary file"
            raise UnreadablePhoto(message)
        file = path.open("rb")
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        missing = isinstance(error, FileNotFoundError)
        reason = reason_of(error) if isinstance(error, OSError) else str(error)
        message = "there is no such file" if missing else reason
        raise UnreadablePhoto(message) from error
    with file:
        yield file


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Turn whatever the decoders raise into one line that names the photo.

    Decoders fail on damaged files in every way there is, hence the broad net.
    """
    prefix = f"{_one_line(name)} cannot be read"
    try:
        yield
    except PhotoError as error:
        message = f"{prefix}: {_one_line(str(error))}"
        raise type(error)(message) from error
    except MissingExtra as error:
        where = _one_line(name).removesuffix(",")
        raise MissingExtra(error.extra, f"{where}: {error.what}") from error
    except PhotochromError:
        raise
    except (MemoryError, Image.DecompressionBombError) as error:
        message = f"{prefix}: it is too large for this computer"
        raise PhotoTooLarge(message) from error
    except Exception as error:
        said = _one_line(str(error))[:120]
        short = isinstance(error, EOFError) or _CUT_SHORT.search(said)
        # By these Pillow speaks of the file; the texts of others are of Python's own affairs.
        is_of_file = said and isinstance(error, OSError | SyntaxError)
        reason = f"it is damaged ({said})" if is_of_file else "it is damaged"
        message = f"{prefix}: {'it is cut short' if short else reason}"
        raise UnreadablePhoto(message) from error


def _one_line(text: str) -> str:
    """Text without line breaks, runs of spaces, and what could steer a terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in " ".join(text.split()))
