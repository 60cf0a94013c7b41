"""The contact sheet of a run: what each kept epoch makes of the same pictures, side by side.

The loss does not tell which epoch looks best; a person who sees them beside one another does.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torch.nn import functional

from photochrom.color.spaces import lab_to_rgb, rgb_to_lab
from photochrom.data.pictures import Pictures
from photochrom.data.sources import open_pictures
from photochrom.errors import ModelError
from photochrom.photo.atomic import atomic_file
from photochrom.training.epochs import kept_epochs
from photochrom.training.pictures import chosen_pictures, split_of
from photochrom.training.recipe_file import recipe_from_dict
from photochrom.training.stages import stages_of
from photochrom.training.validation import Validation
from photochrom.weights.checkpoints import read_checkpoint
from photochrom.weights.graph import load_graph

COLUMNS = 16
ROWS = 8
GAP = 2
LINE = 14


def draw_contact(run: Path, out: Path, rgb: Tensor) -> list[tuple[Path, str]]:
    """Write a sheet as JPEG or PNG: a row for each picture; gray, the epochs, the truth.

    The head of each epoch's column gives its number among those kept, its images and its
    validation loss. Of more than ``COLUMNS`` epochs, evenly spread ones are shown.

    Args:
        run: run folder with epochs kept by ``training.keep = "every"``.
        out: the sheet.
        rgb: the pictures, ``(n, 3, size, size)`` uint8, as tiles of that size.

    Returns:
        The files of the epochs shown, and the heads of their columns in one line.

    Raises:
        ModelError: the folder has no kept epochs.
    """
    epochs = kept_epochs(run)
    if not epochs:
        raise ModelError(_nothing(run))
    lab = rgb_to_lab(rgb.float() / 255)
    spread = np.linspace(0, len(epochs) - 1, min(len(epochs), COLUMNS)).round().astype(int)
    columns = [("gray", _tiles(lab[:, :1], torch.zeros_like(lab[:, 1:])))]
    shown = []
    for index in spread:
        ab, facts = _colorize(epochs[index], lab[:, :1])
        head = _head(index + 1, facts)
        columns.append((head, _tiles(lab[:, :1], ab)))
        shown.append((epochs[index], head.replace("\n", " images, ")))
    columns.append(("truth", rgb.numpy().transpose(0, 2, 3, 1)))
    sheet = column_sheet(columns)
    with atomic_file(out) as file:
        sheet.save(file, "PNG" if out.suffix.lower() == ".png" else "JPEG", quality=92)
    return shown


def contact_pictures(
    run: Path, *, data: list[str] | None = None, count: int = ROWS, size: int = 0
) -> Tensor:
    """Pictures to show a run's epochs with, ``(count or fewer, 3, size, size)`` uint8.

    They come from ``data``, by default from those that the run was judged by; ``size`` 0 is that
    of the run's crops.

    Raises:
        ModelError: the folder has no kept epochs.
        DataError: the pictures are not to be found.
    """
    epochs = kept_epochs(run)
    if not epochs:
        raise ModelError(_nothing(run))
    recipe = recipe_from_dict(read_checkpoint(epochs[-1])[1]["recipe"])
    source: Pictures
    if data:
        source = open_pictures(data)
    else:
        trained, judged = split_of(chosen_pictures(recipe, _data_of(run)), recipe)
        source = judged if len(judged) else trained
    size = size or stages_of(recipe)[-1].recipe.data.size
    return Validation(source, size=size, seed=recipe.seed).first(count)


def _nothing(run: Path) -> str:
    return f"{run} has no epoch-*.safetensors; they are kept by training.keep = 'every'"


def _data_of(run: Path) -> list[str]:
    try:
        facts = json.loads((run / "run.json").read_text(encoding="utf-8"))
        return [str(place) for place in facts["data"]]
    except (OSError, ValueError, KeyError) as error:
        message = (
            f"{run / 'run.json'} does not say what the run was trained on; name it with --data"
        )
        raise ModelError(message) from error


@torch.no_grad()
def _colorize(epoch: Path, lightness: Tensor) -> tuple[Tensor, dict[str, Any]]:
    """The ab of an epoch's averaged weights, calibrated and at temperature 1; and its facts."""
    graph, facts = load_graph(epoch)
    given = {
        "temperature": torch.tensor(1.0),
        "rebalance": torch.tensor(0.0),
        "hints": torch.zeros(1, 3, *lightness.shape[-2:]),
    }
    found = []
    for one in torch.split(lightness, 1):
        found.append(graph(one, *(given[name] for name in graph.inputs[1:]))[0])
    ab = functional.interpolate(torch.cat(found), size=lightness.shape[-2:], mode="bicubic")
    return ab, facts


def _tiles(lightness: Tensor, ab: Tensor) -> np.ndarray:
    rgb = lab_to_rgb(torch.cat([lightness, ab], 1)).clamp(0, 1)
    tiles: np.ndarray = (rgb * 255).round().byte().numpy().transpose(0, 2, 3, 1)
    return tiles


def _head(number: int, facts: dict[str, Any]) -> str:
    loss = facts.get("metrics", {}).get("validation/loss")
    return f"{number}: {facts['images']:,}\n" + ("no loss" if loss is None else f"loss {loss:.4f}")


def column_sheet(columns: list[tuple[str, np.ndarray]]) -> Image.Image:
    """One picture: each column's head, of two lines or more, and its tiles below.

    Tiles are ``(n, side, side, 3)`` uint8, as many and as large in all columns.
    """
    count, side = columns[0][1].shape[:2]
    width = max(side, 84)
    lines = max(2, *(head.count("\n") + 1 for head, _ in columns))
    top = lines * LINE + 2 * GAP
    size = ((width + GAP) * len(columns) + GAP, top + (side + GAP) * count)
    sheet = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=LINE - 3)
    for index, (head, tiles) in enumerate(columns):
        left = GAP + index * (width + GAP)
        draw.multiline_text((left, GAP), head, fill="black", font=font, spacing=2)
        for row, tile in enumerate(tiles):
            sheet.paste(Image.fromarray(tile), (left, top + row * (side + GAP)))
    return sheet
