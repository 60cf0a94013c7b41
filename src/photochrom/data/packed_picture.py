"""One picture made ready for a shard: small, upright, in sRGB; or the reason why it is left out."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from photochrom.color.colorfulness import colorfulness
from photochrom.data.grayness import is_gray
from photochrom.data.pictures import Pictures
from photochrom.data.shard_writer import Facts
from photochrom.data.transforms import decode
from photochrom.errors import DataError


@dataclass(frozen=True)
class PackSettings:
    """How pictures are packed.

    Attributes: pictures keep their aspect and have a shorter side of ``side`` pixels (smaller ones
    stay as they are); they are encoded as ``format``, "webp" or "jpeg", at ``quality`` 1 to 100;
    ``per_shard`` of them make a shard. Left out are those whose shorter side is below ``smallest``
    pixels, gray ones unless ``keeps_gray``, and those of less ``colorfulness`` (Hasler and
    Suesstrunk, signed; BigColor, Kim et al. 2022, trains on pictures of 15 and more).
    """

    side: int = 256
    format: str = "webp"
    quality: int = 90
    per_shard: int = 1000
    smallest: int = 32
    keeps_gray: bool = False
    colorfulness: float = 0.0


@dataclass(frozen=True)
class Packed:
    """The encoded picture with its facts, or None and why it is left out; its place and name."""

    position: int
    name: str
    data: bytes | None = None
    facts: Facts | None = None
    reason: str = ""


def pack_picture(pictures: Pictures, position: int, settings: PackSettings) -> Packed:
    """Decode, judge, reduce and encode one picture; never fails on a bad one."""
    name = pictures.name(position)
    try:
        # Reduced in the decoder to no less than twice the size, which the resize then halves, nor
        # below what is refused as small.
        side = max(2 * settings.side, settings.smallest)
        image = decode(pictures.read(position), name, side=side)
    except DataError as error:
        return Packed(position, name, reason=str(error).rpartition(f"{name}: ")[2])
    if min(image.size) < settings.smallest:
        return Packed(position, name, reason=f"small: {image.width} x {image.height} pixels")
    image = _reduce(image, settings.side)
    if not settings.keeps_gray and is_gray(image):
        return Packed(position, name, reason="gray")
    if settings.colorfulness:
        value = colorfulness(np.asarray(image).transpose(2, 0, 1))
        if value < settings.colorfulness:
            return Packed(position, name, reason=f"low colorfulness: {value:.1f}")
    data = _encode(image, settings)
    digest = hashlib.blake2b(data, digest_size=16).hexdigest()
    facts = Facts(pictures.category(position), name, position, digest)
    return Packed(position, name, data, facts)


def _reduce(image: Image.Image, side: int) -> Image.Image:
    scale = side / min(image.size)
    if scale >= 1:
        return image
    width, height = (max(round(length * scale), 1) for length in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _encode(image: Image.Image, settings: PackSettings) -> bytes:
    file = io.BytesIO()
    if settings.format == "webp":
        image.save(file, "WEBP", quality=settings.quality, method=4, use_sharp_yuv=True)
    else:
        # Chroma at full size: it is what training is about.
        image.save(file, "JPEG", quality=settings.quality, subsampling=0, optimize=True)
    return file.getvalue()
