"""Our own results among pictures: their colors are guesses, to learn from or to judge by no truth.

They are told by :mod:`photochrom.photo.results`, which only looks at names and headers.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from photochrom.photo.results import is_own_result, names_beside

_THREADS, _RUN = 8, 256
"""That open files at a time, so many in a run: disks and networks answer late, but many at once."""


def own_results(folder: Path, paths: Sequence[str]) -> tuple[str, ...]:
    """Which of the pictures at these paths below a folder are our own results, in their order."""
    beside = names_beside(paths)

    def ours(start: int) -> list[str]:
        run = zip(paths[start : start + _RUN], beside[start : start + _RUN], strict=True)
        return [path for path, names in run if is_own_result(f"{folder}/{path}", names)]

    with ThreadPoolExecutor(_THREADS) as pool:
        found = pool.map(ours, range(0, len(paths), _RUN))
        return tuple(path for run in found for path in run)


def remark_on(names: Sequence[str]) -> str:
    """What people are told of the results that were left out; empty if there are none."""
    if not names:
        return ""
    what = "results of photochrom" if len(names) > 1 else "result of photochrom"
    return f"left out, being no true pictures: {len(names):,} {what}, such as {names[0]}"
