"""Packs pictures into shards on all cores; an interrupted packing continues where it stopped.

The order is that of the source and the shards are written by one process, so the result does not
depend on the number of workers, nor on interruptions: shards carry the source's position of each
picture, and a new run goes on behind the last one.
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from photochrom.data.packed_picture import Packed, PackSettings, pack_picture
from photochrom.data.pictures import Pictures
from photochrom.data.shard_writer import ShardWriter, facts_of, shard_path
from photochrom.errors import DataError, UnwritablePhoto
from photochrom.photo.atomic import atomic_file, reason_of

_CHUNK = 8
DROPPED = "dropped.csv"
SETTINGS = "pack.json"
_OURS = "result of photochrom"


@dataclass(frozen=True)
class PackResult:
    """Shards and pictures in the folder after the run, and how many were left out for what."""

    shards: int
    pictures: int
    dropped: Counter[str]


def pack(
    pictures: Pictures,
    out: Path,
    settings: PackSettings,
    *,
    workers: int,
    begin: Callable[[int], None] = lambda position: None,
    advance: Callable[[int], None] = lambda position: None,
    end: Callable[[], None] = lambda: None,
) -> PackResult:
    """Write ``pictures`` as shards ``out/pictures-000000.tar`` and on.

    Gray, small and broken pictures, those whose packed bytes were there before, and our own results
    are left out and listed with the reason in ``out/dropped.csv``.

    Args:
        pictures: any source.
        out: folder; shards that an earlier run finished in it are kept.
        settings: sizes, format, limits.
        workers: processes; 1 works in this one.
        begin: called with the position at which the run starts.
        advance: called with how many positions are done, after each.
        end: called when the run ends, also by a failure.

    Raises:
        DataError: ``out`` holds shards of other pictures or settings, or nothing is left to pack.
        UnwritablePhoto: the system refused a file.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{out} cannot be written: {reason_of(error)}"
        raise UnwritablePhoto(message) from error
    _check_same(out, settings, pictures)
    written, seen, start = _finished(out)
    log = _DroppedLog(out / DROPPED, own_results=pictures.own_results, before=start)
    writer = ShardWriter(out, pictures=settings.per_shard, suffix=settings.format, written=written)
    begin(start)
    try:
        with closing(_packed(pictures, range(start, len(pictures)), settings, workers)) as ready:
            for packed in ready:
                _take(packed, pictures, seen, writer, log)
                advance(packed.position + 1)
    finally:
        end()
    log.flush()
    writer.flush()
    if not seen:
        message = f"all {len(pictures)} pictures were left out; {out / DROPPED} says why"
        raise DataError(message)
    return PackResult(writer.written, len(seen), log.counts)


def _take(
    packed: Packed,
    pictures: Pictures,
    seen: dict[str, int],
    writer: ShardWriter,
    log: _DroppedLog,
) -> None:
    """Put a picture into the shard in hand, or on the list of those left out."""
    if packed.facts is None or packed.data is None:
        log.add(packed, packed.reason)
    elif (first := seen.get(packed.facts.digest)) is not None:
        log.add(packed, f"duplicate of {pictures.name(first)}")
    else:
        seen[packed.facts.digest] = packed.position
        if writer.add(packed.data, packed.facts):
            # The list first: what it holds too much after a failure is cut at the next start.
            log.flush()
            writer.flush()


def _packed(
    pictures: Pictures, positions: range, settings: PackSettings, workers: int
) -> Generator[Packed, None, None]:
    """Packed pictures in order; a bounded number waits in memory."""
    chunks = (positions[i : i + _CHUNK] for i in range(0, len(positions), _CHUNK))
    if workers <= 1 or len(positions) <= _CHUNK:
        for position in positions:
            yield pack_picture(pictures, position, settings)
        return
    pool = ProcessPoolExecutor(
        workers,
        # Forking a process that has threads may lock up; a fresh one costs half a second.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(pictures, settings),
    )
    waiting: deque[Future[list[Packed]]] = deque()
    try:
        for chunk in chunks:
            with _deaf_children():
                waiting.append(pool.submit(_pack_chunk, chunk))
            if len(waiting) >= 4 * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except BrokenProcessPool as error:
        message = "a packing process ended, perhaps for want of memory; the same command continues"
        raise DataError(message) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Processes that are started inside ignore Ctrl-C from their first moment.

    It reaches all processes of the terminal; only the main one is to act on it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


_worker: tuple[Pictures, PackSettings]


def _start_worker(pictures: Pictures, settings: PackSettings) -> None:
    global _worker
    _worker = (pictures, settings)
    # Without this, a worker would wait forever for a main process that was killed.
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _pack_chunk(chunk: range) -> list[Packed]:
    pictures, settings = _worker
    return [pack_picture(pictures, position, settings) for position in chunk]


def _finished(out: Path) -> tuple[int, dict[str, int], int]:
    """Shards that are there, positions by digest of their pictures, and where to go on."""
    written, seen, start = 0, {}, 0
    while (path := shard_path(out, written)).exists():
        for facts in facts_of(path):
            seen[facts.digest] = facts.position
            start = facts.position + 1
        written += 1
    return written, seen, start


def _check_same(out: Path, settings: PackSettings, pictures: Pictures) -> None:
    """Refuse a folder of shards made otherwise; leave what this run is made with."""
    names = hashlib.blake2b(digest_size=16)
    for index in range(len(pictures)):
        names.update(pictures.name(index).encode("utf-8", "surrogateescape") + b"\0")
    now = {
        **dataclasses.asdict(settings),
        "pictures": len(pictures),
        "names": names.hexdigest(),
    }
    path = out / SETTINGS
    if any(out.glob("*.tar")):
        try:
            then = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            message = f"{out} holds shards that were not packed here; choose another folder"
            raise DataError(message) from error
        different = [key for key in now if now[key] != then.get(key)]
        if different:
            message = (
                f"{out} holds shards packed otherwise ({', '.join(different)} differ); "
                "choose another folder"
            )
            raise DataError(message)
    with atomic_file(path) as file:
        file.write((json.dumps(now, indent=2) + "\n").encode())


class _DroppedLog:
    """The CSV list of what was left out: position, name, reason.

    Our own results have no position: they are none of the source's pictures.
    """

    def __init__(self, path: Path, *, own_results: Sequence[str], before: int) -> None:
        """Keep what an earlier run wrote of positions below ``before``."""
        self.path = path
        self.counts: Counter[str] = Counter()
        self._waiting: list[list[str]] = []
        kept = []
        if before and path.exists():
            with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
                rows = list(csv.reader(file))[1:]
                kept = [row for row in rows if row and row[0] and int(row[0]) < before]
        ours = [["", name, _OURS] for name in own_results]
        with atomic_file(path) as file:
            file.write(_as_csv([["position", "name", "reason"], *ours, *kept]))
        self.counts.update({_OURS: len(ours)} if ours else {})
        self.counts.update(_kind(row[2]) for row in kept)

    def add(self, packed: Packed, reason: str) -> None:
        """Remember one picture."""
        self._waiting.append([str(packed.position), packed.name, reason])
        self.counts[_kind(reason)] += 1

    def flush(self) -> None:
        """Write what is remembered."""
        try:
            with self.path.open("ab") as file:
                file.write(_as_csv(self._waiting))
        except OSError as error:
            message = f"{self.path} cannot be written: {reason_of(error)}"
            raise UnwritablePhoto(message) from error
        self._waiting = []


def _as_csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "surrogateescape")


def _kind(reason: str) -> str:
    """The reason in a word or two, for counting."""
    for kind in ("gray", "small", "low colorfulness", "duplicate"):
        if reason.startswith(kind):
            return kind
    return "broken"
