"""Pillow's readers, each by the name of what it reads, without ``Image.open``.

Loaded only when one is needed: a command that colors one JPEG should not wait for all of them.
"""

from __future__ import annotations

import importlib
from typing import BinaryIO, cast

from PIL import ImageFile

_PLUGINS = {
    "PNG": ("PngImagePlugin", "PngImageFile"),
    "TIFF": ("TiffImagePlugin", "TiffImageFile"),
    "WEBP": ("WebPImagePlugin", "WebPImageFile"),
    "BMP": ("BmpImagePlugin", "BmpImageFile"),
    "GIF": ("GifImagePlugin", "GifImageFile"),
    "PPM": ("PpmImagePlugin", "PpmImageFile"),
    "JPEG": ("JpegImagePlugin", "JpegImageFile"),
    "JPEG 2000": ("Jpeg2KImagePlugin", "Jpeg2KImageFile"),
}


def open_plugin(kind: str, file: BinaryIO) -> ImageFile.ImageFile:
    """The file as the reader for this kind opens it; pixels are not decoded.

    What it raises on damage is anything.
    """
    module, name = _PLUGINS[kind]
    plugin = getattr(importlib.import_module(f"PIL.{module}"), name)
    return cast(ImageFile.ImageFile, plugin(file, ""))
