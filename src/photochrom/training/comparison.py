"""Several recipes trained on several sets under one budget, in any number of sittings."""

from __future__ import annotations

import dataclasses
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from photochrom.errors import RecipeError
from photochrom.photo.atomic import atomic_file
from photochrom.recipes import find_recipe
from photochrom.training.config import Recipe
from photochrom.training.loop import train
from photochrom.training.progress import ProgressLine
from photochrom.training.recipe_file import read_recipe

PLAN = "plan.json"
EPOCHS = 10
REHEARSALS = (4, 12)
"""Steps of the two rehearsals whose difference in time is the rate: starting up is not counted."""


@dataclass(frozen=True)
class Budget:
    """What every run may cost: ``images`` seen, or ``minutes`` of this machine."""

    images: int = 0
    minutes: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Budget:
        """Read "20m", "1.5h" or a number of images; raises :class:`RecipeError`."""
        units = {"m": 1.0, "h": 60.0}
        number, unit = (text[:-1], text[-1]) if text[-1:] in units else (text, "")
        try:
            value = float(number.replace("_", "").replace(",", ""))
        except ValueError:
            value = 0.0
        if not 0 < value < 1e12:
            message = f"a budget is a time such as 20m or 1.5h, or a number of images; not {text!r}"
            raise RecipeError(message)
        return cls(minutes=value * units[unit]) if unit else cls(images=round(value))


@dataclass(frozen=True)
class Run:
    """One recipe on one set: ``images`` is its share of the budget, ``seconds`` what it took."""

    name: str
    recipe: str
    data: str
    images: int
    seconds: float = 0.0
    finished: bool = False


class Comparison:
    """The runs of one folder; what is finished is not repeated."""

    def __init__(
        self,
        out: Path,
        recipes: Sequence[str],
        sets: dict[str, list[str]],
        budget: Budget,
        overrides: Sequence[str],
    ) -> None:
        """Raises :class:`RecipeError` if ``out`` holds another comparison."""
        self.out, self.sets, self.overrides = out, sets, list(overrides)
        self.asked = {
            "recipes": list(recipes),
            "sets": list(sets),
            "budget": dataclasses.asdict(budget),
            "overrides": self.overrides,
        }
        self.budget = budget
        self.runs: list[Run] = []
        file = out / PLAN
        if file.is_file():
            values = json.loads(file.read_text(encoding="utf-8"))
            different = [key for key in self.asked if values["asked"].get(key) != self.asked[key]]
            if different:
                message = f"{out} holds a comparison of other {', '.join(different)}"
                raise RecipeError(message)
            self.runs = [Run(**run) for run in values["runs"]]
        self._wanted = [(recipe, data) for data in sets for recipe in recipes]
        # What is wrong with the last recipe is said before the first one has trained.
        for recipe in recipes:
            self._recipe(recipe, 1)

    def go(self, progress: ProgressLine, *, device: str) -> bool:
        """Train what is not finished; False if it was asked to stop."""
        for recipe, data in self._wanted[len(self.runs) :]:
            self._plan(recipe, data, progress, device)
        for number, run in enumerate(self.runs):
            if run.finished:
                continue
            progress.say(f"{run.name}: {run.images:,} images ({number + 1} of {len(self.runs)})")
            started = time.monotonic()
            chosen = self._recipe(run.recipe, run.images)
            result = train(
                chosen, self.sets[run.data], self.folder(run), progress=progress, device=device
            )
            seconds = run.seconds + time.monotonic() - started
            self.runs[number] = dataclasses.replace(run, seconds=seconds, finished=result.finished)
            self._save()
            if not result.finished:
                return False
        return True

    def folder(self, run: Run) -> Path:
        """Where a run is."""
        return self.out / run.name.replace(" ", "-")

    def _recipe(self, name: str, images: int) -> Recipe:
        epoch = max(images // EPOCHS, 1)
        budget = [f"training.images={images}", f"training.epoch_images={epoch}"]
        return read_recipe(find_recipe(name), [*budget, *self.overrides])

    def _plan(self, recipe: str, data: str, progress: ProgressLine, device: str) -> None:
        name = Path(recipe).stem
        if len(self.sets) > 1:
            name = f"{name} on {data}"
        images = self.budget.images
        if not images:
            rate = self._rate(recipe, self.sets[data], device)
            images = max(round(rate * self.budget.minutes * 60), 1)
            progress.say(f"{name}: {rate:.1f} images/s, {images:,} in {self.budget.minutes:g} min")
        self.runs.append(Run(name, recipe, data, images))
        self._save()

    def _rate(self, recipe: str, data: list[str], device: str) -> float:
        """Images a second of the training loop, by two rehearsals of different length."""
        batch = self._recipe(recipe, 1).training.batch_size
        quiet = ["data.validation=0", "training.keep=last"]
        seconds = []
        for steps in REHEARSALS:
            chosen = read_recipe(
                find_recipe(recipe),
                [f"training.images={steps * batch}", *self.overrides, *quiet],
            )
            silent = ProgressLine(Console(quiet=True))
            with tempfile.TemporaryDirectory() as folder:
                started = time.monotonic()
                train(chosen, data, Path(folder), progress=silent, device=device)
                seconds.append(time.monotonic() - started)
        steps = REHEARSALS[1] - REHEARSALS[0]
        return steps * batch / max(seconds[1] - seconds[0], 1e-3)

    def _save(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        runs: list[dict[str, Any]] = [dataclasses.asdict(run) for run in self.runs]
        with atomic_file(self.out / PLAN) as file:
            file.write(json.dumps({"asked": self.asked, "runs": runs}, indent=1).encode())
