"""What a run would do, how long it would take, and how much room its results need."""

from __future__ import annotations

import hashlib
import heapq
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photochrom.errors import PhotochromError
from photochrom.inference.colorizer import Colorizer
from photochrom.inference.folder.decision import Rules, Verdict, decide
from photochrom.inference.folder.identity import Stamp, key_of, settings_of
from photochrom.inference.folder.jobs import Job, Outcome
from photochrom.inference.folder.plan import Plan
from photochrom.inference.folder.records import Records, Totals
from photochrom.photo.decode import size_of
from photochrom.photo.folders import is_there

ENOUGH = 20
"""So many pictures of an earlier run say more than a few made for the purpose."""

_SAMPLES = 8
_SAMPLE_SECONDS = 15.0


@dataclass(frozen=True)
class Estimate:
    """What the planned pictures would take.

    Attributes:
        pictures: how many there are.
        size: their bytes.
        seconds: with ``workers`` at a time; None where nothing is known.
        result_size: bytes of their results; None where nothing is known.
        basis: where the figures come from, for people.
        free: bytes free where the results go.
    """

    pictures: int
    size: int
    workers: int
    seconds: float | None
    result_size: float | None
    basis: str
    free: int | None


class Preview:
    """Goes through a plan and changes nothing."""

    def __init__(
        self,
        plan: Plan,
        colorizer: Colorizer,
        *,
        rules: Rules | None = None,
        workers: int = 1,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """``options`` are those of :meth:`Colorizer.write`."""
        self._plan, self._colorizer, self._workers = plan, colorizer, workers
        self._rules, self._options = rules or Rules(), dict(options or {})
        self._key = key_of(settings_of(colorizer, self._options))
        self._totals, self._planned = Totals(), Totals()
        self._samples: list[tuple[int, str, Job, int]] = []

    def outcomes(self) -> Iterator[Outcome]:
        """What would become of each picture; "planned" are those that would be colored.

        Their heads are read: what is no picture is told now. What is cut short the run will find.
        """
        records = {home: Records(home) for home in self._plan.homes}
        try:
            for known in records.values():
                same = known.totals.get(self._key, Totals())
                self._totals.add(same)
            for job in self._plan:
                home = records.get(job.home) if job.home is not None else None
                verdict = decide(job, home, self._key, self._rules)
                if verdict.state == "planned" and (reason := _unreadable(job)):
                    verdict = Verdict("failed", reason)
                if verdict.state == "planned":
                    self._count(job)
                yield Outcome(job, verdict.state, verdict.reason)
        finally:
            for known in records.values():
                known.close()

    def estimate(self) -> Estimate:
        """Time and room for what was planned; colors a few pictures if no earlier run tells."""
        totals, many = self._totals, f"{self._totals.pictures:,} pictures done before"
        if totals.pictures < ENOUGH and self._samples:
            totals = self._measured()
            many = f"{totals.pictures} of them, colored for this estimate"
        known = totals.pictures > 0
        share = self._planned.size / totals.size if known and totals.size else 0.0
        return Estimate(
            pictures=self._planned.pictures,
            size=self._planned.size,
            workers=self._workers,
            seconds=totals.seconds * share / self._workers if known else None,
            result_size=totals.result_size * share if known else None,
            basis=many if known else "",
            free=self._free(),
        )

    def _count(self, job: Job) -> None:
        stamp = Stamp.of(job.source)
        size = stamp.size if stamp is not None else 0
        self._planned.add(Totals(pictures=1, size=size))
        # The smallest digests of the paths: a fair sample, and the same one each time.
        name = f"{job.source}#{job.page}"
        digest = hashlib.blake2b(os.fsencode(name), digest_size=8).digest()
        item = (-int.from_bytes(digest, "big"), name, job, size)
        if len(self._samples) < _SAMPLES:
            heapq.heappush(self._samples, item)
        elif item[0] > self._samples[0][0]:
            heapq.heapreplace(self._samples, item)

    def _measured(self) -> Totals:
        """Color samples into folders that are thrown away."""
        totals, until = Totals(), time.monotonic() + _SAMPLE_SECONDS
        for index, (_, _, job, size) in enumerate(sorted(self._samples, reverse=True)):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                colorizer = self._colorizer.for_trial(folder)
                result = folder / f"result{job.destination.suffix}"
                try:
                    if index == 0:
                        # The first run of a session is slower than those that follow.
                        colorizer.save(job.photograph(), result, **self._options)
                    started = time.perf_counter()
                    colorizer.save(job.photograph(), result, **self._options)
                except (PhotochromError, MemoryError):
                    continue
                seconds = time.perf_counter() - started
                # What lies beside the result needs room, too.
                room = sum(path.stat().st_size for path in folder.iterdir())
                totals.add(Totals(1, seconds, size, room))
            if time.monotonic() > until:
                break
        return totals

    def _free(self) -> int | None:
        place = (*self._plan.homes, Path.cwd())[0].absolute()
        while not is_there(place):
            place = place.parent
        try:
            return shutil.disk_usage(place).free
        except OSError:
            return None


def _unreadable(job: Job) -> str:
    """Why a photograph cannot be colored, as far as its head tells; empty where nothing does."""
    try:
        size_of(job.source, max(0, job.page - 1))
    except PhotochromError as error:
        return str(error)
    return ""
