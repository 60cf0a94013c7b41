"""Stages in a recipe, and runs of them that stop and continue."""

from __future__ import annotations

import os
import signal
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from photochrom.architectures.cards import NETWORKS
from photochrom.errors import RecipeError
from photochrom.training import loop
from photochrom.training.config import Recipe
from photochrom.training.recipe_file import recipe_from_dict
from photochrom.training.stages import stages_of
from tests.training import tiny
from tests.training.conftest import Heard, run, tiny_recipe

AS_PUBLISHED = """
[[stages]]
share = 0.5
[stages.data]
size = 16
[stages.training]
batch_size = 8
learning_rate = 1e-3
encoder_rate = 0

[[stages]]
share = 0.25
[stages.data]
size = 24
[stages.training]
batch_size = 5

[[stages]]
[stages.data]
size = 32
limit = 5
[stages.training]
batch_size = 3
learning_rate = 5e-5
"""
CHANGING = [
    {"images": 12, "data": {"size": 20}, "training": {"encoder_rate": 0.0, "batch_size": 5}},
    {"images": 11, "data": {"size": 24, "limit": 4}, "training": {"batch_size": 3}},
    {"training": {"learning_rate": 1e-4, "weight_decay": 0.5, "accumulate": 2}},
]


def test_from_a_file() -> None:
    recipe = recipe_from_dict(tomllib.loads(tiny.RECIPE + AS_PUBLISHED))
    stages = stages_of(recipe)
    assert [(s.start, s.end) for s in stages] == [(0, 16), (16, 24), (24, 32)]
    assert [s.recipe.data.size for s in stages] == [16, 24, 32]
    assert [s.recipe.training.batch_size for s in stages] == [8, 5, 3]
    assert [s.recipe.training.encoder_rate for s in stages] == [0, 1, 1]
    # What a stage does not name is the recipe's.
    assert stages[1].recipe.training.learning_rate == recipe.training.learning_rate
    assert recipe_from_dict(recipe.to_dict()) == recipe


def test_thirds_make_a_whole() -> None:
    recipe = tiny_recipe(stages=[{"share": 1 / 3}] * 3, training={"images": 100})
    assert [s.end for s in stages_of(recipe)] == [33, 67, 100]


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ([{"images": 8}, {"images": 8}], "the stages have 16 images, training.images is 32"),
        ([{"images": 8}, {"images": 40}], "the stages have 48 images"),
        ([{}, {"images": 8}], r"stages\[1\] needs either images or share"),
        ([{"images": 8, "share": 0.1}, {}], r"stages\[1\] needs either"),
        ([{"images": 32}, {}], r"stages\[2\] has no images"),
        ([{"images": 8}, {"data": {"sizes": 3}}], r"stages\[2\].data.sizes cannot.*mean size"),
        ([{"training": {"images": 3}}], r"stages\[1\].training.images cannot change in a stage"),
        ([{"training": {"batch_size": 0}}], r"stages\[1\]: training.batch_size must be between"),
        ([{"share": float("nan")}, {}], r"stages\[1\]: images must be"),
        ([{"share": -0.5}, {}], r"stages\[1\]: images must be"),
        ([{"images": -4}, {}], r"stages\[1\]: images must be"),
        ([{"training": {"schedule": "x"}}], r"stages\[1\]: training.schedule must be one of"),
    ],
)
def test_impossible_stages_are_named(stages: list, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        stages_of(tiny_recipe(stages=stages))


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ([{"image": 8}], r"unknown key stages\[1\].image; did you mean images"),
        ([3], r"stages\[1\] must be a section"),
        ({"images": 8}, "stages must be list"),
    ],
)
def test_ill_formed_stages_are_named(stages: object, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        tiny_recipe(stages=stages)


@pytest.mark.usefixtures("tiny_network")
class TestRuns:
    def test_sizes_batches_pictures_and_frozen_parts(
        self, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[tuple[int, ...]] = []
        encoders: list[torch.Tensor] = []
        plain = loop.Run.step

        def step(self: loop.Run, *given: object) -> dict:
            encoders.append(self.task.network.encoder[0].weight.detach().clone())
            statistics = self.task.network.encoder[1].running_mean.clone()
            found = plain(self, *given)
            frozen = torch.equal(statistics, self.task.network.encoder[1].running_mean)
            seen.append((given[0].size, given[0].end - given[0].start, frozen))
            return found

        monkeypatch.setattr(loop.Run, "step", step)
        network = {"name": "tiny", "options": {"norm": True}}
        run(tiny_recipe(stages=CHANGING, network=network), pictures, tmp_path)
        first, second = [(20, 5, True), (20, 5, True), (20, 2, True)], [(24, 3, False)] * 3
        assert seen == [
            *first,
            *second,
            (24, 2, False),
            (16, 4, False),
            (16, 4, False),
            (16, 1, False),
        ]
        assert torch.equal(encoders[0], encoders[3])
        assert not torch.equal(encoders[3], encoders[4])

    @pytest.mark.parametrize(("images", "workers"), [(5, 0), (12, 0), (15, 2), (23, 0), (31, 0)])
    def test_resumed_equals_uninterrupted(
        self, whole: Path, pictures: Path, tmp_path: Path, images: int, workers: int
    ) -> None:
        def stop(position: int) -> None:
            if position == images:
                os.kill(os.getpid(), signal.SIGINT)

        stopped = run(interruptible(workers), pictures, tmp_path, Heard(stop))
        assert (stopped.images, stopped.finished) == (images, False)
        run(interruptible(workers), pictures, tmp_path)
        one, other = (load_file(p / "checkpoint.safetensors") for p in (whole, tmp_path))
        assert one.keys() == other.keys()
        assert [k for k in one if not torch.equal(one[k], other[k])] == []
        texts = [(p / "metrics.csv").read_text() for p in (whole, tmp_path)]
        assert texts[0] == texts[1]
        images_of_rows = [int(line.split(",")[0]) for line in texts[0].splitlines()[1:]]
        assert images_of_rows == [10, 12, 18, 23, 27, 32]


def interruptible(workers: int = 0) -> Recipe:
    return tiny_recipe(
        stages=CHANGING,
        data={"workers": workers},
        resizing={"delay_fraction": 0.2, "finetune_fraction": 0.3},
        training={"epoch_images": 8},
    )


@pytest.fixture(scope="module")
def whole(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The run folder of all stages, uninterrupted."""
    out = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(NETWORKS._cards, "tiny", tiny.CARD)
        run(interruptible(), pictures, out)
        yield out
