"""Pictures of one color each, whose statistics can be told by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from photochrom.color.spaces import rgb_to_lab

RED, GREEN, BLUE = (200, 40, 40), (60, 160, 60), (40, 60, 190)


def save_flat(folder: Path, name: str, color: tuple[int, int, int], side: int = 32) -> Path:
    """A square PNG of one color."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    Image.new("RGB", (side, side), color).save(path)
    return path


def lab_of(color: tuple[int, int, int]) -> np.ndarray:
    """Lab ``(3,)``."""
    rgb = np.array(color, np.float64).reshape(3, 1, 1) / 255
    lab: np.ndarray = rgb_to_lab(rgb).ravel()
    return lab


def grid_point(color: tuple[int, int, int]) -> list[float]:
    """The nearest point of the grid 10 Lab units apart, by rounding."""
    return [float(np.floor(v / 10 + 0.5) * 10) for v in lab_of(color)[1:]]


def three_reds_two_greens_a_blue(folder: Path) -> Path:
    """Six pictures: a half, a third and a sixth of all pixels."""
    for index, color in enumerate((RED, GREEN, RED, BLUE, GREEN, RED)):
        save_flat(folder, f"{index}.png", color)
    return folder
