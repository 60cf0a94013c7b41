"""Whether a run can go on to another number of images than it was begun for.

It can where its schedule goes on as it was: the step after the last one has the same learning rate,
stage and crops. A "constant" rate does; "one-cycle" and "cosine" have brought theirs down towards
the end that they were given, and further steps would raise it again.
"""

from __future__ import annotations

import math
from collections import deque
from itertools import takewhile
from pathlib import Path

from photochrom.architectures.cards import NETWORKS
from photochrom.errors import RecipeError
from photochrom.training.config import Recipe
from photochrom.training.timeline import Timeline


def check_lengthens(then: Recipe, now: Recipe, position: int, checkpoint: Path) -> None:
    """Raise :class:`RecipeError`, with the way to another run, unless the schedule goes on.

    The recipes differ in ``training.images`` alone; ``position`` is how many the run has seen.
    """
    if goes_on(then, now, position):
        return
    planned, wanted = then.training.images, now.training.images
    if wanted < position:
        message = f"{checkpoint} has seen {position:,} images already, more than {wanted:,}"
        raise RecipeError(message)
    message = (
        f"{checkpoint} is of a run of {planned:,} images, and its schedule "
        f"({_shaped_by(now)}) was laid out for these: it cannot go on to {wanted:,}. Begin another "
        f"run from it, with another --out and --set training.start_from={checkpoint.parent}"
    )
    raise RecipeError(message)


def goes_on(then: Recipe, now: Recipe, position: int) -> bool:
    """Whether the step at ``position`` is by both recipes what comes after the last one."""
    if now.training.images < position:
        return False
    if position in (0, now.training.images):
        return True
    if now.adversarial.weight:
        return False
    multiple = NETWORKS[now.network.name].multiple_of
    done = takewhile(lambda s: s.start < position, Timeline(then, multiple_of=multiple).steps(0))
    (last,) = deque(done, maxlen=1)
    after = next(Timeline(now, multiple_of=multiple).steps(position))
    same_rate = math.isclose(last.rate, after.rate, rel_tol=1e-6)
    return same_rate and (last.size, last.stage) == (after.size, after.stage)


def _shaped_by(recipe: Recipe) -> str:
    """What of a recipe follows from ``training.images``."""
    parts = [f"training.schedule = {recipe.training.schedule}"]
    parts += ["stages"] if recipe.stages else []
    parts += ["resizing"] if recipe.resizing else []
    parts += ["adversarial"] if recipe.adversarial.weight else []
    return ", ".join(parts)
