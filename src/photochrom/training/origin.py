"""Where a run begins: afresh, with the weights of another run, or where it stopped."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from photochrom.data.dataset import Crops
from photochrom.data.draws import Draws
from photochrom.data.pictures import Pictures
from photochrom.data.statistics import ab_histogram, bin_prior
from photochrom.data.transforms import NONE
from photochrom.errors import DataError, ModelError, RecipeError
from photochrom.training.config import Recipe
from photochrom.training.lengthening import check_lengthens
from photochrom.training.recipe_file import recipe_from_dict
from photochrom.training.task import ColorizationTask, choose_bins
from photochrom.weights.checkpoints import part, read_checkpoint
from photochrom.weights.export import describe
from photochrom.weights.graph import load_graph, silent_parts
from photochrom.weights.models import find_model, is_checkpoint
from photochrom.weights.onnx_file import read_model
from photochrom.weights.unfolding import read_exported, unfold

STATISTICS_PICTURES = 4000
SHOWN, BATCH = 256, 16
"""Pictures that an exported model is shown before it trains on, and how many at once."""

_WITHOUT_EFFECT = {
    "data.workers",
    "training.checkpoint_minutes",
    "training.keep",
    "training.best_by",
}
"""Keys that may change when a run continues, because no weight depends on them."""


def build_task(
    recipe: Recipe, pictures: Pictures, saved: dict[str, Tensor] | None
) -> ColorizationTask:
    """Build the task with the bins of a checkpoint, or of a fixed sample of the pictures.

    ``saved`` are the tensors of the run's own checkpoint; ``training.start_from`` is loaded too.
    """
    origin = recipe.training.start_from
    tensors = None if saved is None else part(saved, "task")
    if tensors is None and origin:
        tensors, began = _begins_with(origin)
        _check_begins(began, recipe)
    if tensors is not None:
        if not {"centers", "prior"} <= set(tensors):
            message = f"{origin or 'the checkpoint'} holds no bins; it is no run of this version"
            raise ModelError(message)
        centers, prior = tensors["centers"].numpy(), tensors["prior"].numpy()
        return ColorizationTask(_nothing_pretrained(recipe), centers=centers, prior=prior)
    if recipe.bins.system in ("none", "equi-width-uv"):
        centers = choose_bins(recipe.bins, np.zeros((0, 0)))
        return ColorizationTask(recipe, centers=centers, prior=np.zeros(0, np.float32))
    sample = Crops(pictures, size=64, augmentation=NONE, seed=recipe.seed)
    count = min(STATISTICS_PICTURES, len(pictures))
    histogram = ab_histogram(sample[i].numpy() for i in range(count))
    centers = choose_bins(recipe.bins, histogram)
    return ColorizationTask(recipe, centers=centers, prior=bin_prior(histogram, centers))


def _check_begins(other: dict[str, Any], recipe: Recipe) -> None:
    """Refuse to begin a run with the weights of another architecture, or of other bins.

    Raises:
        ModelError: the architecture is another.
        RecipeError: the bins are; a run keeps those that its first weights were learned for.
    """
    path, network = recipe.training.start_from, other.get("network", {}).get("name")
    if network not in (None, recipe.network.name):
        message = f"training.start_from: {path} holds a {network}, not a {recipe.network.name}"
        raise ModelError(message)
    for key, value in dataclasses.asdict(recipe.bins).items():
        then = other.get("bins", {}).get(key, value)
        if then != value:
            message = (
                f"bins.{key} = {value!r}: the weights of training.start_from ({path}) were "
                f"learned with {then!r}, and a run keeps its bins"
            )
            raise RecipeError(message)


def _nothing_pretrained(recipe: Recipe) -> Recipe:
    """The recipe without the encoders' own weights: others take their place, nothing is fetched."""
    encoder = dataclasses.replace(recipe.encoder, pretrained="none")
    options = {
        key: "none" if key.endswith("pretrained") else value
        for key, value in recipe.network.options.items()
    }
    network = dataclasses.replace(recipe.network, options=options)
    return dataclasses.replace(recipe, encoder=encoder, network=network)


def _begins_with(origin: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The bins of a run or an exported model, and the recipe that it was trained by."""
    path = find_model(origin)
    if is_checkpoint(path):
        tensors, facts = read_checkpoint(path)
        return part(tensors, "task"), facts.get("recipe", {})
    constants, card = read_exported(path)
    none = {"centers": torch.zeros(0, 2), "prior": torch.zeros(0)}
    return {key: constants.get(key, empty) for key, empty in none.items()}, card.recipe


def start_from(task: ColorizationTask, recipe: Recipe, pictures: Pictures) -> None:
    """Begin with what ``training.start_from`` names: a run's averaged weights, or a model's.

    Statistics that an exported model no longer has are those of ``pictures``. Raises
    :class:`ModelError` if the weights do not fit.
    """
    origin = recipe.training.start_from
    if not origin:
        return
    path = find_model(origin)
    if not is_checkpoint(path):
        _unfold(task, path, recipe, pictures)
        return
    tensors, _ = read_checkpoint(path)
    fresh = {f"network.{key}": value for key, value in silent_parts(task.network).items()}
    try:
        task.load_state_dict(fresh | part(tensors, "task") | part(tensors, "ema"))
    except RuntimeError as error:
        message = f"training.start_from: {origin} holds another network than the recipe's"
        raise ModelError(message) from error


def ancestor_of(recipe: Recipe) -> dict[str, Any] | None:
    """The card of what a run begins with, as plain values; None for one that begins afresh."""
    origin = recipe.training.start_from
    if not origin:
        return None
    path = find_model(origin)
    if not is_checkpoint(path):
        card = read_model(path)[1]
    elif "recipe" in read_checkpoint(path)[1]:
        card = describe(*load_graph(path))
    else:
        return None
    return dict(json.loads(card.to_json()))


def _unfold(task: ColorizationTask, path: Path, recipe: Recipe, pictures: Pictures) -> None:
    constants, _ = read_exported(path)
    crops = Crops(pictures, size=recipe.data.size, augmentation=NONE, seed=recipe.seed,
                  frames=recipe.network.frames)  # fmt: skip
    positions = range(min(SHOWN, len(pictures)))
    batches = [positions[i : i + BATCH] for i in range(0, len(positions), BATCH)]

    def show(batch: range) -> None:
        rgb = torch.stack([crops[k] for k in batch]).to(task.centers.device)
        task.pairs(rgb, Draws([*batch]))

    try:
        unfold(task.network, constants, [partial(show, batch) for batch in batches])
    except ModelError as error:
        origin = recipe.training.start_from
        message = f"training.start_from: {origin} holds another network than the recipe's: {error}"
        raise ModelError(message) from error


def fingerprint(pictures: Pictures) -> dict[str, Any]:
    """Count, and digests of the pictures' names and sizes in order: what positions refer to.

    Sizes, in bytes, tell apart folders and shards whose pictures only bear the same names.
    """
    names, sizes = hashlib.sha256(), hashlib.sha256()
    for index in range(len(pictures)):
        names.update(pictures.name(index).encode("utf-8", "surrogateescape") + b"\0")
        sizes.update(pictures.size(index).to_bytes(8, "big"))
    return {"count": len(pictures), "names": names.hexdigest(), "sizes": sizes.hexdigest()}


def saved_run(
    checkpoint: Path, recipe: Recipe, pictures: dict[str, Any]
) -> tuple[dict[str, Tensor] | None, dict[str, Any]]:
    """Tensors and facts of the run to continue; None and no facts where there is none yet.

    Raises as :func:`check_continues`.
    """
    if not checkpoint.is_file():
        return None, {}
    tensors, facts = read_checkpoint(checkpoint)
    check_continues(facts, recipe, pictures, checkpoint)
    return tensors, facts


def check_continues(
    facts: dict[str, Any], recipe: Recipe, pictures: dict[str, Any], checkpoint: Path
) -> None:
    """Refuse to continue a run with another recipe or on other pictures.

    Raises:
        RecipeError: some key differs; the text names all that do. Of ``training.images`` alone
            only where :mod:`~photochrom.training.lengthening` says so.
        DataError: the pictures' names, sizes or their number differ.
    """
    # Read anew, so that keys that are newer than the checkpoint have their defaults.
    trained_by = recipe_from_dict(facts["recipe"])
    then, now = (_flat(r.to_dict()) for r in (trained_by, recipe))
    different = [
        key for key in now | then if now.get(key) != then.get(key) and key not in _WITHOUT_EFFECT
    ]
    if different == ["training.images"] and "images" in facts:
        check_lengthens(trained_by, recipe, facts["images"], checkpoint)
    elif different:
        key = different[0]
        first = f"{key}: {then.get(key)!r} then, {now.get(key)!r} now"
        others = f"; also {', '.join(different[1:])}" if different[1:] else ""
        message = f"{checkpoint} was made with another recipe ({first}{others})"
        raise RecipeError(message)
    before = facts.get("pictures")
    # Checkpoints may be older than a digest.
    if before is not None and any(before[key] != pictures[key] for key in before):
        same = before["count"] == pictures["count"]
        what = "others now" if same else f"{pictures['count']:,} now"
        message = (
            f"{checkpoint} was trained on other pictures ({before['count']:,} then, {what}); "
            "begin another run with training.start_from"
        )
        raise DataError(message)


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested sections as one level of dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat
