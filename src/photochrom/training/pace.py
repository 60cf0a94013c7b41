"""How fast a recipe trains on this machine: what makes a budget of time into images."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from photochrom.training.config import Recipe
from photochrom.training.loop import train
from photochrom.training.progress import ProgressLine

SECONDS = 20.0
"""So long the steps that count take together."""
WARM, FEWEST = 4, 8
"""Steps that do not count: decoding is ahead of them, and memory is first taken; and the fewest
that do.
"""


class Clock(ProgressLine):
    """Says nothing, and notes when each step ended."""

    def __init__(self) -> None:
        super().__init__(Console(quiet=True))
        self.ends: list[float] = []

    def update(self, position: int, parts: dict[str, float]) -> None:
        """A step has ended."""
        self.ends.append(time.monotonic())

    @property
    def of_a_step(self) -> float:
        """Seconds, the mean of those that count."""
        return (self.ends[-1] - self.ends[WARM - 1]) / (len(self.ends) - WARM)


def pace(
    recipe_of: Callable[[int], Recipe], data: list[str], device: str, *, seconds: float
) -> float | None:
    """Images a second of the training loop; None if it was asked to stop meanwhile.

    ``recipe_of`` gives the recipe for a number of images. A first short rehearsal says how many
    steps fill ``seconds``, at most :data:`SECONDS`; a second one is timed, its start left out.
    """
    batch = recipe_of(1).training.batch_size
    steps, clock = WARM + FEWEST // 2, Clock()
    for _ in range(2):
        clock = Clock()
        with tempfile.TemporaryDirectory() as folder:
            run = train(recipe_of(steps * batch), data, Path(folder), progress=clock, device=device)
        if not run.finished:
            return None
        wanted = min(seconds, SECONDS) / max(clock.of_a_step, 1e-4)
        steps = WARM + max(FEWEST, round(wanted))
    return batch / max(clock.of_a_step, 1e-6)
