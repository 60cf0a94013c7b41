"""Every recipe that comes with photochrom builds and learns; what cannot be built says why."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console

from photochrom.backbones import downloads
from photochrom.color.encoding import encode_soft
from photochrom.color.spaces import rgb_to_lab
from photochrom.data.statistics import ab_histogram, bin_prior
from photochrom.errors import ModelError, RecipeError, UnknownName
from photochrom.recipes import find_recipe
from photochrom.training.config import Recipe
from photochrom.training.loop import train
from photochrom.training.progress import ProgressLine
from photochrom.training.recipe_file import read_recipe, recipe_from_dict
from photochrom.training.task import ColorizationTask, choose_bins
from photochrom.weights.checkpoints import read_checkpoint
from tests.conftest import scene

RECIPES = sorted((Path(__file__).parents[2] / "src/photochrom/recipes").glob("*.toml"))
SMALL = [
    "data.size=32",
    "data.workers=0",
    "data.validation=2",
    "training.images=8",
    "training.batch_size=4",
    "training.epoch_images=8",
    "stages=[]",
]
# What makes a system quick; all of its kinds of layers stay.
REDUCED = {
    "photochrom": ["network.options.widths=[16, 16, 16, 16]"],
    "photochrom-nogan": ["network.options.widths=[16, 16, 16, 16]"],
    "hybrid-unet": ["network.options={second='resnetv2_18', widths=[4, 8, 8, 16, 16]}"],
    "fusion": ["encoder.name=mobilenetv2_050", "bins.count=24"],
    "colorunet": ["network.options.widths=[8, 16, 16, 32, 32]"],
    "vgg-residual": ["encoder.name=vgg11"],
    "vgg-bins": ["encoder.name=vgg11"],
}


def small(path: Path, *overrides: str) -> Recipe:
    """The recipe with what makes it quick."""
    reduced = ["encoder.pretrained=none", *REDUCED.get(path.stem, []), *SMALL]
    return read_recipe(path, [*reduced, *overrides])


def go(recipe: Recipe, pictures: Path, out: Path) -> float:
    progress = ProgressLine(Console(file=io.StringIO()))
    return train(recipe, [str(pictures)], out, progress=progress, device="cpu").losses["loss"]


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_every_recipe_takes_a_step(path: Path, pictures: Path, tmp_path: Path) -> None:
    loss = go(small(path), pictures, tmp_path)
    assert 0 < loss < 100
    tensors, facts = read_checkpoint(tmp_path / "checkpoint.safetensors")
    assert facts["images"] == 8
    assert recipe_from_dict(facts["recipe"]) == small(path)
    moments = [v for k, v in tensors.items() if k.endswith("exp_avg")]
    assert any(m.abs().max() > 0 for m in moments)


def crops() -> torch.Tensor:
    """Four pictures of 8 x 8 flat patches: all networks, the coarsest too, can show them."""
    pictures = [scene(32, 32, seed=i).transpose(2, 0, 1) for i in range(4)]
    patches = np.stack(pictures).reshape(4, 3, 4, 8, 4, 8).mean((3, 5), keepdims=True)
    whole = np.broadcast_to(patches, (4, 3, 4, 8, 4, 8)).reshape(4, 3, 32, 32)
    return torch.from_numpy(whole.round().astype(np.uint8))


def task_for(recipe: Recipe, pictures: torch.Tensor) -> ColorizationTask:
    histogram = ab_histogram(pictures.numpy())
    centers = choose_bins(recipe.bins, histogram)
    ab_bins = len(centers) and recipe.bins.system != "equi-width-uv"
    prior = bin_prior(histogram, centers) if ab_bins else np.zeros(0, np.float32)
    return ColorizationTask(recipe, centers=centers, prior=prior)


def loss_floor(task: ColorizationTask, pictures: torch.Tensor) -> float:
    """The loss of a perfect prediction: soft targets have an entropy of their own."""
    if "cross-entropy" not in task.losses or not task.losses["cross-entropy"].soft:
        return 0.0
    loss = task.losses["cross-entropy"]
    ab = rgb_to_lab(pictures.float() / 255)[:, 1:]
    ab = torch.nn.functional.avg_pool2d(ab, 4)
    target = encode_soft(ab, task.centers, sigma=loss.sigma, neighbors=loss.neighbors)
    perfect = target.clamp_min(1e-30).log()
    return float(loss(perfect, ab, centers=task.centers, prior=task.prior)["cross_entropy"])


@pytest.mark.slow
@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_every_recipe_learns_four_pictures_by_heart(path: Path) -> None:
    torch.manual_seed(0)
    recipe = small(path, "encoder.frozen=0")
    pictures = crops()
    task = task_for(recipe, pictures)
    floor = loss_floor(task, pictures)
    optimizer = torch.optim.Adam([p for p in task.parameters() if p.requires_grad], lr=2e-3)
    losses: list[float] = []
    while len(losses) < 500 and not (losses and losses[-1] - floor < 0.1 * (losses[0] - floor)):
        optimizer.zero_grad()
        loss = task.train()(pictures)["loss"]
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] - floor < 0.1 * (losses[0] - floor), (floor, losses[::20])
    assert losses[-1] >= floor - 1e-4


@pytest.mark.parametrize(
    ("system", "count"), [("zhang-313", 313), ("chosen", 9), ("supported-grid", None)]
)
def test_bin_systems(system: str, count: int | None, pictures: Path, tmp_path: Path) -> None:
    recipe = small(find_recipe("photochrom"), f"bins.system={system}", "bins.count=9")
    go(recipe, pictures, tmp_path)
    tensors, _ = read_checkpoint(tmp_path / "checkpoint.safetensors")
    bins = len(tensors["task.centers"])
    assert bins == count if count else 20 < bins < 300
    assert tensors["task.network.head.weight"].shape[0] == bins
    assert tensors["task.prior"].sum().item() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_optimizers_and_precisions(
    optimizer: str, precision: str, pictures: Path, tmp_path: Path
) -> None:
    overrides = [f"training.optimizer={optimizer}", f"training.precision={precision}"]
    assert go(small(find_recipe("photochrom"), *overrides), pictures, tmp_path) > 0
    tensors, _ = read_checkpoint(tmp_path / "checkpoint.safetensors")
    assert all(torch.isfinite(v).all() for v in tensors.values())


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("network.options.depth=3", r"network\.options or encoder: .*depth"),
        ("network.options.widths=[16, 16]", r"network\.options or encoder: widths must be tuple"),
        ("network.options.widths=[16, 16, 16, -1]", r"network\.options or encoder: "),
        ("encoder.name=vit_tiny_patch16_224", r"encoder: .*no maps"),
        ("loss.cross-entropy.sigma=0", r"loss\.cross-entropy: sigma"),
        ("loss.cross-entropy.sigma=wide", r"loss\.cross-entropy: "),
        ("loss.cross-entropy.temperature=2", r"loss\.cross-entropy: .*temperature"),
        ("loss.cross-entropy.weight=-1", r"loss\.cross-entropy\.weight"),
        ("loss={}", "no loss"),
        ("bins.system=none", r"bins\.system"),
    ],
)
def test_unfit_parts_are_named(override: str, said: str, pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=said) as error:
        go(small(find_recipe("photochrom"), override), pictures, tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("system", "overrides", "option"),
    [
        ("photochrom", (), "training.start_from=photochrom"),
        ("photochrom", (), "encoder.pretrained=none"),
        ("photochrom", (), "encoder.pretrained=FILE"),
        ("vgg-bins", (), "encoder.pretrained=none"),
        ("fusion", (), "encoder.pretrained=FILE"),
        ("resnet18-half", (), "encoder.pretrained=none"),
        ("hybrid-unet", (), "encoder.pretrained=none"),
        (
            "hybrid-unet",
            ("encoder.pretrained=none", "network.options.second_pretrained=timm"),
            "network.options.second_pretrained=none",
        ),
        (
            "cnn",
            ("loss.perceptual.encoder=vgg11", "encoder.pretrained=none"),
            "loss.perceptual.pretrained=FILE",
        ),
    ],
)
def test_without_a_network_the_option_that_helps_is_named(
    system: str,
    overrides: tuple[str, ...],
    option: str,
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(downloads, "answers", lambda _url: False)
    chosen = small(find_recipe(system), "encoder.pretrained=timm", *overrides)
    with pytest.raises(ModelError, match="does not answer") as error:
        go(chosen, pictures, tmp_path / "run")
    assert f"--set {option}" in str(error.value)
    assert ("start_from" in str(error.value)) == (system == "photochrom")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "run").exists()


def test_growing_crops_that_are_too_small_for_another_encoder_are_named(
    pictures: Path, tmp_path: Path
) -> None:
    overrides = (
        "encoder.name=alexnet", "network.options.second=resnet18", "encoder.pretrained=none",
        "data.size=64", "data.workers=0", "resizing.initial_scale=0.5",
    )  # fmt: skip
    with pytest.raises(RecipeError, match=r"crops of 32 pixels .* on alexnet"):
        go(read_recipe(find_recipe("hybrid-unet"), overrides), pictures, tmp_path)


def test_crops_that_fit_an_encoder_but_not_the_hints_are_named(
    pictures: Path, tmp_path: Path
) -> None:
    # Its maps are rounded down, those of the hints up.
    overrides = ("encoder.name=convnext_atto", "encoder.pretrained=none", "encoder.frozen=0")
    said = r"data\.size = 40: photochrom takes multiples of 32 pixels, such as 64"
    with pytest.raises(RecipeError, match=said):
        go(small(find_recipe("photochrom"), *overrides, "data.size=40"), pictures, tmp_path)


def test_a_size_that_the_network_cannot_take_is_named(pictures: Path, tmp_path: Path) -> None:
    overrides = ("encoder.pretrained=none", "data.size=40")
    with pytest.raises(RecipeError, match=r"data\.size = 40: .* multiples of 32 .* 64"):
        go(small(find_recipe("hybrid-unet"), *overrides), pictures, tmp_path)
    go(small(find_recipe("photochrom"), *overrides), pictures, tmp_path)


@pytest.mark.parametrize(
    "key",
    [
        "seed=-1",
        "data.limit=-1",
        "data.size=8",
        "data.smallest_crop=0",
        "data.smallest_crop=nan",
        "data.stretch=0.5",
        "data.noise=-1",
        "data.tone=inf",
        "data.validation=-3",
        "data.workers=-1",
        "training.images=0",
        "training.images=1.5",
        "training.clip=-1",
        "training.ema=1",
        "training.epoch_images=-5",
        "training.warmup=2",
        "training.weight_decay=-0.1",
        "training.schedule=linear",
        "training.precision=fp64",
        "training.start_from=3",
        "bins.share=-1",
        "bins.spacing=0",
        "bins.count=1",
        "network=photochrom",
        "network.options=none",
        "encoder.frozen=many",
        "encoder.frozen=64",
        "encoder.pretrained=3",
        "network.nam=photochrom",
        "loss.cross-entropy.sigma.width=3",
        "name=3",
    ],
)
def test_impossible_values_name_their_key(key: str) -> None:
    override = ["loss.cross-entropy.sigma=5", key] if "width" in key else [key]
    name = key.partition("=")[0]
    with pytest.raises(RecipeError) as error:
        read_recipe(find_recipe("photochrom"), override)
    assert name in str(error.value)
    assert "\n" not in str(error.value)


def test_unknown_loss_names_its_neighbor(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean cross-entropy"):
        go(small(find_recipe("photochrom"), "loss.cross-entropi={}"), pictures, tmp_path)


def test_overrides_of_every_kind() -> None:
    def read(*overrides: str) -> Recipe:
        return read_recipe(find_recipe("photochrom"), overrides)

    assert read("name=second").name == "second"
    assert read('name="12"').name == "12"
    assert read("seed=7").seed == 7
    assert read("training.start_from=runs/a b/checkpoint.safetensors").training.start_from == (
        "runs/a b/checkpoint.safetensors"
    )
    assert read("training.learning_rate=1").training.learning_rate == 1.0
    assert read("network.options.deep.er=[1, 2]").network.options["deep"] == {"er": [1, 2]}
    assert read("seed=1", "seed=2").seed == 2
    untouched = read("seed=1").to_dict() | {"seed": 1880}
    assert untouched == read().to_dict()
