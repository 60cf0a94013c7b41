"""AVIF through Pillow's plugin, on one core: whoever colors many pictures has a core for each.

Source: AV1 Codec ISO Media File Format Binding, section 2.3 (av1C).
"""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, BinaryIO

from photochrom.errors import UnsupportedPhoto

if TYPE_CHECKING:
    from PIL.AvifImagePlugin import AvifImageFile

THREADS = 1
"""Of a decoder or an encoder. An encoder's also decide on the tiles, and so on the bytes: with one
they are the same on every machine."""

_CONFIGURATION = re.compile(rb"av1C\x81.(.)", re.DOTALL)
_DEEP, _MONOCHROME = 0x40, 0x10

_lock = threading.Lock()


def open_avif(file: BinaryIO) -> AvifImageFile:
    """The file as Pillow opens it; raises what that does.

    Pillow takes the number of threads from a variable of the module, which is put back at once.
    """
    from PIL import AvifImagePlugin  # not at the top: it loads the codecs

    with _lock:
        before = AvifImagePlugin.DEFAULT_MAX_THREADS
        AvifImagePlugin.DEFAULT_MAX_THREADS = THREADS
        try:
            return AvifImagePlugin.AvifImageFile(file, "")
        finally:
            AvifImagePlugin.DEFAULT_MAX_THREADS = before


def check_depth(file: BinaryIO) -> None:
    """Refuse an AVIF of 10 or 12 bits, which Pillow would reduce."""
    if any(flags & _DEEP for flags in _flags(file)):
        message = "it is an AVIF of more than 8 bits; save it as 16-bit PNG or TIFF"
        raise UnsupportedPhoto(message)


def is_monochrome(file: BinaryIO) -> bool:
    """Whether an AVIF has luma only; Pillow gives RGB in any case."""
    flags = _flags(file)
    return bool(flags) and all(one & _MONOCHROME for one in flags)


def _flags(file: BinaryIO) -> list[int]:
    """What the configuration of each of the coded pictures states of depth and chroma."""
    file.seek(0)
    found = [match[1][0] for match in _CONFIGURATION.finditer(file.read())]
    file.seek(0)
    return found
