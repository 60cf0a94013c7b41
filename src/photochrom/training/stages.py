"""A recipe's stages: which positions each covers, and the recipe that holds there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from photochrom.errors import RecipeError
from photochrom.registry import suggestion
from photochrom.training.config import Recipe, StageConfig
from photochrom.training.recipe_file import recipe_from_dict

CHANGES = {
    "data": ("size", "limit", "smallest_crop", "stretch", "flip"),
    "training": (
        "batch_size", "accumulate", "learning_rate", "encoder_rate", "frozen_statistics",
        "weight_decay", "momentum", "beta2", "schedule", "warmup", "step_every", "step_factor",
        "clip",
    ),
}  # fmt: skip
"""What a stage may change; everything else holds for the whole run."""


@dataclass(frozen=True)
class Stage:
    """Positions ``start`` to ``end`` (images seen), and the recipe with the stage's changes."""

    start: int
    end: int
    recipe: Recipe


def stages_of(recipe: Recipe) -> list[Stage]:
    """The stages in order, without gaps; one over the whole run if the recipe names none.

    Raises:
        RecipeError: a stage changes what it cannot, has an impossible value, or the numbers of
            images do not add up to ``training.images``.
    """
    if not recipe.stages:
        return [Stage(0, recipe.training.images, recipe)]
    total = recipe.training.images
    stages: list[Stage] = []
    start = 0.0  # not rounded before the end: three thirds make a whole
    plain = recipe.to_dict() | {"stages": []}
    for number, config in enumerate(recipe.stages, 1):
        key = f"stages[{number}]"
        left = total - start if number == len(recipe.stages) else None
        end = start + _images(config, key, total, left)
        stages.append(Stage(round(start), round(end), _changed(plain, config, key)))
        if stages[-1].end <= stages[-1].start:
            message = f"{key} has no images"
            raise RecipeError(message)
        start = end
    if round(start) != total:
        message = f"the stages have {round(start):,} images, training.images is {total:,}"
        raise RecipeError(message)
    return stages


def _images(config: StageConfig, key: str, total: int, left: float | None) -> float:
    """Images of a stage; ``left`` is what the last one may take, None for the others."""
    if (config.images and config.share) or not (config.images or config.share or left is not None):
        message = f"{key} needs either images or share; only the last stage may do without"
        raise RecipeError(message)
    if config.images or config.share:
        return config.images or config.share * total
    return left or 0.0


def _changed(plain: dict[str, Any], config: StageConfig, key: str) -> Recipe:
    sections: dict[str, Mapping[str, Any]] = {"data": config.data, "training": config.training}
    for section, values in sections.items():
        for name in values:
            if name not in CHANGES[section]:
                hint = suggestion(name, CHANGES[section])
                message = f"{key}.{section}.{name} cannot change in a stage; {hint}"
                raise RecipeError(message)
    try:
        return recipe_from_dict(plain | {s: plain[s] | dict(v) for s, v in sections.items()})
    except RecipeError as error:
        message = f"{key}: {error}"
        raise RecipeError(message) from error
