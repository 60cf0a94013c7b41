"""Luma and alpha from pixels of every kind, strip by strip.

Luma is Rec. 601 in 16-bit fixed point, the numbers of libjpeg and of Pillow's ``convert("L")``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image

from photochrom.errors import UnsupportedPhoto
from photochrom.photo import profiles
from photochrom.photo.jpeg_luma import JpegSource
from photochrom.photo.photo import Metadata, strips
from photochrom.photo.profiles import Convert
from photochrom.photo.toning import swatches

# Channels that differ by more than this many of 255 levels are color: less is a coder's noise.
COLOR_TOLERANCE = 4

_OF_STATED_DEPTH = {"PNG", "PPM"}
"""Formats whose files of 16 bits Pillow may open as the mode I, which has 32."""
_AS_RGB = {"RGB", "RGBX", "HSV"}
_WITH_ALPHA = {"RGBA", "RGBa", "LA", "La", "PA"}


@dataclass(eq=False)
class Pixels:
    """``luma`` (H, W) uint8 or uint16, ``alpha`` alike or None, and whether color is present.

    ``swatches`` are (n, 3) uint8 each: small means of what was RGB, for ``tone_of``. ``jpeg`` says
    how the file was coded if it was a JPEG of such a luma.
    """

    luma: np.ndarray
    alpha: np.ndarray | None = None
    was_color: bool = False
    swatches: list[np.ndarray] = field(default_factory=list)
    jpeg: JpegSource | None = None


def luma_of(rgb: np.ndarray) -> np.ndarray:
    """Rec. 601 luma (...) of ``rgb`` (..., 3 or more), uint8 or uint16, of the same dtype."""
    r, g, b = (rgb[..., channel].astype(np.uint32) for channel in range(3))
    r *= 19595
    r += g * 38470
    r += b * 7471
    r += 0x8000
    r >>= 16
    return r.astype(rgb.dtype)


def has_color(rgb: np.ndarray) -> bool:
    """Whether some pixel of ``rgb`` (..., 3 or more), uint8 or uint16, is not gray."""
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    spread = np.maximum(np.maximum(r, g), b) - np.minimum(np.minimum(r, g), b)
    return bool(spread.max(initial=0) > COLOR_TOLERANCE * (257 if rgb.dtype.itemsize == 2 else 1))


def pixels_of_array(array: np.ndarray, *, convert: Convert | None = None) -> Pixels:
    """Pixels of (H, W, 1 to 4) uint8, uint16, or float 0..1 (which become 16 bits).

    ``convert`` brings RGB to sRGB.
    """
    height, width, channels = array.shape
    dtype = np.uint16 if array.dtype.kind == "f" else array.dtype.newbyteorder("=")
    pixels = Pixels(np.empty((height, width), dtype))
    if channels in (2, 4):
        pixels.alpha = np.empty((height, width), dtype)
    for start, stop in strips(height, width):
        put_strip(pixels, start, _whole_numbers(array[start:stop]), convert=convert)
    return pixels


def put_strip(
    pixels: Pixels,
    start: int,
    samples: np.ndarray,
    column: int = 0,
    *,
    convert: Convert | None = None,
    colors: int = 3,
) -> None:
    """Set rows from ``start`` (columns from ``column``) from samples (n, m, 1 to 5).

    ``convert`` brings the first ``colors`` channels to sRGB.
    """
    if convert is not None:
        alpha = samples[..., colors:]
        samples = np.concatenate([convert(samples[..., :colors]), alpha], -1)
    channels = samples.shape[2]
    place = (slice(start, start + samples.shape[0]), slice(column, column + samples.shape[1]))
    if channels >= 3:
        pixels.luma[place] = luma_of(samples)
        pixels.was_color = pixels.was_color or has_color(samples)
        pixels.swatches.append(swatches(samples[..., :3], pixels.luma.size))
    else:
        pixels.luma[place] = samples[..., 0]
    if pixels.alpha is not None:
        pixels.alpha[place] = samples[..., -1]


def filled(samples: np.ndarray, bits: int) -> np.ndarray:
    """Samples of 9 to 15 bits, filling 16: white is white. Others come back as they are."""
    if not 8 < bits < 16:
        return samples
    samples = samples.astype(np.uint16, copy=False)
    return (samples << (16 - bits)) | (samples >> (2 * bits - 16))


def divide_by_alpha(luma: np.ndarray, alpha: np.ndarray) -> None:
    """Undo associated alpha, in place: there the samples were multiplied by it."""
    most = np.iinfo(luma.dtype).max
    for start, stop in strips(*luma.shape):
        rows = luma[start:stop].astype(np.uint32) * most // np.maximum(alpha[start:stop], 1)
        luma[start:stop] = np.minimum(rows, most)


def pixels_of_image(image: Image.Image, *, convert: Convert | None = None) -> Pixels:
    """Pixels of a Pillow picture; ``convert`` brings its colors to sRGB where that is needed.

    Raises:
        UnsupportedPhoto: floating point, or integers beyond 16 bits.
    """
    if image.mode.startswith("I"):
        return _pixels_of_integers(image)
    mode = _plain_mode(image)
    convert = convert or conversion_of(image, None)
    if mode in ("L", "LA"):
        convert = None  # gray has its profile applied as a table, later
    pixels = Pixels(np.empty((image.height, image.width), np.uint8))
    if mode.endswith("A"):
        pixels.alpha = np.empty_like(pixels.luma)
    for start, stop in strips(image.height, image.width):
        strip = image.crop((0, start, image.width, stop))
        samples = np.asarray(strip if strip.mode == mode else strip.convert(mode))
        samples = samples.reshape(*samples.shape[:2], -1)
        put_strip(pixels, start, samples, convert=convert, colors=4 if mode == "CMYK" else 3)
    return pixels


def converted(image: Image.Image, metadata: Metadata) -> tuple[Pixels, Metadata]:
    """Pixels of a decoded picture in sRGB, and the metadata with the profile that they have now."""
    convert = conversion_of(image, metadata.icc)
    if convert is not None:
        gray = image.mode in ("1", "L", "LA") or image.mode.startswith("I")
        metadata = metadata if gray else replace(metadata, icc=profiles.srgb_profile())
    return pixels_of_image(image, convert=convert), metadata


def conversion_of(image: Image.Image, icc: bytes | None) -> Convert | None:
    """What brings an 8-bit picture's colors to sRGB; None when they are there already."""
    if image.mode == "CMYK":
        return profiles.cmyk_conversion(icc, 8)
    if image.mode == "LAB":
        return profiles.lab_conversion(8, as_icc=False)
    return profiles.rgb_conversion(icc, 8)


def _plain_mode(image: Image.Image) -> str:
    """The mode among L, LA, RGB, RGBA and CMYK that holds everything of the picture's own mode."""
    mode = image.mode
    if mode in _WITH_ALPHA:
        return "LA" if mode in ("LA", "La") else "RGBA"
    transparent = "transparency" in image.info
    if mode == "P" or mode in _AS_RGB:
        return "RGBA" if transparent else "RGB"
    if mode in ("1", "L"):
        return "LA" if transparent else "L"
    if mode == "YCbCr":
        return "RGB"
    if mode in ("CMYK", "LAB"):
        return mode
    advice = "give an array of its values scaled to 0..1" if mode == "F" else 'convert it to "RGB"'
    message = f"its mode {mode} has no levels of 8 or 16 bits; {advice}"
    raise UnsupportedPhoto(message)


def _pixels_of_integers(image: Image.Image) -> Pixels:
    """Pixels of the modes I and I;16, which hold gray of 16 bits, or of 8 in as many.

    Strip by strip: numpy would copy the whole twice before it is ours.
    """
    pixels = Pixels(np.empty((image.height, image.width), np.uint16))
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        pixels.alpha = np.empty_like(pixels.luma)
    for start, stop in strips(image.height, image.width):
        values = np.asarray(image.crop((0, start, image.width, stop)))
        pixels.luma[start:stop] = within_16_bits(values)
        if pixels.alpha is not None:
            pixels.alpha[start:stop] = np.where(values == clear, np.uint16(0), np.uint16(65535))
    states_depth = image.format in _OF_STATED_DEPTH or (image.format and image.mode != "I")
    return pixels if states_depth else narrowed(pixels)


def within_16_bits(values: np.ndarray) -> np.ndarray:
    """The whole numbers, if all of them are levels of 16 bits.

    Raises:
        UnsupportedPhoto: they are not. The text is the reason alone.
    """
    if values.dtype.itemsize > 2 and (values.min() < 0 or values.max() > 65535):
        message = "its pixels are integers beyond 16 bits; scale them to 0..65535"
        raise UnsupportedPhoto(message)
    return values


def narrowed(pixels: Pixels) -> Pixels:
    """Pixels of 8 bits where those of 16 are never above 255, as in a wider place for 8 bits.

    As levels of 16 bits, all of them would be black.
    """
    if pixels.luma.max() > 255:
        return pixels
    alpha = None if pixels.alpha is None else (pixels.alpha >> 8).astype(np.uint8)
    return replace(pixels, luma=pixels.luma.astype(np.uint8), alpha=alpha)


def _whole_numbers(samples: np.ndarray) -> np.ndarray:
    """A strip as uint8 or uint16 in native byte order."""
    if samples.dtype.kind != "f":
        return samples.astype(samples.dtype.newbyteorder("="), copy=False)
    if samples.size and not (samples.min() >= 0 and samples.max() <= 1):  # NaN fails both
        message = "its floating-point values are not within 0..1"
        raise UnsupportedPhoto(message)
    return np.rint(samples.astype(np.float64) * 65535).astype(np.uint16)
