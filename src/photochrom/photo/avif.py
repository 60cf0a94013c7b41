"""AVIF through Pillow's plugin, on one core: whoever colors many pictures has a core for each."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from PIL.AvifImagePlugin import AvifImageFile

THREADS = 1
"""Of a decoder or an encoder. An encoder's also decide on the tiles, and so on the bytes: with one
they are the same on every machine."""

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
