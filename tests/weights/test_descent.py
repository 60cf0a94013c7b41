"""A fine-tuned model says where it comes from, and bears no other model's name."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from photochrom import load_model
from photochrom.cli import main as command_line
from photochrom.recipes import find_recipe
from photochrom.training.loop import train
from photochrom.training.progress import ProgressLine
from photochrom.training.recipe_file import read_recipe
from photochrom.weights.cards import Ancestor, ModelCard
from photochrom.weights.checkpoints import read_checkpoint
from photochrom.weights.descent import descended
from photochrom.weights.export import describe, export
from photochrom.weights.graph import load_graph
from photochrom.weights.models import MODELS

pytestmark = pytest.mark.usefixtures("traced_once")

TINY = [
    "network.options.widths=[16, 16, 16, 16]", "data.size=32", "data.workers=0",
    "data.validation=2", "training.images=8", "training.batch_size=4", "stages=[]",
    "encoder.pretrained=none", "training.epoch_images=8",
]  # fmt: skip
DIAL = ((0.0, 0.0, 1.0), (0.4, 0.3, 0.8), (1.0, 0.6, 0.6))
OLD = ModelCard(
    "first", "0.6", "photochrom", 1, 192, 32, ("lightness",), dial=DIAL, vividness=0.4,
    summary="a network", training_data="400,000 photographs", license="Apache-2.0",
    limits="guesses", metrics={"AuC": "90"}, images=9, sha256="abc",
)  # fmt: skip
NEW = ModelCard(
    "mine", "0", "photochrom", 1, 256, 32, ("lightness",), dial=((0.0, 0.0, 1.0),), images=500
)


def tune(origin: Path | str, pictures: Path, out: Path, *more: str) -> Path:
    overrides = [*TINY, f"training.start_from={origin}", *more]
    progress = ProgressLine(Console(file=io.StringIO()))
    recipe = read_recipe(find_recipe("photochrom"), overrides)
    train(recipe, [str(pictures)], out, progress=progress, device="cpu")
    return out


def test_what_is_inherited_and_what_is_not() -> None:
    card = descended(NEW, OLD, pictures=1234)
    assert card.ancestor == Ancestor("first", "0.6", "abc")
    assert (card.name, card.version) == ("mine", "0.6+500")
    assert (card.dial, card.vividness, card.working_size) == (DIAL, 0.4, 192)
    assert card.training_data.startswith("400,000 photographs; then, on from first 0.6, 500 crops")
    assert "1,234" in card.training_data
    assert card.license.startswith("Apache-2.0 (first 0.6)")
    assert card.license.endswith("not stated")
    assert card.limits == "guesses"
    assert card.metrics == {}
    assert ModelCard.from_json(card.to_json(), "x") == card
    silent = dataclasses.replace(OLD, training_data="", license="")
    said = descended(NEW, silent, pictures=None)
    assert said.training_data.startswith("9 crops of pictures that are not stated; then")
    assert said.license.startswith("not stated (first 0.6)")


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": ("lightness", "temperature")},
        {"recipe": {"loss": {"cross-entropy": {"uniform": 0.5}}}},
    ],
)
def test_a_dial_of_other_inputs_or_weights_is_not_inherited(change: dict[str, Any]) -> None:
    assert descended(dataclasses.replace(NEW, **change), OLD, pictures=1).dial == NEW.dial


NAMES = st.sampled_from(["first", "mine", "photochrom", "photochrom-tuned", "first-tuned", ""])


@given(NAMES.filter(bool), NAMES.filter(bool), NAMES)
def test_no_name_is_another_models(own: str, old: str, other: str) -> None:
    card = dataclasses.replace(NEW, name=own)
    name = descended(card, dataclasses.replace(OLD, name=old), pictures=1, other_name=other).name
    assert name
    assert name not in {old, *MODELS}
    assert name == own or own in {old, *MODELS}


def test_a_file_of_before_has_no_ancestor() -> None:
    values = json.loads(OLD.to_json())
    del values["ancestor"]
    assert ModelCard.from_json(json.dumps(values), "x").ancestor is None


@pytest.fixture(scope="module")
def family(
    learned: Path, pictures: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ModelCard, Path]:
    """The card of an exported model, and a run folder that began with it."""
    folder = tmp_path_factory.mktemp("family")
    (folder / "card.toml").write_text(
        'name = "elder"\nversion = "3"\nlicense = "MIT"\ntraining_data = "sand"\n'
        "dial = [[0, 0, 1], [1, 0.5, 0.7]]\nvividness = 0.2\n"
    )
    done = export(learned, folder / "elder.onnx", card_file=folder / "card.toml")
    return done.card, tune(done.path, pictures, folder / "second", "training.keep=every")


def test_a_run_knows_its_ancestor(family: tuple[ModelCard, Path]) -> None:
    elder, run = family
    shown = load_model(run).card
    assert shown.ancestor == Ancestor("elder", "3", elder.sha256)
    assert shown.name == "photochrom-tuned"
    (epoch,) = run.glob("epoch-*.safetensors")
    for file in (run / "checkpoint.safetensors", epoch):
        card = describe(*load_graph(file), other_name="mine")
        assert (card.name, card.version) == ("mine", "3+8")
        assert card.dial == ((0.0, 0.0, 1.0), (1.0, 0.5, 0.7))
        assert "sand; then, on from elder 3, 8 crops of 12 more" in card.training_data
        assert card.license.startswith("MIT (elder 3)")
    done = CliRunner().invoke(command_line.photochrom, ["models", "show", str(run)])
    assert f"ancestor       elder 3, sha256 {elder.sha256}" in done.output


def test_a_run_that_began_with_a_run_knows_them_both(
    family: tuple[ModelCard, Path], pictures: Path, tmp_path: Path
) -> None:
    _, run = family
    third = tune(run, pictures, tmp_path / "third", "name=grandchild")
    card = describe(*load_graph(third / "checkpoint.safetensors"))
    assert card.name == "grandchild"
    assert card.version == "3+8+8"
    assert card.ancestor is not None
    assert card.ancestor.name == "photochrom-tuned"
    for word in ("sand", "from elder 3", "from photochrom-tuned 3+8"):
        assert word in card.training_data
    assert str(tmp_path) not in card.to_json()


def test_a_run_that_goes_on_keeps_its_ancestor(
    family: tuple[ModelCard, Path], pictures: Path
) -> None:
    elder, run = family
    before = read_checkpoint(run / "checkpoint.safetensors")[1]["ancestor"]
    overrides = [*TINY, f"training.start_from={run.parent / 'elder.onnx'}", "training.keep=every"]
    progress = ProgressLine(Console(file=io.StringIO()))
    recipe = read_recipe(find_recipe("photochrom"), overrides)
    train(recipe, [str(pictures)], run, progress=progress, device="cpu")
    after = read_checkpoint(run / "checkpoint.safetensors")[1]["ancestor"]
    assert before == after
    assert after["sha256"] == elder.sha256


def test_a_run_of_its_own_has_none(checkpoint: Path) -> None:
    card = load_model(checkpoint).card
    assert (card.name, card.ancestor) == ("photochrom", None)
