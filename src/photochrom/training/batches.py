"""Feeds a timeline's crops to the loop, in its order, decoded by worker processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from photochrom.data.dataset import Crops
from photochrom.data.pictures import Pictures
from photochrom.errors import DataError, TrainingError
from photochrom.training.interruption import ignore_interrupts
from photochrom.training.pictures import training_crops
from photochrom.training.timeline import Place, Timeline


class StagedCrops(Dataset[Tensor]):
    """The crop at a place: ``(3, size, size)`` uint8 RGB, as its stage says."""

    def __init__(self, timeline: Timeline, pictures: Mapping[int, Pictures]) -> None:
        """``pictures`` are those to train on, by the ``data.limit`` of a stage."""
        self.timeline = timeline
        self.pictures = pictures
        self._now: tuple[int, int] | None = None
        self._crops: Crops | None = None

    def crops(self, size: int, stage: int) -> Crops:
        """The endless crops of one stage at one size; the last ones asked for are kept."""
        if self._crops is None or self._now != (size, stage):
            recipe = self.timeline.stages[stage].recipe
            self._crops = training_crops(recipe, self.pictures[recipe.data.limit], size=size)
            self._now = size, stage
        return self._crops

    def __getitem__(self, place: Place) -> Tensor:
        return self.crops(place.size, place.stage)[place.position]

    def name(self, place: Place) -> str:
        """Name of the picture at a place."""
        crops = self.crops(place.size, place.stage)
        return crops.pictures.name(crops.picture_at(place.position))


class _Parts(torch.utils.data.Sampler[list[Place]]):
    """Lists of places, one for each part that a process computes, from a position on."""

    def __init__(self, timeline: Timeline, position: int, rank: int, world: int) -> None:
        self._timeline, self._position = timeline, position
        self._rank, self._world = rank, world

    def __iter__(self) -> Iterator[list[Place]]:
        for step in self._timeline.steps(self._position):
            for part in self._timeline.parts(step, rank=self._rank, world=self._world):
                yield part.places


def loader_of(crops: StagedCrops, *, position: int, rank: int, world: int) -> DataLoader[Tensor]:
    """Batches ``(n, 3, size, size)`` uint8 of one process, one for each of its parts."""
    timeline = crops.timeline
    workers = timeline.recipe.data.workers
    return DataLoader(
        crops,
        batch_sampler=_Parts(timeline, position, rank, world),
        num_workers=workers,
        worker_init_fn=ignore_interrupts,
        prefetch_factor=8 if workers else None,
    )


def next_batch(batches: Iterator[Tensor]) -> Tensor:
    """The next batch; errors of workers come as one line, without the worker's traceback."""
    try:
        return next(batches)
    except DataError as error:
        message = str(error).strip().splitlines()[-1].removeprefix("photochrom.errors.DataError: ")
        raise DataError(message) from error
    except RuntimeError as error:
        if "DataLoader worker" not in str(error):
            raise
        message = (
            f"a worker that decodes pictures died ({str(error).splitlines()[0]}); "
            "fewer data.workers need less memory"
        )
        raise TrainingError(message) from error
