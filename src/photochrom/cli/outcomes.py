"""What ``photochrom colorize`` says of a run: progress, what failed, and a summary."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, deque
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from photochrom.inference.folder.jobs import AGAIN, SAME, THERE
from photochrom.inference.names import WRITABLE
from photochrom.photo.folders import LeftOut
from photochrom.photo.litter import litter_of

if TYPE_CHECKING:
    from rich.progress import Progress

    from photochrom.inference.folder.jobs import Job, Outcome
    from photochrom.inference.retoucher import Wishes

_LINE_SECONDS = 60.0
_RECENT = 200
ONE_BY_ONE = ("toned", "kept", "frames", "bilevel", "gray", "lost")
"""Notes that are made of every photograph, not only of the first of a folder."""
_LOST = 5
"""So many keywords of lost texts are named."""
_SHOWN = 1000
"""So many failures are listed again at the end; the rest is in the record and in ``--json``."""


def shown(text: object) -> str:
    """A path or a message on one line, whatever is in a file's name."""
    plain = str(text).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in plain)


def named(job: Job) -> str:
    """A photograph by its path, and by its page where that alone is meant."""
    return shown(job.source) + (f", page {job.page}" if job.page else "")


class Report:
    """Prints outcomes as they come; knows the rate and the time that is left."""

    def __init__(
        self, total: int, *, asked: Wishes, quiet: bool = False, as_json: bool = False
    ) -> None:
        """``total`` is the number of outcomes to expect; 0 where nobody knows.

        ``asked`` is what somebody wanted to see beside the colors, or changed in them.
        """
        self._asked = asked
        self._total, self._quiet, self._as_json = total, quiet, as_json
        self._bar: Progress | None = None
        self.counts = Counter[str]()
        self._skipped, self._failures = Counter[str](), list[str]()
        self._left_out, self._last = LeftOut(), dict[Path, str]()
        self._live, self._noted = False, set[str]()
        self._started = self._last_line = time.monotonic()
        self._ends = deque[float](maxlen=_RECENT)

    @property
    def failed(self) -> int:
        """How many failed; in a drop folder those that came in whole later did not."""
        return self.counts["failed"]

    def follow(self, outcomes: Iterable[Outcome], *, live: bool = False) -> None:
        """Print every outcome: ``live`` one line a picture, else a bar for many."""
        self._live = live
        if self._total < 2 or live or self._quiet or not sys.stderr.isatty():
            for outcome in outcomes:
                self._take(outcome)
                self._print_pace()
            return
        with _progress() as self._bar:
            task = self._bar.add_task("colorizing", total=self._total, text="")
            for outcome in outcomes:
                self._take(outcome)
                self._bar.update(task, completed=sum(self.counts.values()), text=self._pace())
        self._bar = None

    def summary(self, stopped: bool = False) -> None:
        """Print what failed, what was skipped and why, and how to go on."""
        for reason in self._failures:
            click.echo(f"photochrom: {reason}", err=True)
        if self.failed > len(self._failures) and not self._live:
            click.echo(f"photochrom: and {self.failed - len(self._failures):,} more", err=True)
        seen = sum(self.counts.values())
        if seen > 1 or (stopped and self._total > 1):
            parts = [f"{self.counts[s]:,} {s}" for s in ("done", "skipped", "failed")
                     if self.counts[s]]  # fmt: skip
            whole = f"{seen:,} of {self._total:,}" if 0 < seen < self._total else f"{seen:,}"
            self._say(
                f"{whole} pictures in {span(time.monotonic() - self._started)}: "
                f"{', '.join(parts) or 'none done'}"
            )
            for reason, count in self._skipped.most_common():
                if reason != THERE:
                    self._say(f"  {count:,} skipped: {shown(reason)}")
        for line in self._left_out.lines():
            self._say(line)
        if stopped:
            self._say("stopped; the same command continues")

    def _take(self, outcome: Outcome) -> None:
        if self._as_json:
            click.echo(json.dumps(as_dict(outcome)))
        job = outcome.job
        if outcome.state == "left out":
            self._left_out.add(job.source.name)
            if self._live and not litter_of(job.source.name):
                self._say(f"{shown(job.source)} is left out: {shown(outcome.reason)}")
            return
        self._count(outcome)
        if outcome.state == "failed":
            reason = shown(outcome.reason)
            if self._live:
                click.echo(f"photochrom: {reason}", err=True)
            elif len(self._failures) < _SHOWN:
                self._failures.append(reason)
            return
        if outcome.state == "skipped":
            self._skipped[outcome.reason] += 1
            if self._total == 1 or self._live:
                alone = " and nothing else was made" if self._asked.more else ""
                self._say(
                    f"{shown(job.destination)} was left as it is{alone}: {self._left(outcome)}"
                )
            return
        self._ends.append(time.monotonic())
        if self._live or self._total == 1:
            self._say(f"{shown(job.destination)}  ({outcome.seconds:.2f} s)")
        for kind, note in notes(outcome).items():
            # Of a folder in color, say, one such note is enough.
            if kind in ONE_BY_ONE or kind not in self._noted:
                self._say(note)
            self._noted.add(kind)

    def _count(self, outcome: Outcome) -> None:
        """Count it; of a file that comes into a drop folder again only the last time counts."""
        if self._live:
            if (before := self._last.get(outcome.job.destination)) is not None:
                self.counts[before] -= 1
            self._last[outcome.job.destination] = outcome.state
        self.counts[outcome.state] += 1

    def _left(self, outcome: Outcome) -> str:
        """Why a result was left, and how it would be made again."""
        reason = shown(outcome.reason)
        if reason == SAME:
            return reason
        again = "" if "--overwrite" in reason else f"; {AGAIN}"
        with_it = f", with your {self._asked.named}" if self._asked.named else ""
        return f"{reason}{again}{with_it}"

    def _say(self, text: str) -> None:
        """A line for people, above the bar if there is one."""
        if self._bar is not None:
            self._bar.console.print(
                text, highlight=False, soft_wrap=True, markup=False, emoji=False
            )
        elif not self._quiet:
            click.echo(text, err=True)

    def _pace(self) -> str:
        """Rate of what is really colored, over the last ones, and the time left by it."""
        if len(self._ends) < 2:
            return ""
        rate = (len(self._ends) - 1) / max(time.monotonic() - self._ends[0], 1e-9)
        left = max(0, self._total - sum(self.counts.values()))
        failed = f", {self.failed:,} failed" if self.failed else ""
        return f"{rate:.1f} a second, {span(left / rate)} left{failed}"

    def _print_pace(self) -> None:
        """A line now and then for the log of a night's run, where no bar can be drawn."""
        now = time.monotonic()
        if (
            self._live
            or self._quiet
            or sys.stderr.isatty()
            or now - self._last_line < _LINE_SECONDS
        ):
            return
        self._last_line = now
        seen = sum(self.counts.values())
        self._say(f"{seen:,} of {self._total:,}: {self._pace() or 'nothing to do yet'}")


def _progress() -> Progress:
    # Here and not above: a single photograph is colored before rich would be loaded.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[text]}"),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)


def notes(outcome: Outcome, name: str = "", format: str = "") -> dict[str, str]:
    """What people should know of a photograph that was colored, by kind of note.

    ``name`` stands for its path, ``format`` is that of a result without a name.
    """
    from photochrom.photo.encode import DEEP_FORMATS

    name = name or named(outcome.job)
    format = format or WRITABLE.get(outcome.job.destination.suffix.lower(), "")
    found = {}
    if outcome.toned:
        found["toned"] = f"note: {name} is toned: its tint was taken off; --keep-tint keeps it"
    if outcome.kept_hints:
        one = outcome.kept_hints == 1
        count, them = ("1 kept hint", "it") if one else (f"{outcome.kept_hints} kept hints", "them")
        found["kept"] = f"note: {name}: {count} applied (--no-sidecar leaves {them} out)"
        found["kept"] += f"; --forget-hints drops {them}"
    if outcome.bilevel:
        result = ", and so is the result" if outcome.came_out_gray else ""
        found["bilevel"] = (
            f"note: {name}: this scan is black and white only{result}: it has no grays to color; "
            "scan the photograph in gray"
        )
    elif outcome.came_out_gray:
        found["gray"] = f"note: {name} came out without any color"
    if outcome.frames > 1:
        found["frames"] = f"note: {name} has {outcome.frames} frames; only the first is colored"
    if outcome.was_color:
        found["color"] = f"note: {name} is in color; its own lightness is used"
    if outcome.depth > 8 and format and format not in DEEP_FORMATS:
        found["depth"] = (
            f"note: {name} has more than 8 bits, a {format} keeps 8; PNG and TIFF keep all"
        )
    if outcome.has_alpha and format == "JPEG":
        found["alpha"] = f"note: {name} has transparency, which no JPEG keeps; PNG and TIFF do"
    if outcome.lost:
        lost = ", ".join(shown(keyword) for keyword in outcome.lost[:_LOST])
        more = f" and {len(outcome.lost) - _LOST} more" if len(outcome.lost) > _LOST else ""
        found["lost"] = f"note: {name} says what its result has no place for: {lost}{more}"
    return found


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """The object of ``--json``; where there is no result to be, its name is null."""
    job = outcome.job
    return {
        "input": str(job.source),
        "output": None if job.destination == job.source else str(job.destination),
        "state": outcome.state,
        "reason": outcome.reason,
        "seconds": round(outcome.seconds, 4),
        **({"page": outcome.job.page} if outcome.job.page else {}),
    }


def span(seconds: float) -> str:
    """A length of time for people."""
    if seconds < 100:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours / 24:.1f} days"


def size(count: float) -> str:
    """Bytes for people, in decimal units as disks are sold."""
    units = ["bytes", "kB", "MB", "GB", "TB", "PB"]
    while count >= 1000 and len(units) > 1:
        count, units = count / 1000, units[1:]
    return f"{count:.0f} {units[0]}"
