"""How many pictures may be in hand at once: as many as the machine's memory holds."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from photochrom.photo.kinds import KIND_OF_SUFFIX

BYTES_PER_PIXEL = 8
"""What most take: Pillow's copy in color, our luma and alpha, and the result."""

_MORE = {"AVIF": 34, "WEBP": 22, "TIFF": 23, "HEIC": 24, "JXL": 30, "PDF": 24}
"""By format, the most that was measured, with alpha: an encoder of AVIF takes 20 to 30 by itself, a
decoder of WebP 16, a TIFF whose rows are one packed strip is unpacked as a whole, as deep HEIC and
JPEG XL always are, and a page of a PDF is drawn in a process beside ours."""

_SHARE = 0.5
_UNKNOWN = 8 << 30
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where Linux says what a container may use."""


def bytes_per_pixel(*files: Path) -> int:
    """What a picture in hand may take that is read from or written to files of these names."""
    kinds = [KIND_OF_SUFFIX.get(file.suffix.lower(), "") for file in files]
    return max([BYTES_PER_PIXEL, *(_MORE[kind] for kind in kinds if kind in _MORE)])


class Memory:
    """Bytes that several threads take and give back.

    Who asks for too much waits until enough is given back, and those who come later wait behind
    it: a huge picture is not put off for ever by small ones. One that is larger than everything is
    let in alone.
    """

    def __init__(self, room: int) -> None:
        """``room``: bytes in all."""
        self._room, self._held = room, 0
        self._next, self._served = 0, 0
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        """Hold ``size`` bytes inside; waits for them."""
        with self._changed:
            turn = self._next
            self._next += 1
            self._changed.wait_for(lambda: turn == self._served and self._has(size))
            self._served += 1
            self._held += size
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._held -= size
                self._changed.notify_all()

    def _has(self, size: int) -> bool:
        return self._held == 0 or self._held + size <= self._room


def room_here() -> int:
    """Bytes that the pictures in hand may take together: a share of what this process may use."""
    limits = [_UNKNOWN]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for path in _LIMITS:
        try:
            limits.append(int(Path(path).read_text()))
        except (OSError, ValueError):  # no container, or "max"
            continue
    return int(_SHARE * min(limits))
