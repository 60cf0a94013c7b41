"""From an encoded picture to a training crop, decided by the numbers of one generator."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from photochrom.errors import DataError
from photochrom.photo.profiles import space_of
from photochrom.photo.quiet import quiet_pillow

# As profiles spell their description, in one byte a letter or in two.
_SRGB_NAMES = (b"sRGB", "sRGB".encode("utf-16-be"))


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


def decode(data: bytes, name: str, *, side: int | None = None) -> Image.Image:
    """Decode to upright sRGB.

    Args:
        data: the encoded picture.
        name: what errors call it.
        side: if given, a JPEG may come smaller, by 2, 4 or 8, with no side below this: decoding a
            camera's picture then takes a fraction of the time.

    Raises:
        DataError: it cannot be decoded; the text names it.
    """
    try:
        with quiet_pillow(), Image.open(io.BytesIO(data)) as image:
            if side is not None:
                image.draft("RGB", (side, side))
            return _to_srgb(ImageOps.exif_transpose(image))
    except Exception as error:
        # What Pillow says of a file that is no picture holds an address in memory.
        known = not isinstance(error, UnidentifiedImageError)
        reason = " ".join(str(error).split()) if known else "it is no picture, or damaged"
        message = f"cannot decode the training picture {name}: {reason}"
        raise DataError(message) from error


def _to_srgb(image: Image.Image) -> Image.Image:
    """RGB without alpha (white shows through, as on paper) and without a profile of another RGB."""
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA"):
        whole = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), whole)
    profile = image.info.get("icc_profile")
    rgb = image.convert("RGB")
    if not profile or space_of(profile) != "RGB" or any(name in profile for name in _SRGB_NAMES):
        return rgb
    from PIL import ImageCms

    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(rgb, given, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return rgb
    return converted if converted is not None else rgb


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
