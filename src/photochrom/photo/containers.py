"""The kinds of files: each one's pixels as stored and its metadata as found.

Pillow's plugins are called one by one rather than through ``Image.open``: the list of formats is
closed, and its limit on pixels, a global of the process, is left alone for ours.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, BinaryIO

from PIL import Image

from photochrom.errors import PhotoTooLarge, UnreadablePhoto
from photochrom.photo.avif import check_depth, is_monochrome, open_avif
from photochrom.photo.bmp import profile_of_bmp
from photochrom.photo.gif import words_of_gif
from photochrom.photo.heif import open_heif
from photochrom.photo.jpeg import open_jpeg, read_jpeg
from photochrom.photo.jpeg_quirks import without_stumps
from photochrom.photo.jxl import open_jxl
from photochrom.photo.kinds import HEAD_BYTES, kind_of
from photochrom.photo.metadata import metadata_of
from photochrom.photo.opened import Limit, Opened
from photochrom.photo.orientation import stated_orientation
from photochrom.photo.pdf import open_pdf, pages_of_pdf
from photochrom.photo.photo import LOSSLESS
from photochrom.photo.pixels import converted
from photochrom.photo.plugins import open_plugin
from photochrom.photo.png import (
    check_rows,
    is_deep_color,
    read_deep_png,
    read_late_chunks,
    scale_clear_level,
)
from photochrom.photo.png_comments import texts_of_png
from photochrom.photo.pnm import comments_of_pnm
from photochrom.photo.profiles import rgb_conversion, srgb_profile
from photochrom.photo.tiff import Tiff
from photochrom.photo.tiff_checks import check_page
from photochrom.photo.tiff_page import read_page
from photochrom.photo.webp import is_lossless

_ALWAYS_SMALL = 1 << 24
_MOST_PIXELS_PER_BYTE = 20_000  # a blank page as a PNG of 1 bit has 8,000


class Pages:
    """The pages of a TIFF or PDF, found once; any other file is a single page."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises :class:`UnreadablePhoto` when pages are missing at the end of the file."""
        kind = kind_of(file.read(HEAD_BYTES))
        self._tiff = Tiff(file) if kind == "TIFF" else None
        self._count = 1
        if self._tiff is not None:
            self._tiff.check()
            self._count = len(self._tiff.places)
        elif kind == "PDF":
            self._count = pages_of_pdf(file)
        file.seek(0)

    def __len__(self) -> int:
        return self._count

    def open(self, file: BinaryIO, page: int, limit: Limit) -> Opened:
        """Decode a page, counted from 0; raises as :func:`open_container` does.

        ``file`` is the one that the pages were found in, which may have been opened anew.
        """
        if self._tiff is None:
            return open_container(file, limit, page)
        self._tiff.file = file
        return _open_tiff(self._tiff, limit, page)


def open_container(file: BinaryIO, limit: Limit, page: int = 0) -> Opened:
    """Decode a file of any kind, of several frames the first, of several pages the ``page``.

    What it raises on damage is anything (see ``decode``).
    """
    head = file.read(HEAD_BYTES)
    kind = kind_of(head)
    file.seek(0)
    if kind == "JPEG":
        return _open_jpeg(file, limit)
    if kind == "TIFF":
        return _open_tiff(Tiff(file), limit, page)
    if kind == "PDF":
        return open_pdf(file, limit, page)
    if kind in ("HEIC", "JXL"):
        checked = _with_substance(file, limit)
        return open_heif(file, checked) if kind == "HEIC" else open_jxl(file, checked, _open_jpeg)
    words: dict[str, Any] = {}
    if kind == "PNG":
        words["texts"], words["unread"], file = texts_of_png(file)
    image = open_avif(file) if kind == "AVIF" else open_plugin(kind, file)
    _with_substance(file, limit)(image.height, image.width)
    if kind == "PNG" and is_deep_color(head):
        return _open_deep_png(file, image, words, is_rgb=head[25] != 4)
    if kind == "PPM":
        words["texts"] = comments_of_pnm(file)
    if kind == "AVIF":
        check_depth(file)
    frames = _frames(image)
    image.load()
    if kind == "PNG":
        check_rows(file, image)
        read_late_chunks(file, image)
        scale_clear_level(head, image)
    if kind == "BMP":
        image.info["icc_profile"] = profile_of_bmp(file)
    if kind == "GIF":
        words["texts"], words["xmp"] = words_of_gif(file)
    space = "GRAY" if kind == "AVIF" and is_monochrome(file) else ""
    metadata = replace(metadata_of(image, kind, space=space), **words)
    pixels, metadata = converted(image, metadata)
    stored = LOSSLESS if kind == "WEBP" and is_lossless(file) else "deflate"
    return Opened(pixels, metadata, kind, frames, stored)


def _open_jpeg(file: BinaryIO, limit: Limit) -> Opened:
    data = without_stumps(file.read())
    image = open_jpeg(data)
    limit(image.height, image.width)
    found = metadata_of(image, "JPEG", only_headers=True)
    pixels, metadata = read_jpeg(data, image, found)
    return Opened(pixels, metadata, "JPEG")


def _open_deep_png(
    file: BinaryIO, image: Image.Image, words: dict[str, Any], *, is_rgb: bool
) -> Opened:
    read_late_chunks(file, image)
    metadata = replace(metadata_of(image, "PNG", only_headers=True), **words)
    convert = rgb_conversion(metadata.icc, 16) if is_rgb else None
    pixels = read_deep_png(file, image.info.get("transparency"), convert)
    if convert is not None:
        metadata = replace(metadata, icc=srgb_profile())
    return Opened(pixels, metadata, "PNG")


def _open_tiff(whole: Tiff, limit: Limit, page: int) -> Opened:
    if page >= len(whole.places):
        message = "it has fewer pages"
        raise UnreadablePhoto(message)
    facts = whole.page(page)
    limit(*facts.size)
    check_page(facts)
    metadata = facts.metadata()
    orientation = facts.orientation or stated_orientation(metadata)
    pixels, metadata, is_upright = read_page(whole, page, metadata, orientation)
    frames, stored = len(whole.places), facts.stored_as
    return Opened(pixels, metadata, "TIFF", frames, stored, is_upright, orientation)


def _frames(image: Image.Image) -> int:
    """Frames or pages; 1 when those behind the first are damaged."""
    try:
        return max(1, int(getattr(image, "n_frames", 1)))
    except Exception:  # the first one may still be fine, and is all that is read
        image.seek(0)
        return 1


def _with_substance(file: BinaryIO, limit: Limit) -> Limit:
    """A limit that also refuses a large picture of next to no bytes.

    Formats can say "all of one color" in a few.
    """

    def check(height: int, width: int) -> None:
        limit(height, width)
        position, pixels = file.tell(), height * width
        size = file.seek(0, 2)
        file.seek(position)
        if pixels > _ALWAYS_SMALL and pixels > size * _MOST_PIXELS_PER_BYTE:
            message = f"it claims {pixels:,} pixels in {size:,} bytes, which is no photograph"
            raise PhotoTooLarge(message)

    return check
