"""What belongs beside a result is made where the result is, so that nothing half written stays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from photochrom.errors import UnwritablePhoto
from photochrom.photo.atomic import reason_of
from photochrom.photo.folders import is_file, is_there


@contextmanager
def aside(path: Path, staged: Path | None) -> Iterator[Path]:
    """Where to write what belongs at ``path``, to which it is moved when the block ends well.

    That is beside the ``staged`` result, where the next run removes what a killed one has left;
    without that, or where no ordinary file would be replaced, ``path`` itself.

    Raises :class:`UnwritablePhoto`, which names ``path``.
    """
    # A link stays a link, and to replace a device or a pipe would remove it from the system.
    is_free = is_file(path) or not is_there(path)
    if staged is None or not is_free or os.path.islink(path):  # noqa: PTH114
        yield path
        return
    temporary = staged.with_name(f"{staged.stem}.beside{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    except UnwritablePhoto as error:
        # People know it by its own name.
        message = str(error).replace(str(temporary), str(path))
        raise UnwritablePhoto(message) from error
    except OSError as error:
        message = f"{path} cannot be written: {reason_of(error)}"
        raise UnwritablePhoto(message) from error
    finally:
        temporary.unlink(missing_ok=True)
