"""Stops a run whose numbers are no longer numbers, before anything good is overwritten."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from photochrom.errors import TrainingError
from photochrom.training.batches import StagedCrops
from photochrom.training.timeline import Place, Step

NAMED = 6
REMEDY = "a lower training.learning_rate, or training.clip = 1, may help"


def check_finite(
    values: dict[str, float], step: Step, crops: StagedCrops, checkpoint: Path, *, writes: bool
) -> None:
    """Raise :class:`TrainingError` naming the batch if a loss or the gradient is not finite.

    All names of the batch's pictures are written beside the checkpoint, by the process that
    ``writes``.
    """
    bad = [key for key, value in values.items() if not math.isfinite(value)]
    if not bad:
        return
    places = [Place(p, step.size, step.stage) for p in range(step.start, step.end)]
    names = [crops.name(place) for place in places]
    listed = checkpoint.with_name("diverged.txt")
    if writes:
        listed.write_text("\n".join(names) + "\n", encoding="utf-8", errors="surrogateescape")
    some = ", ".join(names[:NAMED])
    more = f" and {len(names) - NAMED} more in {listed}" if len(names) > NAMED else ""
    message = (
        f"the {bad[0]} is {values[bad[0]]} at images {step.start:,} to {step.end:,} "
        f"({some}{more}); {_what_is_kept(checkpoint)}"
    )
    raise TrainingError(message)


def check_weights(parameters: Mapping[str, Tensor], position: int, checkpoint: Path) -> None:
    """Raise :class:`TrainingError` if a weight is not finite: such a state must not be saved."""
    for name, parameter in parameters.items():
        if not torch.isfinite(parameter).all():
            message = (
                f"weights of {name} are not finite after {position:,} images; "
                f"{_what_is_kept(checkpoint)}"
            )
            raise TrainingError(message)


def check_colors(ab: Tensor) -> None:
    """Raise :class:`TrainingError` if colors of pictures to judge by are not finite.

    The loss of training may still be: there, batch normalization divides by the batch's own spread.
    """
    if not torch.isfinite(ab).all():
        message = f"the colors of pictures to judge by are not finite; {REMEDY}"
        raise TrainingError(message)


def _what_is_kept(checkpoint: Path) -> str:
    kept = f"{checkpoint} is as it was" if checkpoint.is_file() else "nothing was saved yet"
    return f"{kept}; {REMEDY}"
