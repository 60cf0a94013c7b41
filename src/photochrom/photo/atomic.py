"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from photochrom.errors import UnwritablePhoto

_NO_SYNC = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)  # a file system that cannot, not one in need

_PART = re.compile(r"\.[0-9a-f]{12}\.part")
_YOUNG_SECONDS = 60.0
"""A file may have been created a moment ago and not be locked yet."""

_cleared: set[str] = set()
"""Folders that this process has looked through: they may hold very many files."""


@contextmanager
def atomic_file(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file for writing that replaces ``path`` only when the block ends well.

    The bytes go to a hidden file beside it (a link's target stays a link's target). On any failure,
    an interruption too, that file is removed and ``path`` is as it was; what a process that was
    killed has left, the next one removes. Permissions are those of an ordinary new file.

    Raises:
        UnwritablePhoto: the system refused (no such folder, no permission, disk full, ...).
    """
    try:
        target = Path(os.path.realpath(path))
        is_other = target.exists() and not target.is_file()
    except ValueError as error:  # a null character
        message = f"{str(path)!r} cannot be written: {error}"
        raise UnwritablePhoto(message) from error
    except OSError as error:  # a name that is too long
        message = f"{path} cannot be written: {reason_of(error)}"
        raise UnwritablePhoto(message) from error
    # Replacing a device or a pipe would remove it from the system.
    if is_other:
        kind = "a folder" if target.is_dir() else "not an ordinary file"
        message = f"{path} cannot be written: it is {kind}"
        raise UnwritablePhoto(message)
    # Short, so that a file name near the system's limit still leaves room.
    temporary = target.with_name(f".{os.urandom(6).hex()}.part")
    # Before the file is made: the disk may be full of what was left.
    clear_leftovers(target.parent)
    try:
        with ExitStack() as hold:
            try:
                with temporary.open("xb") as file:
                    _lock_beyond_close(file, hold)
                    yield file
                    _keep(file)
                temporary.replace(target)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as error:
        message = f"{path} cannot be written: {reason_of(error)}"
        raise UnwritablePhoto(message) from error


def write_text(path: str | Path, text: str) -> None:
    """Write a text file whole or not at all; raises as :func:`atomic_file`."""
    with atomic_file(path) as file:
        file.write(text.encode())


def check_writable(paths: Iterable[str | Path]) -> None:
    """See before the work that files can be written after it; raises as :func:`atomic_file`."""
    for path in paths:
        # What is begun and given up leaves the file as it was.
        with suppress(_GivenUp), atomic_file(path):
            raise _GivenUp


class _GivenUp(Exception):
    """Ends the writing of a file that was only tried."""


def clear_leftovers(folder: Path) -> None:
    """Remove what processes that were killed have left half written in a folder.

    Only the first call for a folder looks. What a living process writes, and what cannot be listed
    or removed, stays.
    """
    place = str(folder)
    if place in _cleared:
        return
    _cleared.add(place)
    with suppress(OSError):
        with os.scandir(place) as entries:
            found = [entry for entry in entries if _PART.fullmatch(entry.name)]
        for entry in found:
            with suppress(OSError):
                if entry.is_file(follow_symlinks=False):
                    _remove_if_left(Path(entry.path))


def _remove_if_left(path: Path) -> None:
    """Remove a file that nobody writes; raises :class:`OSError` if somebody does, or if refused."""
    if time.time() - path.stat().st_mtime < _YOUNG_SECONDS:
        return
    if sys.platform == "win32":
        # A file that is open cannot be removed there.
        path.unlink()
    else:
        import fcntl

        # Some network mounts lock only what is open for writing. Without locks nobody can tell.
        with path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def _lock_beyond_close(file: BinaryIO, hold: ExitStack) -> None:
    """Show that the file is being written until ``hold`` ends, by when it has its own name.

    The lock is of all descriptors of one opening, and ends with the last: on a slow disk a file is
    not young any more when it is closed, and still to be renamed.
    """
    if sys.platform != "win32":
        import fcntl

        # Where the file system has no locks, nothing is removed either.
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            hold.callback(os.close, os.dup(file.fileno()))


def _keep(file: BinaryIO) -> None:
    """See the bytes on the disk: after a power cut the name could else stand for an empty file."""
    file.flush()
    try:
        os.fsync(file.fileno())
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


def reason_of(error: OSError, *, missing: str = "folder") -> str:
    """What the system said, in lower case, without its numbers and paths.

    ``missing`` is what is not there, if that is the reason: for who reads a file, it may be that.
    """
    if isinstance(error, FileNotFoundError):
        return f"no such {missing}"
    text = error.strerror or str(error) or type(error).__name__
    return " ".join(text.split()).lower()
