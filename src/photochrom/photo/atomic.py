"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from photochrom.errors import UnwritablePhoto

_NO_SYNC = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)  # a file system that cannot, not one in need


@contextmanager
def atomic_file(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file for writing that replaces ``path`` only when the block ends well.

    The bytes go to a hidden file beside it (a link's target stays a link's target). On any failure,
    an interruption too, that file is removed and ``path`` is as it was. Permissions are those of an
    ordinary new file.

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
    try:
        try:
            with temporary.open("xb") as file:
                yield file
                _keep(file)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        message = f"{path} cannot be written: {reason_of(error)}"
        raise UnwritablePhoto(message) from error


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
