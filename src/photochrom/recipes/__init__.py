"""One TOML file per system: everything that a run needs to be repeated."""

from __future__ import annotations

from pathlib import Path

from photochrom.errors import UnknownName
from photochrom.registry import Registry


def find_recipe(name: str | Path) -> Path:
    """Path of a recipe given by its name (``photochrom``) or as a TOML file of one's own."""
    path = Path(name)
    if path.suffix == ".toml":
        if path.is_file():
            return path
        message = f"no recipe file at {path}"
        raise UnknownName(message)
    recipes: Registry[Path] = Registry("recipe")
    for file in sorted(Path(__file__).parent.glob("*.toml")):
        recipes.add(file.stem, file)
    return recipes[str(name)]
