"""One thread: the tests repeat bit for bit, and two cores are not fought over."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from photochrom.architectures.cards import NETWORKS
from photochrom.training.config import Recipe
from photochrom.training.loop import RunResult, train
from photochrom.training.overfit import overfit
from photochrom.training.progress import ProgressLine
from photochrom.training.recipe_file import recipe_from_dict
from tests.training import tiny

torch.set_num_threads(1)


@pytest.fixture
def tiny_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network ``tiny`` can be named in recipes."""
    monkeypatch.setitem(NETWORKS._cards, "tiny", tiny.CARD)


def tiny_recipe(**sections: Any) -> Recipe:
    """The recipe of the tiny network, changed section by section."""
    values: dict[str, Any] = tomllib.loads(tiny.RECIPE)
    for name, value in sections.items():
        merges = isinstance(value, dict) and isinstance(values.get(name), dict)
        values[name] = values[name] | value if merges else value
    return recipe_from_dict(values)


class Heard(ProgressLine):
    """A progress line that keeps what was said and every step's position; calls ``then``."""

    def __init__(self, then: Callable[[int], None] = lambda position: None) -> None:
        self.said = io.StringIO()
        super().__init__(Console(file=self.said, width=200))
        self.positions: list[int] = []
        self.then = then

    def update(self, position: int, parts: dict[str, float]) -> None:
        self.positions.append(position)
        self.then(position)


def run(
    recipe: Recipe, pictures: Path, out: Path, progress: ProgressLine | None = None
) -> RunResult:
    """Train on the CPU, silently."""
    return train(recipe, [str(pictures)], out, progress=progress or Heard(), device="cpu")


def write_recipe(path: Path) -> str:
    """The tiny network's recipe as a file."""
    path.write_text(tiny.RECIPE)
    return str(path)


def program_command(*words: str) -> list[str]:
    """The command of ``photochrom`` with the tiny network."""
    return [sys.executable, "-m", "tests.training.tiny_program", *words]


def program_environment(**environment: str) -> dict[str, Any]:
    """Where and with what that command runs."""
    root = Path(__file__).parents[2]
    path = os.pathsep.join([str(root), *sys.path])
    return {"cwd": root, "env": os.environ | {"PYTHONPATH": path} | environment}


def tiny_program(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``photochrom`` with the tiny network in a process of its own."""
    return subprocess.run(
        program_command(*words),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        **program_environment(**environment),
    )


def train_run(recipe: Recipe, pictures: Path, out: Path) -> object:
    return run(recipe, pictures, out)


def overfit_run(recipe: Recipe, pictures: Path, out: Path) -> object:
    return overfit(recipe, [str(pictures)], out, crops=1, steps=1, progress=Heard(), device="cpu")
