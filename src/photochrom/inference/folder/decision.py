"""Whether a picture is to be colored, given what was done before."""

from __future__ import annotations

from dataclasses import dataclass

from photochrom.inference.folder.identity import Stamp, difference, digest_of
from photochrom.inference.folder.jobs import AGAIN, FOREIGN_RESULT, SAME, THERE, Job
from photochrom.inference.folder.records import Record, Records
from photochrom.inference.hint_file import sidecar_of
from photochrom.inference.names import is_same_file
from photochrom.photo.results import is_ours

MOST_TRIES = 5
"""A picture in whose middle the run died so often in a row is taken for what kills it."""


@dataclass(frozen=True)
class Rules:
    """What is made again: results that are there, and pictures that failed before.

    ``follow``: where a photograph has changed and its result is still as it was written.
    """

    overwrite: bool = False
    retry_failed: bool = False
    follow: bool = False


@dataclass(frozen=True)
class Verdict:
    """``state`` "skipped", "failed" or "left out" with its ``reason``, or "planned": to color."""

    state: str
    reason: str = ""


PLANNED = Verdict("planned")


def decide(job: Job, records: Records | None, key: str, rules: Rules) -> Verdict:
    """Decide on one picture; reads its content only where its date alone has changed.

    ``records`` are those of its home, if it has one; ``key`` names the settings in force.
    """
    verdict = _decide(job, records, key, rules)
    if verdict.state == "planned" and job.occupied:
        reason = f"the result would replace {job.destination}, another photograph of this run"
        return Verdict("failed", f"{job.source}: {reason}")
    return verdict


def _decide(job: Job, records: Records | None, key: str, rules: Rules) -> Verdict:
    """Decide on one picture, wherever its result goes."""
    if job.problem:
        return Verdict("failed", job.problem)
    if job.left_out:
        return Verdict("left out", job.left_out)
    result = Stamp.of(job.destination)
    if result is not None and is_same_file(job.source, job.destination):
        return Verdict(
            "failed", f"{job.source}: the result would replace it; choose another --output"
        )
    # A result without bytes is what a power cut can leave; there is nothing to lose in it.
    there = result is not None and result.size > 0
    record = None if records is None else records.find(records.relative(job.destination))
    if record is None or records is None:
        skip = there and not rules.overwrite
        return Verdict("skipped", THERE) if skip else PLANNED
    if record.state == "started":
        if record.tries >= MOST_TRIES and not rules.retry_failed:
            return _failed(job, f"the run ended {record.tries} times while it was colored")
        # What is there is an older result, or this one without its record; or somebody's own file.
        if not there or rules.overwrite or is_ours(job.destination):
            return PLANNED
        return Verdict("skipped", FOREIGN_RESULT)
    if record.state == "failed" and (not there or rules.overwrite):
        same = record.settings == key and not _has_changed(job, record)
        return _failed(job, record.reason) if same and not rules.retry_failed else PLANNED
    if not there:
        return PLANNED
    return _decide_on_result(job, record, records, key, rules)


def _decide_on_result(
    job: Job, record: Record, records: Records, key: str, rules: Rules
) -> Verdict:
    """Decide on a picture whose result is there, of which the last record says how it was made."""
    if record.state != "done":
        return PLANNED if rules.overwrite else Verdict("skipped", THERE)
    stale = ""
    changed = _has_changed(job, record)
    if changed and not rules.overwrite and record.input != records.relative(job.source):
        reason = f"its result is there already, made from {record.input}; choose another --output"
        return Verdict("failed", f"{job.source}: {reason}")
    if changed:
        stale = "the photograph has changed since"
    elif _hinted_since(job):
        stale = "its hints have changed since"
    elif record.settings != key:
        now, before = records.settings.get(key, {}), records.settings.get(record.settings)
        unlike = "" if before is None else f": {difference(before, now)}"
        stale = f"made with other settings{unlike}"
    result = Stamp.of(job.destination)
    as_written = result is not None and result.is_like(record.result_size, record.result_mtime)
    if changed and as_written and rules.follow:
        return PLANNED
    if rules.overwrite:
        return PLANNED if stale or not as_written else Verdict("skipped", SAME)
    return Verdict("skipped", f"{stale}; {AGAIN}" if stale else THERE)


def _failed(job: Job, reason: str) -> Verdict:
    text = f"{reason} (before; --retry-failed tries it again)"
    return Verdict("failed", text if str(job.source) in reason else f"{job.source}: {text}")


def _hinted_since(job: Job) -> bool:
    """Whether the hints beside the result are newer: somebody has edited them by hand."""
    hints, result = (
        Stamp.of(p) for p in (sidecar_of(job.source, job.destination), job.destination)
    )
    return hints is not None and result is not None and hints.mtime > result.mtime


def _has_changed(job: Job, record: Record) -> bool:
    """Whether the photograph is another one than that of the record."""
    now = Stamp.of(job.source)
    if now is None or now == Stamp(record.size, record.mtime):
        # What is gone cannot be made again, and its result is still its result.
        return False
    if now.size != record.size or not record.sha256:
        return True
    try:
        return digest_of(job.source) != record.sha256
    except OSError:
        return True
