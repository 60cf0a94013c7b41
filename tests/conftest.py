"""Pictures that the tests make themselves, and a small trained checkpoint."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

if TYPE_CHECKING:
    from photochrom.weights.ensembles.members import OpenedMember


@pytest.fixture(autouse=True)
def _seeded() -> None:
    np.random.seed(0)  # noqa: NPY002 - third-party code may draw from the global generator


def scene(height: int, width: int, *, seed: int = 0) -> np.ndarray:
    """A colorful picture of smooth fields, ``(height, width, 3)`` uint8."""
    generator = np.random.default_rng(seed)
    cells = generator.uniform(0, 255, (4, 5, 3)).astype(np.uint8)
    image = Image.fromarray(cells).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(image)


def save_scenes(folder: Path, *, count: int, height: int, width: int) -> Path:
    """Write ``count`` scenes, one of each seed; returns ``folder``."""
    for index in range(count):
        Image.fromarray(scene(height, width, seed=index)).save(folder / f"{index}.png")
    return folder


@pytest.fixture
def gray_photo(tmp_path: Path) -> Path:
    """A gray JPEG of 90 x 120 pixels."""
    path = tmp_path / "grandma.jpg"
    Image.fromarray(scene(90, 120)).convert("L").save(path, quality=95)
    return path


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of twelve small pictures to train on; tests do not change it."""
    return save_scenes(tmp_path_factory.mktemp("pictures"), count=12, height=40, width=48)


@pytest.fixture(scope="session")
def checkpoint(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of a few training steps on made-up pictures, with a tiny decoder."""
    pytest.importorskip("torch")
    from photochrom.recipes import find_recipe
    from photochrom.training.loop import train
    from photochrom.training.progress import ProgressLine
    from photochrom.training.recipe_file import read_recipe

    overrides = [
        "encoder.pretrained=none",
        "network.options.widths=[16, 16, 16, 16]",
        "data.size=32",
        "data.workers=0",
        "data.validation=2",
        "training.images=16",
        "training.batch_size=8",
        "training.epoch_images=16",
    ]
    out = tmp_path_factory.mktemp("run")
    recipe = read_recipe(find_recipe("photochrom"), overrides)
    train(recipe, [str(pictures)], out, progress=ProgressLine(), device="cpu")
    return out


@pytest.fixture(scope="session")
def small_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Exported models whose colors can be computed by hand; see ``tests.weights.small_models``."""
    pytest.importorskip("torch")
    from tests.weights.small_models import write_all

    return write_all(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def run_member(checkpoint: Path, traced_once: None) -> OpenedMember:
    """The checkpoint as a member of ensembles, exported once."""
    from photochrom.weights.ensembles.members import open_member

    return open_member(checkpoint)


@pytest.fixture(scope="session")
def traced_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Exports of a network that some test has exported before are quick."""
    pytest.importorskip("torch")
    from photochrom.weights import export
    from tests.weights.traced import kept

    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "_trace", kept(export._trace, folder))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests come first: else one process works on them alone when all others are done."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
