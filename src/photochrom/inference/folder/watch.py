"""A drop folder: what is put into it is colored as soon as it has come in whole."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

from photochrom.errors import WrongInput
from photochrom.inference.folder.identity import Stamp
from photochrom.inference.folder.jobs import Job, Outcome
from photochrom.inference.folder.plan import Plan
from photochrom.inference.folder.run import Run
from photochrom.photo.folders import is_folder, refusal

SECONDS = 1.0
_LISTING_SHARE = 10
"""A listing may take a tenth of the time: a large folder is looked at less often."""


def watch(
    plan: Plan, run: Run, *, stop: threading.Event, seconds: float = SECONDS
) -> Generator[Outcome, None, None]:
    """Color what lies and what appears in the folders of ``plan`` until ``stop`` is set.

    A file is taken when two looks, at least ``seconds`` apart, find it of the same size and date;
    one that changes later is taken again, and its result made anew, unless somebody else wrote to
    that: then this is told. What needs nothing is not reported, and what cannot be read once.

    Raises, at once:
        WrongInput: there is no such folder, nothing to watch in single files, or one file to hold
            all results.
    """
    for text in plan.inputs:
        if not is_folder(text):
            message = f"cannot watch {text}: {refusal(text) or 'it is no folder'}"
            raise WrongInput(message)
    if not plan.homes:
        # Refused while there is one picture, too, or none: all that come in later would be lost.
        message = f"cannot watch {plan.inputs[0]} into one file: the output must be a folder"
        raise WrongInput(message)
    return _watch(plan, run, stop, seconds)


def _watch(
    plan: Plan, run: Run, stop: threading.Event, seconds: float
) -> Generator[Outcome, None, None]:
    # By the result's place: of a file of several pages there are several.
    seen, handled, told = dict[Path, Stamp](), dict[Path, Stamp](), set[str]()
    changed = set[Path]()
    while not stop.is_set():
        started = time.monotonic()
        ready: list[Job] = []
        for job in plan:
            if stop.is_set():
                return
            if job.problem or job.left_out:
                yield from _news(job, told)
                continue
            now = Stamp.of(job.source)
            if now is None or handled.get(job.destination) == now:
                continue
            if seen.get(job.destination) == now:
                ready.append(job)
                changed |= {job.destination} & handled.keys()
                handled[job.destination] = now
                seen.pop(job.destination)
            else:
                seen[job.destination] = now
        listing = time.monotonic() - started
        with closing(run.color(ready, stop=stop, follow=True)) as outcomes:
            for outcome in outcomes:
                if outcome.state != "skipped" or outcome.job.destination in changed:
                    yield outcome
        stop.wait(max(seconds, _LISTING_SHARE * listing))


def _news(job: Job, told: set[str]) -> Iterator[Outcome]:
    """What is to be said of a file or folder that cannot be colored, once."""
    text = f"{job.source}: {job.problem or job.left_out}"
    if text in told or (job.problem and (not is_folder(job.source) or _is_empty(job))):
        return
    told.add(text)
    yield Outcome(job, "failed" if job.problem else "left out", job.problem or job.left_out)


def _is_empty(job: Job) -> bool:
    """Whether the problem is only that nothing has come in yet."""
    return job.problem.startswith("no pictures")
