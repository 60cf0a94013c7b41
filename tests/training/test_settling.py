"""What is judged, kept and used are weights with the statistics that go with them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from photochrom.data.draws import Draws
from photochrom.recipes import find_recipe
from photochrom.training.average import Average
from photochrom.training.config import Recipe
from photochrom.training.pictures import chosen_pictures, split_of, training_crops
from photochrom.training.recipe_file import read_recipe
from photochrom.training.settling import learning_norms, measuring, settle, statistics
from photochrom.training.task import ColorizationTask
from photochrom.training.validation import Validation
from photochrom.weights.checkpoints import part, read_checkpoint
from tests.training.conftest import Heard, run, tiny_recipe

HALF = [
    "data.size=32", "data.workers=0", "data.validation=2", "training.keep=last",
    "training.precision=fp32",
]  # fmt: skip


def used(recipe: Recipe, file: Path) -> ColorizationTask:
    """The task with the weights that a file gives to whoever uses it."""
    tensors, _ = read_checkpoint(file)
    own = part(tensors, "task")
    task = ColorizationTask(recipe, centers=own["centers"].numpy(), prior=own["prior"].numpy())
    task.load_state_dict(own | part(tensors, "ema"))
    return task


def losses(recipe: Recipe, task: ColorizationTask, pictures: Path) -> tuple[float, float]:
    """Of what training saw last: as the weights are used, and as training itself sees them."""
    trained, _ = split_of(chosen_pictures(recipe, [str(pictures)]), recipe)
    crops = training_crops(recipe, trained, size=recipe.data.size)
    batch, images = recipe.training.batch_size, recipe.training.images
    rgb = torch.stack([crops[k] for k in range(images - batch, images)])
    with torch.no_grad():
        return task.eval()(rgb)["loss"].item(), task.train()(rgb)["loss"].item()


@pytest.mark.usefixtures("tiny_network")
@pytest.mark.parametrize("steps", [1, 2, 7])
@pytest.mark.parametrize("rate", [1e-3, 0.3])
@pytest.mark.parametrize("ema", [0.0, 0.999])
def test_a_short_run_is_as_good_in_use_as_in_training(
    steps: int, rate: float, ema: float, pictures: Path, tmp_path: Path
) -> None:
    recipe = tiny_recipe(
        network={"options": {"norm": True}},
        training={"images": 4 * steps, "learning_rate": rate, "ema": ema, "warmup": 0.0},
        data={"noise": 0.0, "tone": 0.0},
    )
    run(recipe, pictures, tmp_path)
    in_use, in_training = losses(
        recipe, used(recipe, tmp_path / "checkpoint.safetensors"), pictures
    )
    assert in_use == pytest.approx(in_training, rel=0.15)


@pytest.mark.parametrize("images", [8, 32])
def test_the_printed_network_is_not_judged_by_what_its_norms_were(
    images: int, pictures: Path, tmp_path: Path
) -> None:
    chosen = read_recipe(
        find_recipe("resnet18-half"),
        [*HALF, f"training.images={images}", "training.batch_size=8"],
    )
    heard = Heard()
    run(chosen, pictures, tmp_path, heard)
    task = used(chosen, tmp_path / "checkpoint.safetensors")
    _, judged = split_of(chosen_pictures(chosen, [str(pictures)]), chosen)
    validation = Validation(judged, size=chosen.data.size, seed=chosen.seed)
    found = validation.judge(task.eval(), torch.device("cpu"))
    (row,) = csv.DictReader((tmp_path / "metrics.csv").read_text().splitlines())
    for name, value in found.items():
        assert float(row[name]) == pytest.approx(value, rel=1e-3)
    astray = "further from the truth than gray" in " ".join(heard.said.getvalue().split())
    assert astray == bool(validation.remark(found))
    in_use, in_training = losses(chosen, task, pictures)
    assert in_use == pytest.approx(in_training, rel=0.5)


@pytest.mark.usefixtures("tiny_network")
@pytest.mark.parametrize(("mse", "said"), [(0.0, False), (1e5, True)])
def test_colors_far_astray_are_said(mse: float, said: bool, pictures: Path) -> None:
    recipe = tiny_recipe()
    _, judged = split_of(chosen_pictures(recipe, [str(pictures)]), recipe)
    validation = Validation(judged, size=16, seed=0)
    task = ColorizationTask(
        recipe, centers=torch.zeros(8, 2).numpy(), prior=torch.full((8,), 1 / 8).numpy()
    )
    found = validation.judge(task.eval(), torch.device("cpu"))
    assert validation.remark(found) == ""  # gray is what it gives
    remark = validation.remark(found | {"validation/mse": mse})
    assert ("of gray" in remark) == said
    assert validation.remark({}) == ""


@settings(deadline=None)
@given(
    st.floats(-1e6, 1e6),
    st.lists(st.floats(-100, 100), min_size=1, max_size=30),
    st.sampled_from([0.0, 0.5, 0.999]),
)
def test_an_average_knows_nothing_of_before_the_first_step(
    first: float, weights: list[float], decay: float
) -> None:
    weight = nn.Parameter(torch.tensor([first]))
    average = Average({"w": weight}, decay=decay)
    for step, value in enumerate(weights):
        weight.data.fill_(value)
        average.update(step)
    found = average.values["w"].item()
    assert min(weights) - 1e-3 <= found <= max(weights) + 1e-3
    if decay == 0:
        assert found == pytest.approx(weights[-1], abs=1e-3)


class Deep(nn.Module):
    """Norms one after the other, one frozen, and a dropout that is not to drop."""

    def __init__(self, gain: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.5),
            nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4), nn.BatchNorm2d(4),
        )  # fmt: skip
        self.centers = torch.zeros(0)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.mul_(gain)
        self.train()
        self.layers[6].eval()

    def pairs(self, rgb: torch.Tensor, _draws: object) -> torch.Tensor:
        return self.layers(rgb)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.01, 1e3), st.integers(0, 99), st.booleans())
def test_settled_norms_do_to_what_was_shown_what_training_does(
    gain: float, seed: int, broken: bool
) -> None:
    torch.manual_seed(seed)
    task, seen = Deep(gain), torch.randn(6, 1, 12, 12)
    before = {k: v.clone() for k, v in task.state_dict().items()}
    modes = [m.training for m in task.modules()]
    average = Average(dict(task.named_parameters()), decay=0.9)
    frozen = "layers.6.running_mean"
    if broken:
        with pytest.raises(RuntimeError), measuring(task, learning_norms(task)):
            task.pairs(torch.cat([seen, seen], 1), None)
    else:
        settle(average, task, [(seen, Draws([0]))])  # type: ignore[arg-type]
        assert frozen not in average.values
        assert set(statistics(learning_norms(task))) <= set(average.values)
        with average.in_place(), torch.no_grad():
            task.layers[3].eval()
            expected = task.layers(seen)
            found = task.eval().layers(seen)
            assert torch.allclose(found, expected, rtol=0.02, atol=0.02 * expected.abs().max())
        for module, mode in zip(task.modules(), modes, strict=True):
            module.training = mode
    assert modes == [m.training for m in task.modules()]
    changed = [k for k, v in task.state_dict().items() if not torch.equal(v, before[k])]
    assert not [k for k in changed if "running" not in k and "tracked" not in k]
    assert not broken or not changed


@pytest.mark.usefixtures("tiny_network")
def test_a_run_from_before_goes_on(pictures: Path, tmp_path: Path) -> None:
    recipe = tiny_recipe(network={"options": {"norm": True}}, training={"images": 16})
    file = tmp_path / "checkpoint.safetensors"
    run(recipe, pictures, tmp_path)
    with safe_open(file, "pt") as opened:
        header = opened.metadata()
    older = {
        k: v for k, v in load_file(file).items() if not (k.startswith("ema.") and "running" in k)
    }
    assert len(older) == len(load_file(file)) - 2
    save_file(older, file, metadata=header)
    assert run(recipe, pictures, tmp_path).finished
