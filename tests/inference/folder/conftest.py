"""An album, and a run over it with one loaded model for all tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from photochrom import Colorizer
from photochrom.inference.folder.jobs import Outcome
from photochrom.inference.folder.plan import Plan
from photochrom.inference.folder.run import Run
from photochrom.photo.provenance import Provenance, stamped_xmp
from tests.conftest import scene

Color = Callable[..., list[Outcome]]


@pytest.fixture(scope="session")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    (folder / "1920").mkdir(parents=True)
    for name in ("a.jpg", "a.png", "1920/b.bmp", "1920/.hidden.jpg"):
        Image.fromarray(scene(20, 24)).convert("L").save(folder / name)
    save_result(folder / "c.color.jpg")
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture
def color(colorizer: Colorizer) -> Color:
    """Runs a plan to its end."""

    def run(plan: Plan, *, by: Colorizer | None = None, **choices: Any) -> list[Outcome]:
        with Run(by or colorizer, plan, **choices) as opened:
            return list(opened.color(plan))

    return run


@pytest.fixture
def plan(album: Path, tmp_path: Path) -> Plan:
    return Plan([str(album)], output=tmp_path / "out")


def states(outcomes: list[Outcome]) -> list[str]:
    return [o.state for o in outcomes]


def lines(out: Path, name: str = "run.jsonl") -> list[dict[str, Any]]:
    text = (out / ".photochrom" / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def touch(folder: Path, *names: str) -> None:
    """Empty files of these names, relative to the folder."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def save_result(path: Path) -> None:
    """A picture that says of itself that its colors were made."""
    xmp = stamped_xmp(None, Provenance("photochrom", "m", "1", ""))
    Image.fromarray(scene(20, 24)).save(path, xmp=xmp)


def draw(path: Path, seed: int) -> None:
    Image.fromarray(scene(20, 24, seed=seed)).convert("L").save(path)


def names(plan: Plan, root: Path) -> list[tuple[str, str]]:
    return [(str(j.source.relative_to(root)), str(j.destination.relative_to(root))) for j in plan]


def results(plan: Plan, root: Path) -> list[str]:
    return [name for _, name in names(plan, root)]
