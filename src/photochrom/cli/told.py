"""What the library logs on its way, as lines for the person who waits."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import click


class Told(logging.Handler):
    """Prints each remark of photochrom's once; ``incomplete`` after a warning.

    A warning says that something was not done, such as a folder that may not be entered: the exit
    status is then 1, though the rest was done.
    """

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.incomplete = False
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record, unless it was before."""
        from photochrom.cli.outcomes import shown

        text = shown(record.getMessage())
        is_warning = record.levelno >= logging.WARNING
        self.incomplete |= is_warning
        if text not in self._said:
            click.echo(f"photochrom: {text}" if is_warning else text, err=True)
        self._said.add(text)


@contextmanager
def listening() -> Iterator[Told]:
    """Print what is logged inside; in the first of the processes that share a run alone."""
    told, log = Told(), logging.getLogger("photochrom")
    is_first = (os.environ.get("RANK") or os.environ.get("LOCAL_RANK") or "0") == "0"
    log.addHandler(told if is_first else logging.NullHandler())
    level, log.propagate = log.level, False
    log.setLevel(logging.INFO)
    try:
        yield told
    finally:
        log.handlers.pop()
        log.propagate = True
        log.setLevel(level)
