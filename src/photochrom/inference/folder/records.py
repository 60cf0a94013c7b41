"""What earlier runs wrote down about the pictures of a folder."""

from __future__ import annotations

import json
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO

from photochrom.errors import PhotoError
from photochrom.inference.folder.shard import Shard
from photochrom.photo.atomic import reason_of

FOLDER = ".photochrom"

_MOST_OPEN = 64
"""Manifests that are held open at a time: of many shards there may be more than a process may."""


@dataclass(frozen=True)
class Record:
    """One line of a manifest: what became of one result.

    Attributes:
        output, input: paths relative to the folder of the records, with slashes; absolute on
            another drive.
        state: "started", "done", "failed", or "stopped" where the run ended before the picture did
            through no fault of it.
        settings: the key of the settings, which the line of their run spells out.
        size, mtime, sha256: of the photograph: bytes, nanoseconds, and its content (when done).
        result_size, result_mtime: of the result (when done).
        seconds: what it took.
        reason: why it failed, without the path of its result.
        tries: how often in a row it was started and never finished (when started).
        time: when this was written, in seconds since 1970.
    """

    output: str
    input: str
    state: str
    settings: str
    size: int = 0
    mtime: int = 0
    sha256: str = ""
    result_size: int = 0
    result_mtime: int = 0
    seconds: float = 0.0
    reason: str = ""
    tries: int = 0
    time: float = 0.0

    def line(self) -> bytes:
        """The line, without what is empty."""
        values = {name: value for name, value in asdict(self).items() if value or name == "output"}
        return json.dumps(values).encode() + b"\n"

    @classmethod
    def parse(cls, values: dict[str, Any]) -> Record | None:
        """The record of a line; None if it is not one, or of a version that we do not know."""
        try:
            record = cls(**values)
        except TypeError:
            return None
        kinds = {"str": str, "int": int, "float": int | float}
        fits = all(isinstance(getattr(record, f.name), kinds[str(f.type)]) for f in fields(cls))
        return record if fits else None


@dataclass
class Totals:
    """Sums over pictures made with the same settings, to estimate from."""

    pictures: int = 0
    seconds: float = 0.0
    size: int = 0
    result_size: int = 0

    def add(self, other: Totals) -> None:
        """Count others, too."""
        self.pictures += other.pictures
        self.seconds += other.seconds
        self.size += other.size
        self.result_size += other.result_size


class Records:
    """The last record of every result, found without holding them all.

    A line that is no record is passed over: a run that was killed may have left half of one. Of the
    pictures only places in the files are kept, about a hundred bytes for each.
    """

    def __init__(self, home: Path) -> None:
        """Read the manifests of all shards in ``home``; nothing is written.

        Raises :class:`PhotoError` if one cannot be read.
        """
        self.home, self.folder = home, home / FOLDER
        self.settings: dict[str, dict[str, Any]] = {}
        self.totals: dict[str, Totals] = {}
        self.unfinished: set[str] = set()
        self._places: dict[int, tuple[int, int]] = {}
        self._paths: list[Path] = []
        self._numbers: dict[str, int] = {}
        self._open: OrderedDict[int, BinaryIO] = OrderedDict()
        self._lock = threading.Lock()
        try:
            with _reading(self.folder):
                found = [path for path, _ in runs(self.folder)]
            for path in found:
                self._list(path)
        finally:
            # What was read ahead may be a torn line, in whose place another one comes.
            self.close()

    def relative(self, path: Path) -> str:
        """A path as the records write it: from the home, with slashes."""
        return relative_to(self.home, path)

    def find(self, output: str) -> Record | None:
        """The last record of a result, by its path relative to the home.

        Raises :class:`PhotoError` if its manifest cannot be read any more.
        """
        with self._lock:
            return self._at(self._places.get(hash(output)), output)

    def note(self, record: Record, name: str, start: int) -> None:
        """Remember a record that was just appended at ``start`` of the manifest ``name``."""
        with self._lock:
            self._note(record, (self._numbers[name], start))

    def close(self) -> None:
        """Close the files."""
        while self._open:
            self._open.popitem()[1].close()

    def _list(self, path: Path) -> None:
        number, start, end = len(self._paths), 0, 0
        self._paths.append(path)
        self._numbers[path.name] = number
        with _reading(path), path.open("rb") as handle:
            while line := handle.readline():
                start, end = end, end + len(line)
                values = values_of(line)
                if values is None:
                    continue
                key, settings = values.get("key"), values.get("settings")
                if "run" in values and isinstance(key, str) and isinstance(settings, dict):
                    self.settings[key] = settings
                record = Record.parse(values)
                if record is not None:
                    self._note(record, (number, start))

    def _note(self, record: Record, place: tuple[int, int]) -> None:
        """Remember where the record of a result is, if it is the last."""
        digest = hash(record.output)
        known = self._places.get(digest)
        if known is not None and known[0] != place[0]:
            other = self._at(known, record.output)
            if other is not None and other.time > record.time:
                return
        self._places[digest] = place
        if record.state == "started":
            self.unfinished.add(record.output)
        else:
            self.unfinished.discard(record.output)
        if record.state == "done":
            totals = self.totals.setdefault(record.settings, Totals())
            totals.add(Totals(1, record.seconds, record.size, record.result_size))

    def _at(self, place: tuple[int, int] | None, output: str) -> Record | None:
        if place is None:
            return None
        with _reading(self._paths[place[0]]):
            handle = self._opened(place[0])
            handle.seek(place[1])
            values = values_of(handle.readline())
        record = None if values is None else Record.parse(values)
        return record if record is not None and record.output == output else None

    def _opened(self, number: int) -> BinaryIO:
        """A manifest, open; the one that was not asked for longest is closed for it."""
        handle = self._open.pop(number, None) or self._paths[number].open("rb")
        self._open[number] = handle
        if len(self._open) > _MOST_OPEN:
            self._open.popitem(last=False)[1].close()
        return handle


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"the record {path} cannot be read: {reason_of(error)}"
        raise PhotoError(message) from error


def relative_to(home: Path, path: Path) -> str:
    """A path as the records of a home write it; from the root where the two share none."""
    try:
        return Path(os.path.relpath(path, home)).as_posix()
    except ValueError:  # two drives of Windows
        return Path(os.path.abspath(path)).as_posix()  # noqa: PTH100 - keeps links


def values_of(line: bytes) -> dict[str, Any] | None:
    """The object of a whole line; None for half a line, zeros after a power cut, or other text."""
    if not line.endswith(b"\n"):
        return None
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def runs(folder: Path) -> Iterator[tuple[Path, Shard]]:
    """The manifests in a folder of records, with the shards that they belong to.

    Raises :class:`OSError` where the system does not tell them.
    """
    names: list[str] = []
    with suppress(FileNotFoundError, NotADirectoryError):
        names = sorted(path.name for path in folder.iterdir())
    for name in names:
        shard = Shard.of_file(name)
        if shard is not None:
            yield folder / name, shard
