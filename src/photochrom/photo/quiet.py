"""Keeps Pillow's remarks on odd files away from the user, who gets our one line instead."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

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
