"""How far the colors of a result can be trusted, for every place of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from photochrom.color.distribution import Distribution
from photochrom.errors import WrongInput
from photochrom.inference.hints import Hint
from photochrom.photo.atomic import atomic_file
from photochrom.photo.photo import Photo

if TYPE_CHECKING:
    from photochrom.inference.colorizer import Colorizer

WITHIN = 20.0
"""Colors so near to each other in ab, in Lab units, are about the same color to people."""


def confidence(found: Distribution, ab: np.ndarray) -> np.ndarray:
    """The probability that the true color lies within ``WITHIN`` of a shown one.

    Args:
        found: distributions ``(N, Q, h, w)``.
        ab: what is shown there, ``(N, 2, h, w)`` in Lab units.

    Returns:
        ``(N, 1, h, w)`` float32 in 0..1.
    """
    probabilities = found.probabilities
    total = np.zeros_like(probabilities[:, :1])
    for center, probability in zip(found.centers, probabilities.swapaxes(0, 1), strict=True):
        far = np.hypot(ab[:, 0] - center[0], ab[:, 1] - center[1])
        total[:, 0] += np.where(far <= WITHIN, probability, 0)
    clipped: np.ndarray = np.clip(total, 0, 1).astype(np.float32)
    return clipped


def confidence_of(colorizer: Colorizer, photo: Photo, hints: Sequence[Hint] = ()) -> np.ndarray:
    """The confidence in what a colorizer makes of a photograph, ``(h, w)`` in 0..1.

    Raises :class:`ModelError` if its model does not say how probable colors are.
    """
    shown = colorizer.predict(photo, hints=hints).ab * colorizer.settings.strength
    values: np.ndarray = confidence(colorizer.distribution(photo, hints=hints), shown[None])[0, 0]
    return values


def check_map_path(path: Path) -> None:
    """Maps are PNG files; raises :class:`WrongInput` for another suffix."""
    if path.suffix.lower() != ".png":
        message = f"a confidence map is a PNG file: {path} should end in .png"
        raise WrongInput(message)


def write_confidence(values: np.ndarray, size: tuple[int, int], path: Path) -> None:
    """Write ``(h, w)`` in 0..1 as an 8-bit gray PNG of ``(height, width)``: 0 black, 1 white.

    Raises :class:`UnwritablePhoto`.
    """
    check_map_path(path)
    levels = Image.fromarray(np.rint(values * 255).astype(np.uint8))
    with atomic_file(path) as file:
        resized = levels.resize(size[::-1], Image.Resampling.BILINEAR)
        resized.save(file, "PNG", compress_level=1)
