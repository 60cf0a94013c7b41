"""From an encoded picture to a training crop, decided by the numbers of one generator."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from photochrom.errors import DataError


@dataclass(frozen=True)
class Augmentation:
    """How crops vary.

    Attributes: a crop covers between ``smallest`` and 1 of the largest box of its shape; width and
    height are stretched against each other by up to ``stretch`` each; it is mirrored half of the
    time if ``flip``.
    """

    smallest: float = 0.35
    stretch: float = 1.2
    flip: bool = True


NONE = Augmentation(smallest=1.0, stretch=1.0, flip=False)
"""The largest centred square, as for validation."""


def decode(data: bytes, name: str) -> Image.Image:
    """Decode to upright RGB; raises :class:`DataError` that names the picture."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return ImageOps.exif_transpose(image).convert("RGB")
    except Exception as error:
        message = f"cannot decode the training picture {name}: {error}"
        raise DataError(message) from error


def crop_box(
    width: int, height: int, augmentation: Augmentation, generator: np.random.Generator
) -> tuple[float, float, float, float]:
    """Choose the crop as (left, top, right, bottom) in pixels, inside the picture."""
    if augmentation.smallest >= 1:
        side = float(min(width, height))
        left, top = (width - side) / 2, (height - side) / 2
        return left, top, left + side, top + side
    stretch = np.exp(generator.uniform(-1, 1) * np.log(augmentation.stretch))
    # The largest box of this aspect that fits, then a random share of its area.
    fit = min(width / stretch, height * stretch)
    side = fit * np.sqrt(generator.uniform(augmentation.smallest, 1.0))
    wide, high = min(side * stretch, width), min(side / stretch, height)
    left = generator.uniform(0, width - wide)
    top = generator.uniform(0, height - high)
    return left, top, left + wide, top + high


def training_crop(
    image: Image.Image, size: int, augmentation: Augmentation, generator: np.random.Generator
) -> np.ndarray:
    """Crop, mirror and resize to ``(3, size, size)`` uint8 RGB."""
    box = crop_box(image.width, image.height, augmentation, generator)
    mirror = augmentation.flip and generator.random() < 0.5
    crop = image.resize((size, size), Image.Resampling.BICUBIC, box=box)
    array = np.asarray(crop).transpose(2, 0, 1)
    return np.ascontiguousarray(array[:, :, ::-1] if mirror else array)
