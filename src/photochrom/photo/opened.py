"""What every reader of a kind of file returns, and what it asks before it takes memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from photochrom.photo.photo import Metadata
from photochrom.photo.pixels import Pixels

Limit = Callable[[int, int], None]
"""(height, width) -> raises when that is too much."""


@dataclass(eq=False)
class Opened:
    """A file's pixels and metadata.

    ``is_upright`` says that the pixels were turned already; ``orientation`` (0: look into the
    metadata) what the file states outside of EXIF.
    """

    pixels: Pixels
    metadata: Metadata
    format: str
    frames: int = 1
    compression: str = "deflate"
    is_upright: bool = False
    orientation: int = 0
