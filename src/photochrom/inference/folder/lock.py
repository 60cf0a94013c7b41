"""A file that one process holds: the system itself lets go of it when that process dies."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import BinaryIO

_FAR = 1 << 40
"""Windows keeps others from reading the locked byte: one that is never there."""


def try_lock(file: BinaryIO) -> bool:
    """Hold an open file until it is closed; False if another process, or part of this, holds it.

    Where the file system has no locks, as some network mounts, everybody gets them: a run is worth
    more than the guard against a second one.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)
    return True


def is_held(path: Path) -> bool:
    """Whether some process holds the file at ``path``."""
    try:
        with path.open("r+b") as file:
            return not try_lock(file)
    except OSError:
        return False
