"""What in a folder is a result of ours: by the records, or by what the file says of itself."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from photochrom.inference.folder.records import FOLDER, Record, runs, values_of
from photochrom.photo.results import is_marked, is_own_result


class Made(NamedTuple):
    """A result by its last record: the photograph's path from the home, and bytes when done."""

    source: str
    size: int
    time: float


class Ledger:
    """The results that the records of one folder name.

    Read on from where the last look ended: a drop folder is looked at every second.
    """

    def __init__(self, home: Path) -> None:
        """Nothing is read before :meth:`refresh`."""
        self._home = home
        self._made: dict[int, Made] = {}
        self._read: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._made)

    def refresh(self) -> None:
        """Read what was written since; what cannot be read is told by who opens the records."""
        try:
            paths = [path for path, _ in runs(self._home / FOLDER)]
        except OSError:
            return
        sizes = {path.name: _size(str(path)) for path in paths}
        if any(sizes.get(name, -1) < end for name, end in self._read.items()):
            # Other records took their place.
            self._made.clear()
            self._read.clear()
        for path in paths:
            with suppress(OSError):
                self._read_on(path)

    def made(self, output: str) -> Made | None:
        """What is known of a result, by its path from the home with slashes."""
        return self._made.get(hash(output))

    def _read_on(self, path: Path) -> None:
        end = self._read.get(path.name, 0)
        with path.open("rb") as file:
            file.seek(end)
            while (line := file.readline()).endswith(b"\n"):
                end += len(line)
                values = values_of(line)
                record = None if values is None else Record.parse(values)
                if record is not None:
                    self._note(record)
        self._read[path.name] = end

    def _note(self, record: Record) -> None:
        digest = hash(record.output)
        known = self._made.get(digest)
        if known is not None and known.time > record.time:
            return
        size = record.result_size or (known.size if known is not None else 0)
        self._made[digest] = Made(record.input, size, record.time)


class Ledgers:
    """The ledgers of all folders that one plan meets."""

    def __init__(self) -> None:
        self._ledgers: dict[Path, Ledger] = {}

    def of(self, folder: str | Path) -> Ledger:
        """The ledger of a folder as it is now; empty where no records lie."""
        place = Path(folder)
        ledger = self._ledgers.get(place) or Ledger(place)
        ledger.refresh()
        if ledger:
            self._ledgers[place] = ledger
        return ledger

    def known(self, folder: str | Path) -> Ledger | None:
        """The ledger as it was when it was last asked for, unless it was empty."""
        return self._ledgers.get(Path(folder))


def is_result(path: str, made: Iterable[Made], names: Container[str]) -> bool:
    """Whether a file is a result and no photograph.

    ``made`` is what the records of the folders above say of it, ``names`` as for
    :func:`~photochrom.photo.results.is_own_result`. Files that neither records nor a mark in their
    name speak of are not opened: there may be many.
    """
    recorded = [one.size for one in made]
    if not recorded and not is_marked(Path(path).stem):
        return False
    return (any(recorded) and _size(path) in recorded) or is_own_result(path, names)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - a Path for each name is slow
    except OSError:
        return -1
