"""From an encoded picture to a training crop, decided by the numbers of one generator."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from photochrom.errors import DataError
from photochrom.photo.heif import heif_as_image
from photochrom.photo.kinds import HEAD_BYTES, kind_of
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
        with quiet_pillow(), _opened(data) as image:
            if side is not None:
                image.draft("RGB", (side, side))
            return _to_srgb(ImageOps.exif_transpose(image))
    except Exception as error:
        # What Pillow says of a file that is no picture holds an address in memory.
        known = not isinstance(error, UnidentifiedImageError)
        reason = " ".join(str(error).split()) if known else "it is no picture, or damaged"
        message = f"cannot decode the training picture {name}: {reason}"
        raise DataError(message) from error


def _opened(data: bytes) -> Image.Image:
    """The picture, perhaps not yet decoded; what it raises is anything."""
    if data[4:8] == b"ftyp" and kind_of(data[:HEAD_BYTES]) == "HEIC":
        return heif_as_image(data)
    return Image.open(io.BytesIO(data))


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
    return _inside((left, top, left + wide, top + high), (0.0, 0.0, width, height))


def _inside(
    box: tuple[float, float, float, float], whole: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    """``box`` without what rounding put beyond the edges of ``whole``: Pillow refuses a hair."""
    left, top, right, bottom = whole
    return max(box[0], left), max(box[1], top), min(box[2], right), min(box[3], bottom)


def track(
    box: tuple[float, float, float, float],
    frames: int,
    pan: float,
    generator: np.random.Generator,
) -> list[tuple[float, float, float, float]]:
    """Boxes of one size that pass steadily from one side of ``box`` to another, all inside it.

    From frame to frame they move by at most ``pan`` of their own width and height, in a direction
    and at a speed that the generator chooses.
    """
    if frames == 1 or not pan:
        return [box] * frames
    moves = generator.uniform(-pan, pan, 2)
    left, top, right, bottom = box
    width, height = (
        side / (1 + (frames - 1) * abs(move))
        for side, move in zip((right - left, bottom - top), moves, strict=True)
    )
    dx, dy = moves[0] * width, moves[1] * height
    first_x = left if dx >= 0 else right - width
    first_y = top if dy >= 0 else bottom - height
    corners = [(first_x + k * dx, first_y + k * dy) for k in range(frames)]
    return [_inside((x, y, x + width, y + height), box) for x, y in corners]


def training_crop(
    image: Image.Image, size: int, augmentation: Augmentation, generator: np.random.Generator
) -> np.ndarray:
    """Crop, mirror and resize to ``(3, size, size)`` uint8 RGB."""
    crop: np.ndarray = panned_crops(image, size, augmentation, generator, frames=1, pan=0.0)[0]
    return crop


def panned_crops(
    image: Image.Image,
    size: int,
    augmentation: Augmentation,
    generator: np.random.Generator,
    *,
    frames: int,
    pan: float,
) -> np.ndarray:
    """Crop, mirror and resize to ``(frames, 3, size, size)`` uint8 RGB, as :func:`track` moves."""
    box = crop_box(image.width, image.height, augmentation, generator)
    mirror = augmentation.flip and generator.random() < 0.5
    crops = [
        np.asarray(image.resize((size, size), Image.Resampling.BICUBIC, box=part))
        for part in track(box, frames, pan, generator)
    ]
    array: np.ndarray = np.stack(crops).transpose(0, 3, 1, 2)
    return np.ascontiguousarray(array[..., ::-1] if mirror else array)
