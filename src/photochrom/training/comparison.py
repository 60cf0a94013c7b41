"""Several recipes trained on several sets under one budget, in any number of sittings."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photochrom.errors import RecipeError
from photochrom.evaluation.methods import GRAY, TRUTH
from photochrom.photo.atomic import atomic_file
from photochrom.training.config import Recipe
from photochrom.training.loop import train
from photochrom.training.origin import check_continues
from photochrom.training.pace import pace
from photochrom.training.progress import ProgressLine
from photochrom.training.variant import Variant
from photochrom.weights.models import CHECKPOINT

PLAN = "plan.json"
EPOCHS = 10
REHEARSED = 0.05
"""Share of a budget of time that its rehearsal may take beside it."""


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
    """One recipe on one set: ``images`` is its share of the budget, ``seconds`` what it took.

    ``recipe`` is as asked for, see :class:`~photochrom.training.variant.Variant`.
    """

    name: str
    recipe: str
    data: str
    images: int
    seconds: float = 0.0
    finished: bool = False


class Comparison:
    """The runs of one folder; what is finished is not repeated, and recipes can be added."""

    def __init__(
        self,
        out: Path,
        recipes: Sequence[str],
        sets: dict[str, list[str]],
        budget: Budget,
        overrides: Sequence[str],
    ) -> None:
        """Raises :class:`RecipeError` if ``out`` holds a comparison on other terms.

        Or if one of ``recipes`` is no longer what its run was trained by.
        """
        self.out, self.sets, self.overrides, self.budget = out, sets, list(overrides), budget
        self.runs: list[Run] = []
        self._asked_now = list(recipes)
        self.asked: dict[str, Any] = {
            "recipes": list(recipes),
            "sets": sets,
            "budget": dataclasses.asdict(budget),
            "overrides": self.overrides,
        }
        if (out / PLAN).is_file():
            stored, self.runs = _read_plan(out)
            terms = ("sets", "budget", "overrides")
            for key in terms:
                if stored[key] != self.asked[key]:
                    message = (
                        f"{out} holds a comparison of other {key}: {_plain(stored[key])} then, "
                        f"{_plain(self.asked[key])} now"
                    )
                    raise RecipeError(message)
            self.asked["recipes"] = list(dict.fromkeys([*stored["recipes"], *recipes]))
        self._check(recipes)

    @classmethod
    def stored(cls, out: Path) -> Comparison:
        """The comparison that a folder holds, to judge; raises :class:`RecipeError` if none.

        Recipes are not read: their files may have been edited since, or be gone.
        """
        if not (out / PLAN).is_file():
            message = f"{out} holds no comparison: there is no {PLAN}"
            raise RecipeError(message)
        asked, _ = _read_plan(out)
        budget = Budget(**asked["budget"])
        return cls(out, (), asked["sets"], budget, asked["overrides"])

    def _check(self, recipes: Sequence[str]) -> None:
        """What is wrong with the last recipe is said before the first one has trained."""
        names: dict[str, str] = {}
        for text in self.asked["recipes"]:
            variant = Variant.parse(text)
            # Not every disk tells large letters from small ones.
            first = names.setdefault(_folder_name(variant.name).casefold(), text)
            if first != text:
                message = (
                    f"{first} and {text} would share the folder {_folder_name(variant.name)}; "
                    "begin one with another NAME="
                )
                raise RecipeError(message)
            if any(self._name(text, data) in (GRAY, TRUTH) for data in self.sets):
                message = (
                    f"{text}: {variant.name} is a row of every table; begin it with another NAME="
                )
                raise RecipeError(message)
        for text in recipes:
            self._recipe(Variant.parse(text), 1)
        for run in self.runs:
            if run.recipe in recipes and (self.folder(run) / CHECKPOINT).is_file():
                self._check_unchanged(run)

    def _check_unchanged(self, run: Run) -> None:
        then = {"recipe": self.trained_by(run)["recipe"]}
        try:
            check_continues(then, self.recipe_of(run), {}, self.folder(run))
        except RecipeError as error:
            message = f"{error}; give the new one another NAME=, or another --out"
            raise RecipeError(message) from error

    @property
    def finished(self) -> list[Run]:
        """The runs that can be judged."""
        return [run for run in self.runs if run.finished]

    @property
    def unfinished(self) -> list[str]:
        """Names of the runs that were asked for, now or before, and are not finished."""
        done = {(run.recipe, run.data) for run in self.finished}
        wanted = [(text, data) for data in self.sets for text in self.asked["recipes"]]
        return [self._name(*pair) for pair in wanted if pair not in done]

    def go(self, progress: ProgressLine, *, device: str) -> bool:
        """Train what was asked for and is not finished; False if it was asked to stop."""
        wanted = [(text, data) for data in self.sets for text in self._asked_now]
        planned = {(run.recipe, run.data) for run in self.runs}
        for recipe, data in wanted:
            if (recipe, data) not in planned and not self._plan(recipe, data, progress, device):
                return False
        for number, run in enumerate(self.runs):
            if run.finished or (run.recipe, run.data) not in wanted:
                continue
            progress.say(f"{run.name}: {run.images:,} images ({number + 1} of {len(self.runs)})")
            if not self._train(number, progress, device):
                return False
        return True

    def _train(self, number: int, progress: ProgressLine, device: str) -> bool:
        """Train a run to its end or until it is stopped; time counts even if it fails."""
        run, started, finished = self.runs[number], time.monotonic(), False
        place, data = self.folder(run), self.sets[run.data]
        try:
            recipe = self.recipe_of(run)
            finished = train(recipe, data, place, progress=progress, device=device).finished
        finally:
            seconds = run.seconds + time.monotonic() - started
            self.runs[number] = dataclasses.replace(run, seconds=seconds, finished=finished)
            self._save()
        return finished

    def folder(self, run: Run) -> Path:
        """Where a run is."""
        return self.out / _folder_name(run.name)

    def recipe_of(self, run: Run) -> Recipe:
        """All that a run would train by today; see :meth:`trained_by`."""
        return self._recipe(Variant.parse(run.recipe), run.images)

    def trained_by(self, run: Run) -> dict[str, Any]:
        """What a run's folder says of it: ``recipe`` in full and the places of its ``data``.

        Raises :class:`RecipeError` if it does not say.
        """
        path = self.folder(run) / "run.json"
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            return {"recipe": dict(values["recipe"]), "data": [str(d) for d in values["data"]]}
        except (OSError, ValueError, KeyError, TypeError) as error:
            message = f"{path} does not say what {run.name} was trained by: {type(error).__name__}"
            raise RecipeError(message) from error

    def _recipe(self, variant: Variant, images: int) -> Recipe:
        epoch = max(images // EPOCHS, 1)
        budget = [f"training.images={images}", f"training.epoch_images={epoch}"]
        return variant.read([*budget, *self.overrides])

    def _name(self, recipe: str, data: str) -> str:
        name = Variant.parse(recipe).name
        return f"{name} on {data}" if len(self.sets) > 1 else name

    def _plan(self, recipe: str, data: str, progress: ProgressLine, device: str) -> bool:
        """Give a run its share of the budget; False if it was asked to stop meanwhile."""
        name = self._name(recipe, data)
        images = self.budget.images
        if not images:
            rate = self.pace(recipe, data, device)
            if rate is None:
                return False
            images = max(round(rate * self.budget.minutes * 60), 1)
            progress.say(f"{name}: {rate:.1f} images/s, {images:,} in {self.budget.minutes:g} min")
        self.runs.append(Run(name, recipe, data, images))
        self._save()
        return True

    def pace(self, recipe: str, data: str, device: str) -> float | None:
        """Images a second that a recipe trains on a set; None if it was asked to stop meanwhile."""
        variant = Variant.parse(recipe)
        quiet = ["data.validation=0", "training.keep=last"]

        def rehearsal(images: int) -> Recipe:
            return variant.read([f"training.images={images}", *self.overrides, *quiet])

        seconds = self.budget.minutes * 60 * REHEARSED
        return pace(rehearsal, self.sets[data], device, seconds=seconds)

    def _save(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        runs: list[dict[str, Any]] = [dataclasses.asdict(run) for run in self.runs]
        with atomic_file(self.out / PLAN) as file:
            file.write(json.dumps({"asked": self.asked, "runs": runs}, indent=1).encode())


def _folder_name(name: str) -> str:
    return name.replace(" ", "-")


def _plain(value: Any) -> str:
    """A term of a comparison on one line."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(one)}" for key, one in value.items())
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _read_plan(out: Path) -> tuple[dict[str, Any], list[Run]]:
    """What was asked for, and the runs; raises :class:`RecipeError` if the file is damaged."""
    try:
        values = json.loads((out / PLAN).read_text(encoding="utf-8"))
        asked = {key: values["asked"][key] for key in ("recipes", "sets", "budget", "overrides")}
        asked["sets"] = {str(name): list(places) for name, places in asked["sets"].items()}
        return asked, [Run(**run) for run in values["runs"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{out / PLAN} is damaged: {type(error).__name__}"
        raise RecipeError(message) from error
