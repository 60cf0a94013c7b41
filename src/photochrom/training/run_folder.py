"""The folder of a run: made for it, and gone again if nothing came of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def run_folder(out: Path) -> Iterator[None]:
    """Make ``out`` and the folders above it; what is still empty after a failure is removed."""
    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    out.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        with suppress(OSError):  # the first that holds anything ends it
            for folder in made:
                folder.rmdir()
        raise
