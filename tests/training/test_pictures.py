"""The ``[data]`` section of a recipe in whole runs: categories, variants, film."""

from __future__ import annotations

import io
import json
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file

from photochrom.data.draws import Draws
from photochrom.errors import RecipeError, UnknownName
from photochrom.recipes import find_recipe
from photochrom.training import task as task_module
from photochrom.training.config import Recipe
from photochrom.training.loop import train
from photochrom.training.pictures import chosen_pictures, split_of, training_crops
from photochrom.training.progress import ProgressLine
from photochrom.training.recipe_file import read_recipe
from photochrom.training.task import ColorizationTask, Pairs

TINY = [
    "encoder.pretrained=none",
    "network.options.widths=[16, 16, 16, 16]",
    "data.size=32",
    "data.workers=0",
    "data.validation=2",
    "training.batch_size=4",
    "training.images=16",
    "training.epoch_images=16",
]
FILM = [*TINY, "data.film.probability=0.8", "data.variants=3"]


def recipe(overrides: list[str]) -> Recipe:
    return read_recipe(find_recipe("photochrom"), overrides)


class StopAt(ProgressLine):
    """Asks the run to stop, as Ctrl-C does, once so many images were seen; 0 is never."""

    def __init__(self, images: int = 0) -> None:
        self.said = io.StringIO()
        super().__init__(Console(file=self.said))
        self.images = images

    def update(self, position: int, parts: dict[str, float]) -> None:
        if position == self.images:
            signal.raise_signal(signal.SIGINT)


def weights(overrides: list[str], pictures: Path, out: Path, *, stop: int = 0) -> dict:
    if stop:
        train(recipe(overrides), [str(pictures)], out, progress=StopAt(stop), device="cpu")
    train(recipe(overrides), [str(pictures)], out, progress=StopAt(), device="cpu")
    return load_file(out / "checkpoint.safetensors")


def test_with_film_and_variants_resumed_equals_uninterrupted(
    pictures: Path, tmp_path: Path
) -> None:
    whole = weights(FILM, pictures, tmp_path / "whole")
    parts = weights(FILM, pictures, tmp_path / "parts", stop=8)
    assert [k for k in whole if not torch.equal(whole[k], parts[k])] == []
    plain = weights([*TINY, "data.variants=3"], pictures, tmp_path / "plain")
    key = "task.network.head.weight"
    assert not torch.equal(plain[key], whole[key])


def test_film_changes_what_is_seen_and_not_what_is_sought(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from photochrom.color.bins import gamut_grid

    centers = gamut_grid(40)
    prior = np.full(len(centers), 1 / len(centers), np.float32)
    rgb = torch.randint(0, 256, (4, 3, 32, 32), generator=torch.Generator().manual_seed(0))
    seen, sought = [], []

    def met(prediction: object, lightness: torch.Tensor, lab: torch.Tensor, *rest: object) -> Pairs:
        seen.append(lightness)
        sought.append(lab)
        return Pairs(prediction, lightness, lab, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(task_module, "Pairs", met)
    for overrides in (TINY, [*TINY, "data.film.probability=1"]):
        chosen = recipe([*overrides, "data.noise=0", "data.tone=0"])
        task = ColorizationTask(chosen, centers=centers, prior=prior)
        task(rgb.byte(), Draws(range(4)))
    assert (seen[0] - seen[1]).abs().mean() > 2
    assert torch.equal(*sought)


def test_variants_lengthen_the_epoch(pictures: Path) -> None:
    chosen = recipe([*TINY, "data.variants=7"])
    trained, judged = split_of(chosen_pictures(chosen, [str(pictures)]), chosen)
    assert (len(trained), len(judged)) == (10, 2)
    assert training_crops(chosen, trained, size=32).epoch == 70


def test_categories_of_a_recipe(pictures: Path, tmp_path: Path) -> None:
    for index, path in enumerate(sorted(pictures.iterdir())):
        kind = "opencountry" if index < 7 else "street"
        shutil.copy(path, tmp_path / f"{kind}_land{index}.png")
    chosen = recipe([*TINY, 'data.categories=["opencountry"]'])
    out = tmp_path / "run"
    train(chosen, [str(tmp_path)], out, progress=StopAt(), device="cpu")
    facts = json.loads((out / "run.json").read_text())
    assert facts["pictures"] + facts["validation"] == 7
    assert facts["recipe"]["data"]["categories"] == ["opencountry"]
    with pytest.raises(UnknownName, match="did you mean opencountry"):
        chosen_pictures(recipe([*TINY, 'data.categories=["opencuntry"]']), [str(tmp_path)])


def test_remarks_on_the_pictures_are_printed_once(pictures: Path, tmp_path: Path) -> None:
    overrides = [*TINY, "data.size=128"]
    first, again = StopAt(4), StopAt(8)
    for progress in (first, again):
        train(recipe(overrides), [str(pictures)], tmp_path, progress=progress, device="cpu")
    assert "data.size = 128" in " ".join(first.said.getvalue().split())
    assert "data.size" not in again.said.getvalue()


@pytest.mark.parametrize(
    ("override", "key"),
    [
        ("data.variants=0", "data.variants"),
        ("data.categories=coast", "data.categories"),
        ("data.categories=[1]", "data.categories"),
        ("data.film=1", "data.film"),
        ("data.film.probability=1.5", "data.film.probability"),
        ("data.film.jpeg=0", "data.film.jpeg"),
        ("data.film.dust=1", "data.film.dust"),
    ],
)
def test_errors_name_the_key(override: str, key: str) -> None:
    with pytest.raises(RecipeError, match=key):
        recipe([override])
