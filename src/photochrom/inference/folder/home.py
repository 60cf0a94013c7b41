"""The folder ``.photochrom`` of a run: what was done, who is at it, and what is half written."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import json
import os
import shutil
import socket
import threading
import time
import uuid
from pathlib import Path
from typing import Any, BinaryIO

from photochrom.errors import UnwritablePhoto, WrongInput
from photochrom.inference.folder.identity import Stamp
from photochrom.inference.folder.jobs import Job
from photochrom.inference.folder.lock import is_held, try_lock
from photochrom.inference.folder.records import FOLDER, Record, Records, runs
from photochrom.inference.folder.shard import Shard
from photochrom.photo.atomic import atomic_file, clear_leftovers, reason_of
from photochrom.photo.folders import is_file

_SYNC_SECONDS = 5.0


class Home:
    """The records of one shard's run in one folder, held against a second run until closed.

    Every line is appended as a whole. The result of a picture is written to a folder of this shard
    alone and moved to its place when it is whole and on the disk: whatever is found in that folder
    at the start was left by a run that died, and is removed, as is what shards of another count
    left, none of which can be at work.
    """

    def __init__(self, home: Path, shard: Shard, settings: dict[str, Any], key: str) -> None:
        """Open and hold ``home``; ``key`` names the ``settings``.

        Raises:
            WrongInput: another run is at it.
            UnwritablePhoto: the folder cannot be written, or what a dead run left not removed.
            PhotoError: a record cannot be read.
        """
        self.path, self.key, self._name = home, key, shard.name
        self._lock, self._file = threading.Lock(), self._open(home, shard)
        try:
            self.records = Records(home)
        except BaseException:
            self._file.close()
            raise
        try:
            self._clean(shard)
            from photochrom import __version__

            self._end = self._cut_torn_line()
            head: dict[str, Any] = {"run": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
            head |= {"photochrom": __version__, "host": socket.gethostname(), "pid": os.getpid()}
            self._write(json.dumps({**head, "key": key, "settings": settings}).encode() + b"\n")
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):
                message = f"{home / FOLDER} cannot be used: {reason_of(error)}"
                raise UnwritablePhoto(message) from error
            raise
        self.records.settings[key] = settings
        self._synced = time.monotonic()

    def begin(self, job: Job) -> Record:
        """Write down that a picture is taken in hand, and how often in a row it was."""
        last = self.records.find(self.records.relative(job.destination))
        tries = last.tries + 1 if last is not None and last.state == "started" else 1
        names = [self.records.relative(path) for path in (job.destination, job.source)]
        return self._append(Record(names[0], names[1], "started", self.key, tries=tries))

    def end(self, record: Record, **facts: Any) -> None:
        """Write down what became of it."""
        self._append(dataclasses.replace(record, tries=0, **facts))

    def staged(self, destination: Path) -> Path:
        """A new path on the disk of ``destination`` for its result while it is made."""
        folder = self._parts(self.path, self._name)
        parent = destination.parent
        if parent.stat().st_dev != self.path.stat().st_dev:
            folder = self._parts(parent, self._name)
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{uuid.uuid4().hex[:12]}{destination.suffix}"

    def publish(self, staged: Path, destination: Path) -> Stamp | None:
        """Move a whole result, on the disk since it was written, to its place; returns its stamp.

        A power cut leaves the old one or the new one.
        """
        made, place = Stamp.of(staged), Path(os.path.realpath(destination))
        # Of photographs that were named and colored without a home.
        clear_leftovers(place.parent)
        try:
            staged.replace(place)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            # Another mount of the same disk, or a link's target on another one.
            with atomic_file(destination) as file, staged.open("rb") as whole:
                shutil.copyfileobj(whole, file)
            made = Stamp.of(destination)
        return made

    def close(self) -> None:
        """Let go; the next run may begin."""
        with self._lock:
            try:
                self._sync()
                self._parts(self.path, self._name).rmdir()
            except OSError:
                pass  # never made, or not empty: the next run cleans it
            self.records.close()
            self._file.close()

    def _parts(self, folder: Path, name: str) -> Path:
        """Where a shard has what is half written; elsewhere other homes may have theirs."""
        if folder == self.path:
            return folder / FOLDER / f"{name}.parts"
        home = os.fsencode(os.path.realpath(self.path))
        digest = hashlib.blake2b(home, digest_size=6).hexdigest()
        return folder / FOLDER / f"{name}.{digest}.parts"

    def _clean(self, shard: Shard) -> None:
        """Remove what runs that died left half written, here and on other disks."""
        places = {self.path}
        places.update((self.path / output).parent for output in self.records.unfinished)
        others = (other for _, other in runs(self.path / FOLDER) if other.count != shard.count)
        names = [shard.name, *(other.name for other in others)]
        for place in places:
            try:
                self._clear([self._parts(place, name) for name in names], shard)
            except PermissionError:
                # Where one may not look any more, the pictures that go there fail, and no others.
                if place == self.path:
                    raise

    def _clear(self, folders: list[Path], shard: Shard) -> None:
        """Remove what is half written, and the folders but for that of this shard."""
        for parts in folders:
            for left in parts.iterdir() if parts.is_dir() else ():
                left.unlink(missing_ok=True)
            if parts.is_dir() and parts != self._parts(self.path, shard.name):
                parts.rmdir()

    def _open(self, home: Path, shard: Shard) -> BinaryIO:
        folder = home / FOLDER
        path = folder / f"{shard.name}.jsonl"
        if is_file(home):
            message = f"{home} is a file, not a folder: results need a folder"
            raise UnwritablePhoto(message)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = path.open("a+b", buffering=0)
        except OSError as error:
            message = f"{path} cannot be written: {reason_of(error)}"
            raise UnwritablePhoto(message) from error
        held = path
        if try_lock(file):
            others = (p for p, other in runs(folder) if other.count != shard.count and is_held(p))
            if (found := next(others, None)) is None:
                return file
            held = found
        file.close()
        message = (
            f"another run is at work in {home}{_who(held)}: wait for it, "
            "or divide the work among runs with --shard 1/n to n/n"
        )
        raise WrongInput(message)

    def _cut_torn_line(self) -> int:
        """Remove the half of a line at the end that a killed run left; returns the size."""
        end = self._file.seek(0, os.SEEK_END)
        start = end
        while start > 0:
            step = min(4096, start)
            self._file.seek(start - step)
            found = self._file.read(step).rfind(b"\n")
            if found >= 0:
                start = start - step + found + 1
                break
            start -= step
        if start != end:
            self._file.truncate(start)
        return start

    def _append(self, record: Record) -> Record:
        record = dataclasses.replace(record, time=round(time.time(), 3))
        with self._lock:
            start = self._end
            self._write(record.line())
            self.records.note(record, f"{self._name}.jsonl", start)
            if time.monotonic() - self._synced > _SYNC_SECONDS:
                self._sync()
        return record

    def _write(self, line: bytes) -> None:
        try:
            written = self._file.write(line)
            if written != len(line):
                # The disk is full: half a line helps nobody.
                self._file.truncate(self._end)
                message = f"the record of {self.path} cannot be written: no space left on device"
                raise UnwritablePhoto(message)
        except OSError as error:
            message = f"the record of {self.path} cannot be written: {reason_of(error)}"
            raise UnwritablePhoto(message) from error
        self._end += len(line)

    def _sync(self) -> None:
        os.fsync(self._file.fileno())
        self._synced = time.monotonic()


def _who(manifest: Path) -> str:
    """The process that wrote the last head of a manifest, as far as can be told."""
    found = ""
    try:
        with manifest.open("rb") as file:
            for line in file:
                if line.startswith(b'{"run"') and line.endswith(b"\n"):
                    head = json.loads(line)
                    found = f" (process {head['pid']} on {head['host']})"
    except (OSError, ValueError, KeyError):
        return ""
    return found
