"""A file that one process holds: the system itself lets go of it when that process dies."""

from __future__ import annotations

import errno
import sys
import time
from pathlib import Path
from typing import BinaryIO

_FAR = 1 << 40
"""Windows keeps others from reading the locked byte: one that is never there."""

_LOOKS = 5
_BETWEEN = 0.02
"""Windows has no locks to share, so a look there may be taken for a holder: look again."""


def try_lock(file: BinaryIO) -> bool:
    """Hold an open file until it is closed; False if another process, or part of this, holds it.

    Where the file system has no locks, as some network mounts, everybody gets them: a run is worth
    more than the guard against a second one.
    """
    return _lock(file, shared=False)


def is_held(path: Path) -> bool:
    """Whether some process holds the file at ``path``; those who only look hold nothing."""
    try:
        with path.open("r+b") as file:
            for look in range(_LOOKS if sys.platform == "win32" else 1):
                time.sleep(_BETWEEN if look else 0)
                if _lock(file, shared=True):
                    return False
            return True
    except OSError:
        return False


def _lock(file: BinaryIO, *, shared: bool) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(_FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)
    return True
