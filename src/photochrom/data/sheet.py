"""A contact sheet of training pictures: to judge crops and film by eye before a long run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

from photochrom.color.spaces import lightness_to_luma, rgb_to_lab
from photochrom.data.dataset import Crops
from photochrom.data.draws import Draws
from photochrom.data.exposure import training_lightness
from photochrom.data.film_config import Film
from photochrom.data.transforms import decode
from photochrom.errors import DataError, WrongInput
from photochrom.photo.atomic import atomic_file

_GAP = 4
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def draw_sheet(
    crops: Crops, path: Path, *, film: Film, noise: float, tone: float, rows: int, variants: int
) -> int:
    """Write a sheet with a row for each picture: it, then crops, each with what the network sees.

    Args:
        crops: the training crops; the pictures are the first that training would visit.
        path: PNG, JPEG or WebP file.
        film: as in training.
        noise: the same.
        tone: the same.
        rows: pictures.
        variants: crops of each.

    Returns:
        Rows drawn; broken pictures are left out.

    Raises:
        DataError: no picture can be decoded.
        WrongInput: the file's kind is another.
    """
    if path.suffix.lower() not in _FORMATS:
        message = f"a sheet is a .png, .jpg or .webp file, not {path.name}"
        raise WrongInput(message)
    drawn = []
    for position in range(min(rows, len(crops.pictures))):
        index = crops.picture_at(position)
        try:
            drawn.append(_row(crops, index, position, variants, (film, noise, tone)))
        except DataError as error:
            failed = error
    if not drawn:
        raise failed
    sheet = np.concatenate([part for row in drawn for part in (row, _white(_GAP, row.shape[1]))])
    with atomic_file(path) as file:
        Image.fromarray(sheet).save(file, _FORMATS[path.suffix.lower()], quality=92)
    return len(drawn)


def _row(
    crops: Crops, index: int, position: int, variants: int, look: tuple[Film, float, float]
) -> np.ndarray:
    """One row ``(size, width, 3)`` uint8."""
    size, (film, noise, tone) = crops.size, look
    name = crops.pictures.name(index)
    whole = ImageOps.pad(
        decode(crops.pictures.read(index), name, side=size), (size, size), color="white"
    )
    # As in the epochs to come, in each of which the picture's place is another.
    places = [position + epoch * crops.epoch for epoch in range(variants)]
    batch = torch.stack([crops.crop(index, place) for place in places])
    rgb = batch.float() / 255
    draws = Draws([crops.seed * 1_000_003 + place for place in places])
    lightness = training_lightness(
        rgb[:, None], rgb_to_lab(rgb)[:, :1], draws, film=film, noise=noise, tone=tone
    )
    gray = (lightness_to_luma(lightness) * 255).round().clamp(0, 255).byte().expand(-1, 3, -1, -1)
    tiles = [np.asarray(whole), _white(size, _GAP)]
    for color, seen in zip(batch, gray, strict=True):
        tiles += [t.numpy().transpose(1, 2, 0) for t in (color, seen)] + [_white(size, _GAP)]
    return np.concatenate(tiles, 1)


def _white(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), 255, np.uint8)
