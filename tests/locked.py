"""Being somebody whom closed folders stop: root sees no locks."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_VERSION = 0x20080522
_PASSES_LOCKS = 1 << 1 | 1 << 2
"""The capabilities CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""


@contextmanager
def without_privileges() -> Iterator[None]:
    """Inside, this thread and those it starts are stopped by modes of files, also as root.

    Unlike another user they still find Python and the tests, wherever those are installed.
    """
    if os.name != "posix":
        pytest.skip("modes close no folders there")
    if os.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("only Linux lets root give up what passes locks")
    libc = ctypes.CDLL(None, use_errno=True)
    header, held = (ctypes.c_uint32 * 2)(_VERSION, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(header, held) == 0
    before = held[0]
    held[0] &= ~_PASSES_LOCKS
    assert libc.capset(header, held) == 0
    try:
        yield
    finally:
        held[0] = before
        assert libc.capset(header, held) == 0


@contextmanager
def closed(*folders: Path, mode: int = 0) -> Iterator[None]:
    """Folders that nobody may enter inside, or as ``mode`` has it."""
    for folder in folders:
        folder.chmod(mode)
    try:
        with without_privileges():
            yield
    finally:
        for folder in folders:
            folder.chmod(0o700)
