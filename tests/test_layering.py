"""Imports point down the layers, never up and never sideways."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "photochrom"

ROWS = (
    ("__init__", "__main__"),
    ("cli",),
    ("web",),
    ("video",),
    ("judging",),
    ("training",),
    ("inference", "evaluation"),
    ("weights", "recipes"),
    ("architectures", "losses", "data"),
    ("backbones",),
    ("color", "photo"),
    ("registry", "overrides", "cores"),
    ("errors",),
    ("installation",),
)
PLANNED = {"web", "video"}
_NEVER_TRUE = {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
HEIGHT = {room: -row for row, rooms in enumerate(ROWS) for room in rooms}


def imported_modules(source: str, module: str) -> Iterator[str]:
    """Dotted names that a module's source imports at run time, wherever in the file that is.

    ``module`` is the importing module; a package is named with ``.__init__`` at its end.
    """
    package = module.split(".")[:-1]
    for node in _running_nodes(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{start}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            first = node.args[0]
            if isinstance(first, ast.JoinedStr) and first.values:
                first = first.values[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value.rstrip(".")


def _running_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Every node but those below ``if TYPE_CHECKING:``."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) in _NEVER_TRUE:
            for other in child.orelse:
                yield from _running_nodes(other)
        else:
            yield from _running_nodes(child)


def room_of(name: str) -> str | None:
    """Room of a dotted name; None for other packages and for the version, which all may ask."""
    first, _, rest = name.partition(".")
    if first != "photochrom" or rest == "__version__":
        return None
    room = rest.partition(".")[0]
    return room if room in HEIGHT else "__init__"


def violations(source: str, module: str) -> list[str]:
    """What a module's source imports that it may not, as readable lines."""
    room = room_of(module)
    assert room is not None, module
    found = []
    for name in imported_modules(source, module):
        target = room_of(name)
        if target is not None and target != room and HEIGHT[target] >= HEIGHT[room]:
            way = "sideways" if HEIGHT[target] == HEIGHT[room] else "up"
            found.append(f"{module} imports {name}: {way}, from {room} to {target}")
    return found


def module_name(path: Path) -> str:
    return ".".join(("photochrom", *path.relative_to(PACKAGE).with_suffix("").parts))


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module: str) -> None:
    assert violations(MODULES[module].read_text(encoding="utf-8"), module) == []


def test_every_room_has_its_place() -> None:
    rooms = {
        p.stem if p.is_file() else p.name
        for p in PACKAGE.iterdir()
        if p.suffix == ".py" or (p / "__init__.py").is_file()
    }
    assert rooms - set(HEIGHT) == set(), "give the new room a row in ROWS"
    assert set(HEIGHT) - rooms <= PLANNED, "a room of ROWS is gone"


@pytest.mark.parametrize(
    ("source", "module", "expected"),
    [
        ("import photochrom.cli.main", "photochrom.color.made_up", "up"),
        ("from photochrom.photo import decode", "photochrom.color.made_up", "sideways"),
        ("def f():\n    from photochrom.training import loop", "photochrom.weights.x", "up"),
        ("from photochrom import inference", "photochrom.evaluation.x", "sideways"),
        ("from photochrom import Colorizer", "photochrom.cli.x", "up"),
        ("from ..inference import session", "photochrom.data.x", "up"),
        ("from .. import cli", "photochrom.data.__init__", "up"),
        ("import importlib\nimportlib.import_module('photochrom.web')", "photochrom.data.x", "up"),
        ("if not TYPE_CHECKING:\n    import photochrom.cli", "photochrom.errors", "up"),
    ],
)
def test_a_violation_is_seen(source: str, module: str, expected: str) -> None:
    found = violations(source, module)
    assert len(found) == 1
    assert f": {expected}, " in found[0]


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("import numpy\nfrom photochrom.errors import WrongInput", "photochrom.color.made_up"),
        ("from photochrom.color.spaces import rgb_to_lab", "photochrom.inference.made_up"),
        ("from photochrom.color import scale", "photochrom.color.made_up"),
        ("from .scale import Scale", "photochrom.color.made_up"),
        ("if TYPE_CHECKING:\n    from photochrom.cli import main", "photochrom.color.made_up"),
        ("from photochrom import __version__", "photochrom.photo.made_up"),
    ],
)
def test_what_is_allowed_is_not_reported(source: str, module: str) -> None:
    assert violations(source, module) == []
