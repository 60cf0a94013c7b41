"""A recipe with changes of its own, under a name: what a comparison compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from photochrom.errors import RecipeError
from photochrom.recipes import find_recipe
from photochrom.training.config import Recipe
from photochrom.training.recipe_file import read_recipe

_OPEN, _CLOSE = "([{", ")]}"


@dataclass(frozen=True)
class Variant:
    """``text`` as asked for, the ``recipe`` it begins from, and ``changes`` such as ``seed=1``."""

    text: str
    name: str
    recipe: str
    changes: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Variant:
        """Read RECIPE, or [NAME=]RECIPE[,key=value]...; raises :class:`RecipeError`.

        Without a name it is called after the recipe and the last parts of the keys.
        """
        if Path(text).is_file():
            return cls(text, Path(text).stem, text)
        first, *changes = _parts(text)
        name, equals, recipe = first.rpartition("=")
        if not recipe.strip() or (equals and not name.strip()):
            message = f"a recipe reads RECIPE or NAME=RECIPE,key=value,...; not {text!r}"
            raise RecipeError(message)
        for change in changes:
            if "=" not in change:
                message = f"{text!r}: a change reads key=value, not {change!r}"
                raise RecipeError(message)
        usual = " ".join([Path(recipe).stem, *(c.partition("=")[0].split(".")[-1] + "="
                          + c.partition("=")[2] for c in changes)])  # fmt: skip
        name = name.strip() or usual
        if "/" in name or name.startswith("."):
            message = f"{text!r}: {name!r} cannot be a folder's name; begin with NAME="
            raise RecipeError(message)
        return cls(text, name, recipe.strip(), tuple(changes))

    def read(self, overrides: Sequence[str] = ()) -> Recipe:
        """The recipe with ``overrides`` and then its own changes; errors name the variant."""
        try:
            return read_recipe(find_recipe(self.recipe), [*overrides, *self.changes])
        except RecipeError as error:
            if not self.changes:
                raise
            message = f"{self.name}: {error}"
            raise RecipeError(message) from error


def _parts(text: str) -> list[str]:
    """Text at its commas, but for those inside brackets or quotes."""
    parts, depth, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in _OPEN + _CLOSE:
            depth += 1 if letter in _OPEN else -1
        elif letter == "," and not depth:
            parts.append("")
            continue
        parts[-1] += letter
    return [part.strip() for part in parts]
