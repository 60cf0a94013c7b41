"""The folder of a run, gone again if nothing came of it; and what a run came to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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


@dataclass(frozen=True)
class RunResult:
    """Where a run ended: images seen, whether all were, the last losses, the checkpoint.

    ``best`` is the best epoch's ``value``, what it is ``by``, and its ``images``; ``best_file`` its
    weights, if they were kept.
    """

    images: int
    finished: bool
    losses: dict[str, float]
    checkpoint: Path
    best: dict[str, Any] | None = None
    best_file: Path | None = None
