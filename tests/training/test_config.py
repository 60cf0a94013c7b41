from __future__ import annotations

from pathlib import Path

import pytest

from photochrom.errors import RecipeError, UnknownName
from photochrom.recipes import find_recipe
from photochrom.training.config import TrainingConfig
from photochrom.training.recipe_file import read_recipe, recipe_from_dict
from photochrom.training.schedule import rate_factor

RECIPES = sorted((Path(__file__).parents[2] / "src/photochrom/recipes").glob("*.toml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_every_recipe_reads(path: Path) -> None:
    recipe = read_recipe(path)
    assert recipe.name == path.stem
    assert recipe_from_dict(recipe.to_dict()) == recipe


def read(*overrides: str) -> object:
    return read_recipe(find_recipe("photochrom"), overrides)


def test_overrides() -> None:
    recipe = read(
        "training.batch_size=7",
        "training.learning_rate=1",
        "encoder.pretrained=/some/file",
        "network.options.widths=[1, 2, 3, 4]",
        "data.flip=false",
    )
    assert recipe.training.batch_size == 7
    assert recipe.training.learning_rate == 1.0
    assert recipe.encoder.pretrained == "/some/file"
    assert recipe.network.options["widths"] == [1, 2, 3, 4]
    assert recipe.data.flip is False


@pytest.mark.parametrize(
    ("override", "key"),
    [
        ("training.batchsize=3", "training.batchsize"),
        ("color=1", "color"),
        ("training.batch_size=many", "training.batch_size"),
        ("training.batch_size=0", "training.batch_size"),
        ("training.batch_size=true", "training.batch_size"),
        ("training.learning_rate=-1", "training.learning_rate"),
        ("data.flip=1", "data.flip"),
        ("training.optimizer=adagrad", "training.optimizer"),
        ("training=3", "training"),
        ("bins.system=rainbow", "bins.system"),
        ("nothing", "nothing"),
        ("loss.cross-entropy=3", "loss.cross-entropy must be a section"),
        ("loss=3", "loss must be a section"),
    ],
)
def test_errors_name_the_key(override: str, key: str) -> None:
    with pytest.raises(RecipeError, match=key):
        read(override)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("training.batchsize=3", "did you mean batch_size"),
        ("trainings.images=3", "did you mean training"),
        ("resizing.initialscale=1", "did you mean initial_scale"),
    ],
)
def test_unknown_keys_suggest_the_nearest(override: str, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        read(override)


def test_missing_keys_and_files(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="missing key network"):
        recipe_from_dict({"name": "x"})
    with pytest.raises(UnknownName, match="photochrom"):
        find_recipe("photocrom")
    with pytest.raises(UnknownName, match="mine"):
        find_recipe(tmp_path / "mine.toml")
    (tmp_path / "bad.toml").write_text("name = ")
    with pytest.raises(RecipeError, match="bad"):
        read_recipe(tmp_path / "bad.toml")


def test_one_cycle_rises_and_falls() -> None:
    def rates(schedule: str) -> list[float]:
        settings = TrainingConfig(images=1, schedule=schedule, warmup=0.1)
        return [rate_factor(i / 100, settings) for i in range(101)]

    cycle = rates("one-cycle")
    assert cycle[:11] == sorted(cycle[:11])
    assert cycle[10:] == sorted(cycle[10:], reverse=True)
    assert max(cycle) == pytest.approx(1)
    assert cycle[-1] == pytest.approx(0.01)
    assert rates("cosine")[0] == pytest.approx(1)
    assert set(rates("constant")[10:]) == {1.0}
