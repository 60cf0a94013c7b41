"""The progress line: images a second, loss parts, time left; plain lines where no one watches."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class ProgressLine:
    """A live line on a terminal; elsewhere one line every ``seconds``."""

    def __init__(self, console: Console | None = None, *, seconds: float = 30.0) -> None:
        """``console`` is where it goes; standard error by default."""
        self.console = console or Console(stderr=True)
        self.seconds = seconds
        self._live: Progress | None = None

    @contextmanager
    def running(self, name: str, position: int, total: int) -> Iterator[None]:
        """Between ``start`` and ``stop``, which comes after failures, too."""
        self.start(name, position, total)
        try:
            yield
        finally:
            self.stop()

    def start(self, name: str, position: int, total: int) -> None:
        """Begin at ``position`` of ``total`` images."""
        self._from, self._since, self._said = position, time.monotonic(), 0.0
        self._name, self._total = name, total
        if position:
            self.say(f"{name}: continuing at {position:,} images")
        if self.console.is_terminal:
            self._live = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[text]}"),
                TimeRemainingColumn(),
                console=self.console,
            )
            self._task = self._live.add_task(name, total=total, completed=position, text="")
            self._live.start()

    def update(self, position: int, parts: dict[str, float]) -> None:
        """Show the state after ``position`` images."""
        elapsed = time.monotonic() - self._since
        rate = (position - self._from) / max(elapsed, 1e-9)
        text = f"{rate:.1f} images/s  " + _list(parts)
        if self._live is not None:
            self._live.update(self._task, completed=position, text=text)
        elif elapsed - self._said > self.seconds:
            self._said = elapsed
            left = (self._total - position) / max(rate, 1e-9) / 60
            self.say(f"{self._name} {position:,}/{self._total:,}  {text}  {left:.0f} min left")

    def note(self, position: int, values: dict[str, float]) -> None:
        """Print a line that stays: the end of an epoch."""
        self.say(f"{position:,} images: {_list(values)}")

    def silence(self) -> None:
        """Say nothing from now on: of several processes only one speaks."""
        self.console.quiet = True

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def warn(self, text: str) -> None:
        """Print a line that stays: the run goes on, but a person should know."""
        self.say(f"warning: {text}")

    def stop(self) -> None:
        """End the line."""
        if self._live is not None:
            self._live.stop()


def _list(parts: dict[str, float]) -> str:
    return "  ".join(f"{key} {value:.4f}" for key, value in parts.items())
