"""The kinds of files: each one's pixels as stored and its metadata as found.

Pillow's plugins are called one by one rather than through ``Image.open``: the list of formats is
closed, and its limit on pixels, a global of the process, is left alone for ours.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import BinaryIO, cast

from PIL import Image, ImageFile

from photochrom.errors import PhotoTooLarge, UnsupportedPhoto
from photochrom.photo.jpeg import open_jpeg, read_jpeg
from photochrom.photo.kinds import HEAD_BYTES, kind_of
from photochrom.photo.metadata import dpi_of_exif, metadata_of
from photochrom.photo.photo import Metadata
from photochrom.photo.pixels import Pixels, pixels_of_image
from photochrom.photo.png import is_deep_color, read_deep_png, with_late_chunks
from photochrom.photo.profiles import cmyk_transform
from photochrom.photo.tiff import TiffFacts, as_stated, read_deep_tiff

Limit = Callable[[int, int], None]
"""(height, width) -> raises when that is too much."""

_PLUGINS = {
    "PNG": ("PngImagePlugin", "PngImageFile"),
    "TIFF": ("TiffImagePlugin", "TiffImageFile"),
    "WEBP": ("WebPImagePlugin", "WebPImageFile"),
    "AVIF": ("AvifImagePlugin", "AvifImageFile"),
    "BMP": ("BmpImagePlugin", "BmpImageFile"),
    "GIF": ("GifImagePlugin", "GifImageFile"),
    "PPM": ("PpmImagePlugin", "PpmImageFile"),
}
_ALWAYS_SMALL = 1 << 24
_MOST_PIXELS_PER_BYTE = 20_000  # a blank page as a PNG of 1 bit has 8,000
_PPM_COMMENT = re.compile(rb"#[^\r\n]*")


@dataclass(eq=False)
class Opened:
    """A file's pixels and metadata.

    ``is_upright`` says that the pixels were turned already; ``stated_orientation`` (0: look into
    the metadata) that the file states it outside of EXIF.
    """

    pixels: Pixels
    metadata: Metadata
    format: str
    frames: int = 1
    is_upright: bool = False
    stated_orientation: int = 0


def open_container(file: BinaryIO, name: str, limit: Limit) -> Opened:
    """Decode a file of any kind; what it raises on damage is anything (see ``decode``)."""
    head = file.read(HEAD_BYTES)
    kind = kind_of(head)
    file.seek(0)
    if kind == "JPEG":
        return _open_jpeg(file, limit)
    if kind == "TIFF":
        return _open_tiff(file, name, limit)
    image = _plugin(kind, file)
    limit(image.height, image.width)
    _check_substance(file, image.height * image.width)
    if kind == "PNG" and is_deep_color(head):
        return _open_deep_png(file, name, image)
    if kind == "PPM":
        _check_ppm(file)
    frames = _frames(image)
    image.load()
    metadata = metadata_of(image, kind)
    return Opened(pixels_of_image(image), metadata, kind, frames)


def _open_jpeg(file: BinaryIO, limit: Limit) -> Opened:
    data = file.read()
    image = open_jpeg(data)
    limit(image.height, image.width)
    metadata = metadata_of(image, "JPEG", only_headers=True)
    return Opened(read_jpeg(data, image), metadata, "JPEG")


def _open_deep_png(file: BinaryIO, name: str, image: Image.Image) -> Opened:
    pixels = read_deep_png(file, name, image.info.get("transparency"))
    metadata = with_late_chunks(file, metadata_of(image, "PNG", only_headers=True))
    return Opened(pixels, replace(metadata, dpi=metadata.dpi or dpi_of_exif(metadata.exif)), "PNG")


def _open_tiff(file: BinaryIO, name: str, limit: Limit) -> Opened:
    facts = TiffFacts(file)
    limit(*facts.size)
    facts.check()
    metadata = facts.metadata()
    file.seek(0)
    if facts.needs_tifffile:
        pixels, frames = read_deep_tiff(file, facts, name)
        return Opened(pixels, metadata, "TIFF", frames, False, facts.orientation)
    image = _plugin("TIFF", file)
    frames = _frames(image)
    image.load()
    transform = cmyk_transform(metadata.icc) if image.mode == "CMYK" else None
    pixels = pixels_of_image(image, cmyk=transform)
    if image.mode.startswith("I"):
        pixels.luma = as_stated(pixels.luma, facts)
    return Opened(pixels, metadata, "TIFF", frames, True, facts.orientation)


def _plugin(kind: str, file: BinaryIO) -> ImageFile.ImageFile:
    """The file as Pillow's plugin for this kind opens it."""
    module, name = _PLUGINS[kind]
    plugin = getattr(importlib.import_module(f"PIL.{module}"), name)
    return cast(ImageFile.ImageFile, plugin(file, ""))


def _frames(image: Image.Image) -> int:
    """Frames or pages; 1 when those behind the first are damaged."""
    try:
        return max(1, int(getattr(image, "n_frames", 1)))
    except Exception:  # the first one may still be fine, and is all that is read
        image.seek(0)
        return 1


def _check_substance(file: BinaryIO, pixels: int) -> None:
    """Refuse a large picture of next to no bytes: formats can say "all of one color" in a few."""
    position = file.tell()
    size = file.seek(0, 2)
    file.seek(position)
    if pixels > _ALWAYS_SMALL and pixels > size * _MOST_PIXELS_PER_BYTE:
        message = f"it claims {pixels:,} pixels in {size:,} bytes, which is no photograph"
        raise PhotoTooLarge(message)


def _check_ppm(file: BinaryIO) -> None:
    """Refuse a PPM of more than 8 bits per channel, which Pillow would reduce."""
    file.seek(0)
    words = _PPM_COMMENT.sub(b"", file.read(4096)).split(None, 4)
    if words[0] in (b"P3", b"P6") and int(words[3]) > 255:
        message = "it is a PPM of 16 bits per channel; save it as PNG or TIFF"
        raise UnsupportedPhoto(message)
