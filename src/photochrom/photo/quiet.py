"""Keeps decoders' remarks on odd files away from the user, who gets our one line instead."""

from __future__ import annotations

import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

# Without any handler, Python would print what these log to the user's terminal.
for _library in ("PIL", "imagecodecs"):
    logging.getLogger(_library).addHandler(logging.NullHandler())

_lock = threading.Lock()
_inside = 0
_filters: warnings.catch_warnings[None] | None = None


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Ignore Python warnings while inside.

    ``warnings.catch_warnings`` is not safe among threads that overlap: the one that leaves last
    would restore the other's filters for good. So all threads share one, left by the last of them.
    """
    global _inside, _filters
    with _lock:
        if _inside == 0:
            _filters = warnings.catch_warnings()
            _filters.__enter__()
            warnings.simplefilter("ignore")
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0 and _filters is not None:
                _filters.__exit__(None, None, None)
                _filters = None


@contextmanager
def silent_decoders() -> Iterator[None]:
    """Let only Python write to the process's standard error while inside.

    libtiff and libpng print to descriptor 2 itself, which belongs to the whole process: this is for
    programs to wrap themselves in, not for a library to do behind its caller's back. Nothing
    changes where Python's standard error is another descriptor, or none.
    """
    stream = sys.stderr
    if _descriptor_of(stream) != 2:
        yield
        return
    stream.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    with os.fdopen(kept, "w", 1, stream.encoding, stream.errors) as ours:
        sys.stderr = ours
        try:
            yield
        finally:
            ours.flush()
            os.dup2(kept, 2)
            sys.stderr = stream


def _descriptor_of(stream: TextIO | None) -> int | None:
    """A stream's descriptor; None for one that has none, or is closed."""
    try:
        return None if stream is None else stream.fileno()
    except (OSError, ValueError):
        return None
