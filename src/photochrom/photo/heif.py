"""HEIC and other HEIF files through libheif, on one core, as AVIF is.

How a picture is turned and mirrored its properties say (irot, imir), which the decoder heeds; EXIF
may repeat that, and is not asked.
Source: ISO/IEC 23008-12 (HEIF); ITU-T H.273 for the codes of curves.
"""

from __future__ import annotations

import io
import re
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from PIL import Image

from photochrom.errors import PhotoError, UnreadablePhoto, UnsupportedPhoto
from photochrom.photo.avif import THREADS
from photochrom.photo.kinds import why_not_read
from photochrom.photo.metadata import metadata_of_blocks
from photochrom.photo.opened import Limit, Opened
from photochrom.photo.pixels import divide_by_alpha, filled, pixels_of_array
from photochrom.photo.profiles import fitting, rgb_conversion, srgb_profile

if TYPE_CHECKING:
    from pi_heif import HeifFile

_NO_SRGB_CURVES = {8: "linear", 16: "HDR (PQ)", 18: "HDR (HLG)"}
_OTHER_CODING = "its picture is not coded as HEVC; save it as JPEG, PNG or TIFF"
_CUT_SHORT = re.compile(r"file size too small|insufficient|end of file|full meta box", re.I)

_lock = threading.Lock()


def open_heif(file: BinaryIO, limit: Limit) -> Opened:
    """Decode the primary picture, upright; at 16 bits what has more than 8.

    What it raises on damage is anything. The texts are reasons alone.

    Raises:
        UnsupportedPhoto: another coding than HEVC, or a curve far from sRGB's.
        MissingExtra: more than 8 bits of another profile than sRGB, without imagecodecs.
    """
    whole = _opened(file)
    if not len(whole):
        raise UnsupportedPhoto(_OTHER_CODING)
    picture = whole[whole.primary_index]
    width, height = picture.size
    limit(height, width)
    _check_curve(picture.info.get("nclx_profile"))
    samples = filled(_decoded(picture), picture.info["bit_depth"])
    limit(*samples.shape[:2])  # what the header says may be less
    # Gray with alpha is decoded to RGB; of gray no subsampling is told.
    space = "RGB" if "chroma" in picture.info else "GRAY"
    icc = fitting(picture.info.get("icc_profile"), space)
    depth = samples.dtype.itemsize * 8
    convert = rgb_conversion(icc, depth) if samples.shape[2] >= 3 else None
    pixels = pixels_of_array(samples, convert=convert)
    if picture.premultiplied_alpha and pixels.alpha is not None:
        divide_by_alpha(pixels.luma, pixels.alpha)
    metadata = metadata_of_blocks(picture.info.get("exif"), picture.info.get("xmp"), icc)
    if convert is not None:
        metadata = replace(metadata, icc=srgb_profile())
    return Opened(pixels, metadata, "HEIC", len(whole), is_upright=True)


def heif_as_image(data: bytes) -> Image.Image:
    """The primary picture in color, upright, in 8 bits, with its profile.

    Raises as :func:`open_heif` does, and ``DecompressionBombError`` for as many pixels as Pillow
    refuses.
    """
    whole = _opened(io.BytesIO(data), in_8_bits=True)
    if not len(whole):
        raise UnsupportedPhoto(_OTHER_CODING)
    width, height = whole.size
    if Image.MAX_IMAGE_PIXELS and width * height > 2 * Image.MAX_IMAGE_PIXELS:
        message = f"it claims {width} x {height} pixels"
        raise Image.DecompressionBombError(message)
    try:
        image: Image.Image = whole.to_pillow()
        return image
    except (ValueError, RuntimeError) as error:
        raise _reason(error) from error


def _opened(file: BinaryIO, *, in_8_bits: bool = False) -> HeifFile:
    """The file with its pictures not yet decoded.

    The number of threads is taken from a variable of the library, which is put back at once.
    """
    try:
        import pi_heif
    except ImportError as error:
        raise UnsupportedPhoto(why_not_read(".heic")) from error
    with _lock:
        before = pi_heif.options.DECODE_THREADS
        pi_heif.options.DECODE_THREADS = THREADS
        try:
            return pi_heif.open_heif(file, convert_hdr_to_8bit=in_8_bits, hdr_to_16bit=False)
        except (ValueError, RuntimeError) as error:
            raise _reason(error) from error
        finally:
            pi_heif.options.DECODE_THREADS = before


def _check_curve(nclx: dict[str, int] | None) -> None:
    """Refuse levels that mean another light than sRGB's: read as they are they would look flat."""
    curve = _NO_SRGB_CURVES.get((nclx or {}).get("transfer_characteristics", 0))
    if curve is not None:
        message = f"its levels are {curve}; save it as an ordinary 8 or 16-bit picture"
        raise UnsupportedPhoto(message)


def _decoded(picture: object) -> np.ndarray:
    """Samples (H, W, 1 to 4), uint8 or uint16 with the values of the picture's own depth."""
    try:
        samples = np.asarray(picture)
    except (ValueError, RuntimeError) as error:
        raise _reason(error) from error
    return samples[..., None] if samples.ndim == 2 else samples


def _reason(error: Exception) -> PhotoError:
    """The reason in our words: libheif's speak of boxes and plugins."""
    if "has not been built in" in str(error):
        return UnsupportedPhoto(_OTHER_CODING)
    short = _CUT_SHORT.search(str(error))
    return UnreadablePhoto("it is cut short" if short else "it is damaged")
