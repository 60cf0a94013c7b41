"""docs/reference/recipe.md: every key of a recipe, from the dataclasses that hold them."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

from generator.markdown import table
from photochrom.data.film_config import Film
from photochrom.training import config

INTRODUCTION = """\
# The keys of a recipe

A recipe is a TOML file with these sections; `--set section.key=value` replaces one value. Besides
them it has a `name` and a `seed`. What a `[network]` and the parts of a loss take is listed with
[the networks](../networks.md).
"""

SECTIONS: dict[str, type] = {
    "network": config.NetworkConfig,
    "encoder": config.EncoderConfig,
    "bins": config.BinsConfig,
    "data": config.DataConfig,
    "data.film": Film,
    "training": config.TrainingConfig,
    "resizing": config.ResizingConfig,
    "stages": config.StageConfig,
    "adversarial": config.AdversarialConfig,
}


def recipe_page() -> str:
    """The page's text."""
    return "\n".join([INTRODUCTION, *(_section(name, kind) for name, kind in SECTIONS.items())])


def _section(name: str, kind: Any) -> str:
    title = f"## `[[{name}]]`" if kind is config.StageConfig else f"## `[{name}]`"
    prose = inspect.cleandoc(kind.__doc__ or "").replace("``", "`").replace(":mod:", "")
    rows = [
        [f"`{field.name}`", _default(field), _values(f"{name}.{field.name}")]
        for field in dataclasses.fields(kind)
        if not dataclasses.is_dataclass(field.default_factory)
    ]
    return f"{title}\n\n{prose}\n\n{table(['key', 'default', 'values'], rows)}"


def _default(field: Any) -> str:
    if field.default is not dataclasses.MISSING:
        value = field.default
    elif field.default_factory is not dataclasses.MISSING:
        value = field.default_factory()
    else:
        return "needed"
    if isinstance(value, bool):
        return str(value).lower()
    return f'`"{value}"`' if isinstance(value, str) else f"{value}"


def _values(key: str) -> str:
    if key in config.CHOICES:
        return ", ".join(f"`{choice}`" for choice in config.CHOICES[key])
    if key in config.RANGES:
        low, high = config.RANGES[key]
        return f"{low:g} to {high:g}" if high < 10**6 else f"{low:g} or more"
    return ""
