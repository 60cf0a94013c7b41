"""Ctrl-C and the end of a job: a run finishes the pictures in hand, unless it is told twice."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stop(threading.Event):
    """Set by the first signal; ``status`` is then the exit status that it stands for."""

    status = 0


@contextmanager
def stop_signals() -> Iterator[Stop]:
    """An event that SIGINT and SIGTERM set; a second one ends the process at once."""
    stop = Stop()

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            # Threads inside a decoder cannot be asked; what they leave, the next run removes.
            sys.stderr.flush()
            os._exit(128 + number)
        stop.status = 128 + number
        stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    old = [signal.signal(number, handle) for number in numbers]
    try:
        yield stop
    finally:
        for number, handler in zip(numbers, old, strict=True):
            signal.signal(number, handler)


@contextmanager
def sigterm_unwinds() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does: what is half written goes on the way out."""

    def handle(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    old = signal.signal(signal.SIGTERM, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, old)
