"""A finished run goes on where its schedule does, as if it had never ended; else it says how."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file

from photochrom.architectures.cards import NETWORKS
from photochrom.errors import RecipeError
from photochrom.training.lengthening import goes_on
from photochrom.training.timeline import Timeline
from tests.training import tiny
from tests.training.conftest import run, tiny_recipe

pytestmark = pytest.mark.usefixtures("tiny_network")

STEADY = {"schedule": "constant", "warmup": 0.0}


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "metrics.csv").read_text().splitlines()))


@pytest.mark.parametrize(
    ("sections", "first", "second"),
    [
        ({"training": STEADY}, 16, 32),
        ({"training": {**STEADY, "optimizer": "sgd"}}, 8, 32),
        ({"training": STEADY, "network": {"options": {"norm": True}}}, 16, 32),
        ({"training": STEADY, "stages": [{"images": 8}, {"data": {"size": 24}}]}, 16, 32),
    ],
)
def test_a_longer_run_is_what_it_would_have_been(
    sections: dict[str, Any], first: int, second: int, pictures: Path, tmp_path: Path
) -> None:
    def recipe(images: int) -> Any:
        return tiny_recipe(**sections | {"training": sections["training"] | {"images": images}})

    assert run(recipe(first), pictures, tmp_path / "grown").finished
    grown = run(recipe(second), pictures, tmp_path / "grown")
    assert (grown.images, grown.finished) == (second, True)
    run(recipe(second), pictures, tmp_path / "whole")
    one, other = (
        load_file(tmp_path / name / "checkpoint.safetensors") for name in ("grown", "whole")
    )
    assert one.keys() == other.keys()
    assert [k for k in one if not torch.equal(one[k], other[k])] == []
    assert rows(tmp_path / "whole")[-1] == rows(tmp_path / "grown")[-1]
    told = json.loads((tmp_path / "grown" / "run.json").read_text())
    assert told["recipe"]["training"]["images"] == second


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"training": {"schedule": "cosine"}},
        {"training": STEADY, "stages": [{"share": 0.75}, {"share": 0.25}]},
        {"training": {**STEADY, "schedule": "step", "step_every": 0.25}},
    ],
)
def test_a_schedule_that_has_ended_says_how_to_begin_another(
    sections: dict[str, Any], pictures: Path, tmp_path: Path
) -> None:
    def recipe(images: int, **more: Any) -> Any:
        training = sections.get("training", {}) | {"images": images} | more
        return tiny_recipe(**sections | {"training": training})

    out = tmp_path / "first"
    run(recipe(16), pictures, out)
    before = (out / "checkpoint.safetensors").read_bytes()
    with pytest.raises(RecipeError, match="16 images, and its schedule") as error:
        run(recipe(32), pictures, out)
    said = str(error.value)
    assert "\n" not in said
    assert (out / "checkpoint.safetensors").read_bytes() == before
    option = said.partition("--set ")[2]
    assert option == f"training.start_from={out}"
    run(recipe(16, start_from=option.partition("=")[2]), pictures, tmp_path / "second")


def test_fewer_images_than_were_seen_are_refused(pictures: Path, tmp_path: Path) -> None:
    run(tiny_recipe(training={**STEADY, "images": 16}), pictures, tmp_path)
    with pytest.raises(RecipeError, match="has seen 16 images already, more than 8"):
        run(tiny_recipe(training={**STEADY, "images": 8}), pictures, tmp_path)


def test_more_than_the_number_is_another_recipe(pictures: Path, tmp_path: Path) -> None:
    run(tiny_recipe(training={**STEADY, "images": 16}), pictures, tmp_path)
    with pytest.raises(RecipeError, match=r"another recipe \(.*; also "):
        run(tiny_recipe(seed=5, training={**STEADY, "images": 32}), pictures, tmp_path)


@settings(deadline=None)
@given(
    st.sampled_from(["one-cycle", "cosine", "step", "constant"]),
    st.floats(0, 0.5),
    st.integers(4, 400),
    st.integers(1, 500),
    st.booleans(),
    st.data(),
)
def test_what_goes_on_has_no_jump(
    schedule: str, warmup: float, images: int, more: int, grows: bool, data: st.DataObject
) -> None:
    NETWORKS._cards.setdefault("tiny", tiny.CARD)
    resizing = {"resizing": {"initial_scale": 0.5}} if grows else {}
    then, now = (
        tiny_recipe(training={"schedule": schedule, "warmup": warmup, "images": count}, **resizing)
        for count in (images, images + more)
    )
    position = min(4 * data.draw(st.integers(1, 100)), images)  # where a step ends
    if not goes_on(then, now, position):
        return
    last = list(Timeline(then, multiple_of=4).steps(0))
    last = [step for step in last if step.start < position]
    after = next(Timeline(now, multiple_of=4).steps(position))
    assert after.size == last[-1].size
    assert after.rate == pytest.approx(last[-1].rate, rel=1e-5)
    assert schedule not in ("cosine", "one-cycle") or position < images
