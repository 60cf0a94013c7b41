"""The pages of a PDF as pictures, drawn by PDFium in a process of its own.

PDFium takes one thread at a time, and a small hostile file can keep it busy for hours: of processes
there can be many, and each can be ended.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from photochrom.errors import MissingExtra, UnreadablePhoto, UnsupportedPhoto
from photochrom.photo.kinds import is_installed
from photochrom.photo.opened import Limit, Opened
from photochrom.photo.photo import Metadata, strips
from photochrom.photo.pixels import Pixels, put_strip

MOST_SECONDS = 60.0
"""For one page; a scan of 100 megapixels takes five."""

_PROGRAM = Path(__file__).with_name("pdf_page.py")
_REASONS = {
    "locked": "it needs a password; save it without one",
    "empty": "it has no pages",
    "no page": "it has fewer pages",
}


def pages_of_pdf(file: BinaryIO) -> int:
    """How many pages there are, at least 1; raises as :func:`open_pdf` does."""
    with _drawing(file) as answer:
        return int(_head(answer)["pages"])


def open_pdf(file: BinaryIO, limit: Limit, page: int = 0) -> Opened:
    """A page, counted from 0, in 8 bits.

    One that is a single picture comes with the very pixels of that, others at 300 dots an inch.

    Raises:
        MissingExtra: pypdfium2 is not installed.
        UnreadablePhoto: damaged, no such page, or not drawn in time. The texts are reasons alone.
        UnsupportedPhoto: it needs a password.
    """
    with _drawing(file, page) as answer:
        head = _head(answer)
        for height, width in (*head["pictures"], head["size"]):
            limit(height, width)
        height, width = head["size"]
        pixels = Pixels(np.empty((height, width), np.uint8))
        for start, stop in strips(height, width):
            rows = np.frombuffer(_exactly(answer, (stop - start) * width * 3), np.uint8)
            put_strip(pixels, start, rows.reshape(stop - start, width, 3))
    across, down = head["dpi"]
    metadata = Metadata(dpi=(across, down))
    return Opened(pixels, metadata, "PDF", head["pages"], is_upright=True)


@contextmanager
def _drawing(file: BinaryIO, page: int | None = None) -> Iterator[BinaryIO]:
    """What the process says of a page, or without one of the file; ended with the block."""
    if not is_installed("PDF"):
        raise MissingExtra("archive", "reading a PDF")
    command = [sys.executable, "-P", str(_PROGRAM), *(() if page is None else (str(page),))]
    given, data = _standard_input(file)
    process = subprocess.Popen(
        command, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(MOST_SECONDS, end)
    timer.daemon = True
    timer.start()
    try:
        if process.stdin is not None:
            _give(process.stdin, data)
        assert process.stdout is not None
        yield process.stdout  # type: ignore[misc]
    except UnreadablePhoto as error:
        if late.is_set():
            message = f"a page took more than {MOST_SECONDS:g} seconds; save it as a picture"
            raise UnreadablePhoto(message) from error
        raise
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def _standard_input(file: BinaryIO) -> tuple[Any, bytes]:
    """The process's standard input: the file itself, or a pipe for these bytes."""
    file.seek(0)
    if isinstance(file, io.BytesIO):
        return subprocess.PIPE, file.getvalue()
    return file, b""


def _give(stdin: Any, data: bytes) -> None:
    """The bytes, as far as the process takes them: it may have ended already."""
    try:
        stdin.write(data)
        stdin.close()
    except (BrokenPipeError, OSError):
        pass


def _head(answer: BinaryIO) -> dict[str, Any]:
    """The first line: what is to come, or the reason why nothing is."""
    line = answer.readline()
    if not line.endswith(b"\n"):
        message = "it is damaged"
        raise UnreadablePhoto(message)
    head: dict[str, Any] = json.loads(line)
    if (error := head.get("error")) is not None:
        reason = _REASONS.get(error, "it is damaged")
        raise (UnsupportedPhoto if error == "locked" else UnreadablePhoto)(reason)
    return head


def _exactly(answer: BinaryIO, count: int) -> bytes:
    data = answer.read(count)
    if len(data) != count:
        message = "it is damaged"
        raise UnreadablePhoto(message)
    return data
