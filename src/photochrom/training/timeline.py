"""Which crops each step computes: a function of the recipe and of positions alone.

A position is the number of images seen before. Because nothing else decides about sizes, batches
and rates, a run that resumes at any step continues as if it had never stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from photochrom.training.config import Recipe
from photochrom.training.schedule import crop_size, rate_factor
from photochrom.training.stages import Stage, stages_of


class Place(NamedTuple):
    """One crop: its position in the run, its side in pixels, the index of its stage."""

    position: int
    size: int
    stage: int


@dataclass(frozen=True)
class Step:
    """Images ``start`` to ``end`` of the run: one batch, one change of the weights.

    ``rate`` is the factor on the learning rate.
    """

    start: int
    end: int
    size: int
    stage: int
    rate: float


@dataclass(frozen=True)
class Part:
    """What one process computes at once; ``weight`` is its share of the step's images."""

    places: list[Place]
    weight: float


class Timeline:
    """The steps of a recipe's run, for networks whose input sizes are multiples of some number."""

    def __init__(self, recipe: Recipe, *, multiple_of: int) -> None:
        """Raises :class:`~photochrom.errors.RecipeError` if the stages do not add up."""
        self.recipe = recipe
        self.stages: list[Stage] = stages_of(recipe)
        self.multiple_of = multiple_of

    @property
    def images(self) -> int:
        """Positions in all."""
        return self.recipe.training.images

    def steps(self, position: int) -> Iterator[Step]:
        """The steps from a position on, up to the end; no step reaches into the next stage."""
        for index, stage in enumerate(self.stages):
            settings = stage.recipe.training
            for start in range(max(position, stage.start), stage.end, settings.batch_size):
                progress = (start - stage.start) / (stage.end - stage.start)
                yield Step(
                    start,
                    min(start + settings.batch_size, stage.end),
                    self._size(start, stage),
                    index,
                    rate_factor(progress, settings),
                )

    def _size(self, position: int, stage: Stage) -> int:
        return crop_size(
            position / self.images,
            stage.recipe.data.size,
            self.recipe.resizing,
            multiple_of=self.multiple_of,
        )

    def sizes(self, stage: Stage) -> set[int]:
        """Sides of a stage's smallest and largest crops."""
        return {self._size(stage.start, stage), stage.recipe.data.size}

    def parts(self, step: Step, *, rank: int = 0, world: int = 1) -> list[Part]:
        """What process ``rank`` of ``world`` computes of a step, in the recipe's number of parts.

        A process for which nothing is left computes one crop of weight 0, so that no one waits
        for it.
        """
        settings = self.stages[step.stage].recipe.training
        mine = range(step.start + rank, step.end, world)
        if not mine:
            return [Part([Place(step.start, step.size, step.stage)], 0.0)]
        at_once = -(-settings.batch_size // (settings.accumulate * world))
        chunks = [mine[i : i + at_once] for i in range(0, len(mine), at_once)]
        return [
            Part(
                [Place(position, step.size, step.stage) for position in chunk],
                len(chunk) / (step.end - step.start),
            )
            for chunk in chunks
        ]

    def reports_after(self, step: Step, epoch: int) -> bool:
        """Whether validation follows: an epoch of so many images, a stage or the run ends.

        An epoch ends with the batch that holds its last image.
        """
        return step.start // epoch < step.end // epoch or step.end == self.stages[step.stage].end
