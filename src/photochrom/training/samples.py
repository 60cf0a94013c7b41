"""The sample sheet of an epoch: gray, predicted and true, side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from photochrom.color.spaces import lab_to_rgb, rgb_to_lab
from photochrom.photo.atomic import atomic_file
from photochrom.training.task import ColorizationTask


def draw_samples(task: ColorizationTask, rgb: Tensor, path: Path, *, columns: int = 4) -> None:
    """Write a JPEG sheet of ``(B, 3, H, W)`` uint8 pictures, three tiles for each.

    What the pictures leave of the last row is white.
    """
    lab = rgb_to_lab(rgb.float() / 255)
    ab = task.colorize(lab[:, :1])
    tiles = [
        torch.cat([lab[:, :1], torch.zeros_like(ab)], 1),
        torch.cat([lab[:, :1], ab], 1),
        lab,
    ]
    triples = torch.cat([lab_to_rgb(t).clamp(0, 1) for t in tiles], 3)
    pictures = (triples * 255).round().byte().cpu().numpy().transpose(0, 2, 3, 1)
    columns = min(columns, len(pictures))
    blank = np.full_like(pictures[:1], 255)
    filled = [*pictures, *(blank[0] for _ in range(-len(pictures) % columns))]
    rows = [np.concatenate(filled[i : i + columns], 1) for i in range(0, len(filled), columns)]
    with atomic_file(path) as file:
        Image.fromarray(np.concatenate(rows, 0)).save(file, "JPEG", quality=90)
