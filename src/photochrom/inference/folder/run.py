"""Coloring many photographs: all cores busy, every outcome written down, nothing lost."""

from __future__ import annotations

import copy
import dataclasses
import errno
import threading
import time
from collections.abc import Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import TracebackType
from typing import Any

from photochrom.cores import cores_here
from photochrom.errors import PhotochromError, UnreadablePhoto, UnwritablePhoto, WrongInput
from photochrom.inference.colorizer import Colorizer
from photochrom.inference.folder.decision import Rules, decide
from photochrom.inference.folder.home import Home
from photochrom.inference.folder.identity import Stamp, different, digest_of, key_of, settings_of
from photochrom.inference.folder.jobs import THERE, Job, Outcome
from photochrom.inference.folder.memory import Memory, bytes_per_pixel, room_here
from photochrom.inference.folder.plan import Plan
from photochrom.inference.opening import open_session
from photochrom.photo.atomic import reason_of
from photochrom.photo.decode import size_of
from photochrom.photo.photo import Photo

_NO_MORE_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENODEV, errno.ESTALE}
"""What fails the writing of all that follow, too: the disk is full, read-only, or gone."""

_LOOK_SECONDS = 0.5
"""So long a run waits without a look at what else came: on Windows Ctrl-C does not end a wait."""


class Run:
    """Colors jobs and keeps the records of their homes; a context that lets go of them."""

    def __init__(
        self,
        colorizer: Colorizer,
        plan: Plan,
        *,
        rules: Rules | None = None,
        workers: int = 1,
        **options: Any,
    ) -> None:
        """Hold the homes of ``plan``; ``options`` as for :meth:`Colorizer.write`, but the format.

        Raises:
            WrongInput: another run is at work in one of the homes.
            UnwritablePhoto: a home cannot be written.
        """
        self._colorizer, self._options = colorizer, options
        self._rules, self._workers = rules or Rules(), workers
        self._settings = settings_of(colorizer, options)
        self._key = key_of(self._settings)
        self._memory = Memory(room_here())
        self._halt: PhotochromError | None = None
        self._is_abandoned = False
        self._suspects, self._postponed = list[Job](), set[Path]()
        self._homes: dict[Path, Home] = {}
        try:
            for home in plan.homes:
                self._homes[home] = Home(home, plan.shard, self._settings, self._key)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the homes."""
        for home in self._homes.values():
            home.close()

    def color(
        self, jobs: Iterable[Job], *, stop: threading.Event | None = None, follow: bool = False
    ) -> Generator[Outcome, None, None]:
        """Color every job and yield its outcome as it ends; a failed one never stops the rest.

        With one worker the order is that of the jobs. Once ``stop`` is set nothing new is begun;
        the pictures in hand are finished, written and yielded. ``follow`` is that of
        :class:`Rules`.

        Whoever may leave early closes this: left to the garbage collector it waits for its threads
        in whichever thread that runs, and Python 3.11 locks up where that one is just starting.

        Raises:
            UnwritablePhoto: the disk is full or gone; after the pictures in hand.
        """
        stop = stop or threading.Event()
        rules = dataclasses.replace(self._rules, follow=follow)
        pending, source = dict[Future[Outcome | None], None](), iter(jobs)
        # Threads, not processes: decoding, network and encoding all run outside of Python's lock,
        # and one copy of the model serves all cores.
        with ThreadPoolExecutor(self._workers, "photochrom") as pool:
            try:
                while True:
                    going = not stop.is_set() and self._halt is None
                    # A few jobs ahead, so that no worker waits for the listing of a folder.
                    while going and len(pending) < 2 * self._workers:
                        job = next(source, None)
                        if job is None:
                            break
                        pending[pool.submit(self._one, job, stop, rules)] = None
                    if not going:
                        for future in [f for f in pending if f.cancel()]:
                            del pending[future]
                    if not pending and going and self._suspects:
                        source, self._suspects = iter(self._suspects), []
                        continue
                    if not pending:
                        break
                    wait(pending, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
                    for future in [f for f in pending if f.done()]:
                        del pending[future]
                        if (outcome := future.result()) is not None:
                            yield outcome
            except BaseException:
                # What has not begun must not begin; what has begun ends atomically.
                self._is_abandoned = True
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        if self._halt is not None:
            raise self._halt

    def _one(self, job: Job, stop: threading.Event, rules: Rules) -> Outcome | None:
        """Decide on one job and color it, unless the run ends; called from several threads."""
        if stop.is_set() or self._halt is not None:
            return None
        home = self._homes.get(job.home) if job.home is not None else None
        try:
            verdict = decide(job, home.records if home else None, self._key, rules)
            if verdict.state == "planned" and self._is_suspect(job, home):
                self._suspects.append(job)
                return None
            if verdict.state != "planned":
                unlike = ""
                if home is None and verdict.reason == THERE:
                    unlike = different(job.destination, self._colorizer)
                return Outcome(job, verdict.state, unlike or verdict.reason)
            needed = bytes_per_pixel(job.source, job.destination) * _pixels_of(job.source, job.page)
            with self._memory.taken(needed):
                # The run may have ended while this picture waited.
                ends = stop.is_set() or self._halt is not None or self._is_abandoned
                return None if ends else self._color(job, home)
        except PhotochromError as error:
            # The records themselves cannot be written, or not be read.
            self._halt = error
            return None
        except Exception as error:
            return Outcome(job, "failed", _unexpected(job, error))

    def _is_suspect(self, job: Job, home: Home | None) -> bool:
        """Whether runs died in the middle of it: it then waits until the others are done."""
        if home is None or job.destination in self._postponed:
            return False
        record = home.records.find(home.records.relative(job.destination))
        if record is None or record.state != "started" or record.tries < 2:
            return False
        self._postponed.add(job.destination)
        return True

    def _color(self, job: Job, home: Home | None) -> Outcome | None:
        """Color one photograph, with its record if it has a home; None if the run has to end."""
        started = time.perf_counter()
        record = home.begin(job) if home is not None else None
        facts = _facts(job.source) if home is not None else {}
        state, reason, photo = "failed", "", None
        kept = self._colorizer.kept_hints(job.source, job.destination)
        try:
            _make_folder(job.destination.parent)
            if home is None:
                photo = self._colorizer.save(job.photograph(), job.destination, **self._options)
            else:
                photo = self._save_staged(job, home, facts)
            state = "done"
        except PhotochromError as error:
            reason = str(error)
            if isinstance(error, UnwritablePhoto) and _errno_of(error) in _NO_MORE_ROOM:
                state, self._halt = "stopped", error
        except MemoryError:
            reason = f"{job.source}: not enough memory for a picture of this size"
        except Exception as error:
            # A fault of ours must not cost the 49,999 other pictures of a night's run.
            reason = _unexpected(job, error)
        seconds = round(time.perf_counter() - started, 4)
        if home is not None and record is not None:
            home.end(record, state=state, reason=reason, seconds=seconds, **facts)
        if state == "stopped":
            return None  # the disk is to blame, which ends the run with one line
        if photo is None:
            return Outcome(job, "failed", reason, seconds)
        keeps_tint = self._colorizer.settings.keep_tint
        done = Outcome.done(job, photo, seconds, keeps_tint=keeps_tint)
        return dataclasses.replace(done, kept_hints=kept)

    def _save_staged(self, job: Job, home: Home, facts: dict[str, Any]) -> Photo:
        """Make the result aside and move it to its place when it is whole; adds to ``facts``."""
        staged: Path | None = None
        try:
            staged = home.staged(job.destination)
            source, final = job.photograph(), job.destination
            photo = self._colorizer.save(source, staged, final=final, **self._options)
            now = Stamp.of(job.source)
            if now is None or now != Stamp(facts["size"], facts["mtime"]):
                message = f"{job.source} cannot be read: it changed while it was read"
                raise UnreadablePhoto(message)
            made = home.publish(staged, job.destination)
        except UnwritablePhoto as error:
            # People know the result by its own name.
            message = str(error).replace(str(staged), str(job.destination))
            raise UnwritablePhoto(message) from error
        except OSError as error:
            message = f"{job.destination} cannot be written: {reason_of(error)}"
            raise UnwritablePhoto(message) from error
        finally:
            if staged is not None:
                staged.unlink(missing_ok=True)
        facts |= {"result_size": made.size, "result_mtime": made.mtime} if made is not None else {}
        return photo


def spread(colorizer: Colorizer, workers: int | None) -> tuple[Colorizer, int]:
    """The colorizer and the number of pictures at a time that keep all cores busy, once each.

    ``workers`` is the number wanted, if any. A colorizer that was not told how many threads to use
    gets a session of its own whose threads, times the pictures at a time, are the cores. Raises
    :class:`WrongInput` for fewer than one.
    """
    cores = cores_here()
    if workers is not None and workers < 1:
        message = f"workers must be at least 1, not {workers}"
        raise WrongInput(message)
    if workers is None:
        workers = max(1, cores // (colorizer.threads or 1))
    if colorizer.threads is None and workers > 1:
        colorizer = copy.copy(colorizer)
        colorizer.session = open_session(
            colorizer.model, threads=max(1, cores // workers), device=colorizer.device
        )
    return colorizer, workers


def _facts(source: Path) -> dict[str, Any]:
    """What the record says of a photograph; what cannot be read is told by who decodes it."""
    stamp = Stamp.of(source)
    if stamp is None:
        return {"size": 0, "mtime": 0}
    try:
        return {"size": stamp.size, "mtime": stamp.mtime, "sha256": digest_of(source)}
    except OSError:
        return {"size": stamp.size, "mtime": stamp.mtime}


def _pixels_of(source: Path, page: int = 0) -> int:
    """How many pixels a photograph's largest page claims, or this one, as of :class:`Job`.

    0 if unknown: decoding it says why.
    """
    try:
        height, width = size_of(source, max(0, page - 1))
    except PhotochromError:
        return 0
    return height * width


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"cannot make the folder {folder}: {reason_of(error)}"
        raise UnwritablePhoto(message) from error


def _unexpected(job: Job, error: Exception) -> str:
    return f"{job.source}: unexpected {type(error).__name__}: {error}".splitlines()[0]


def _errno_of(error: BaseException | None) -> int | None:
    """The number of the system's error that an error came from."""
    while error is not None:
        if isinstance(error, OSError):
            return error.errno
        error = error.__cause__
    return None
