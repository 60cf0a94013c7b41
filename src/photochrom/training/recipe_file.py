"""Reads recipes: unknown keys and impossible values are errors that name the key."""

from __future__ import annotations

import dataclasses
import operator
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from photochrom.errors import RecipeError, WrongInput
from photochrom.overrides import set_value
from photochrom.registry import suggestion
from photochrom.training.config import CHOICES, RANGES, Recipe


def read_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a TOML recipe and apply overrides such as ``training.batch_size=16``."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"cannot read the recipe {path}: {error}"
        raise RecipeError(message) from error
    try:
        for override in overrides:
            set_value(values, override)
    except WrongInput as error:
        raise RecipeError(str(error)) from None
    return recipe_from_dict(values)


def recipe_from_dict(values: dict[str, Any]) -> Recipe:
    """Check plain values and build the recipe; raises :class:`RecipeError` naming the key."""
    recipe: Recipe = _build(Recipe, values, "")
    for key, (low, high) in RANGES.items():
        value = _lookup(recipe, key)
        if value is not None and not low <= value <= high:
            message = f"{key} must be between {low:g} and {high:g}, not {value!r}"
            raise RecipeError(message)
    for key, choices in CHOICES.items():
        value = _lookup(recipe, key)
        if value not in choices:
            message = f"{key} must be one of {', '.join(choices)}, not {value!r}"
            raise RecipeError(message)
    alone = recipe.adversarial.pretrain + recipe.adversarial.critic
    if recipe.adversarial.weight and alone >= 1:
        message = (
            "adversarial.pretrain + adversarial.critic must be below 1: they are shares of the "
            f"run, and the rest is what the weight is for; not {alone:g}"
        )
        raise RecipeError(message)
    return recipe


def _lookup(recipe: Recipe, key: str) -> Any:
    """The value of a key; None in a section that is not there."""
    section, _, name = key.rpartition(".")
    part = operator.attrgetter(section)(recipe) if section else recipe
    return None if part is None else getattr(part, name)


def _build(kind: type, values: dict[str, Any], prefix: str) -> Any:
    hints = get_type_hints(kind)
    known = {f.name: f for f in dataclasses.fields(kind)}
    for key in values:
        if key not in known:
            message = f"unknown key {prefix}{key}; {suggestion(key, known)}"
            raise RecipeError(message)
    for key, item in known.items():
        required = item.default is item.default_factory is dataclasses.MISSING
        if required and key not in values:
            message = f"missing key {prefix}{key}"
            raise RecipeError(message)
    return kind(**{k: _convert(hints[k], v, f"{prefix}{k}") for k, v in values.items()})


def _convert(hint: Any, value: Any, key: str) -> Any:
    if type(None) in get_args(hint):
        if value is None:
            return None
        hint = next(h for h in get_args(hint) if h is not type(None))
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            message = f"{key} must be a section"
            raise RecipeError(message)
        return _build(hint, value, f"{key}.")  # type: ignore[arg-type]
    expected = get_origin(hint) or hint
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if expected is dict and not isinstance(value, dict):
        message = f"{key} must be a section"
        raise RecipeError(message)
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        message = f"{key} must be {getattr(hint, '__name__', hint)}, not {value!r}"
        raise RecipeError(message)
    if expected is dict and get_origin(get_args(hint)[1]) is dict:
        return {k: _convert(get_args(hint)[1], v, f"{key}.{k}") for k, v in value.items()}
    if expected is list:
        (item,) = get_args(hint)
        return [_convert(item, v, f"{key}[{i}]") for i, v in enumerate(value, 1)]
    return value
