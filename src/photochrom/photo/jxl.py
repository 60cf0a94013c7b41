"""JPEG XL: pixels by imagecodecs, and around them what it does not tell.

Boxes carry EXIF and XMP; how a picture is turned the decoder knows. A JPEG that was packed without
loss is unpacked and read as that JPEG.
Source: ISO/IEC 18181-2 (the boxes); 18181-1 for what :mod:`jxl_header` reads.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import BinaryIO

import numpy as np

from photochrom.errors import MissingExtra, UnreadablePhoto, UnsupportedPhoto
from photochrom.photo.jxl_header import JxlHeader, read_jxl_header
from photochrom.photo.metadata import metadata_of_blocks
from photochrom.photo.opened import Limit, Opened
from photochrom.photo.pixels import divide_by_alpha, filled, pixels_of_array
from photochrom.photo.profiles import Convert, gamma_profile, gray_table, through_table

_HEAD_BYTES = 4096
"""Of the coded picture: its header is shorter, but for names of rare channels."""

_MOST_METADATA = 64 << 20
_LINEAR = 8
_HDR = {16: "PQ", 18: "HLG"}


def open_jxl(
    file: BinaryIO, limit: Limit, open_jpeg: Callable[[BinaryIO, Limit], Opened]
) -> Opened:
    """Decode the first picture, upright; at 16 bits what has more than 8.

    ``open_jpeg`` reads the JPEG that may be inside. What it raises on damage is anything.

    Raises:
        MissingExtra: imagecodecs is not installed.
        UnsupportedPhoto: floating point, more than 16 bits, HDR, or a profile that is out of reach.
    """
    data = file.read()
    boxes = dict(_boxes(data))
    header = read_jxl_header(_codestream(data, boxes))
    limit(header.height, header.width)
    imagecodecs = _imagecodecs()
    if b"jbrd" in boxes:
        jpeg = io.BytesIO(imagecodecs.jpegxl_decode_jpeg(data))
        return replace(open_jpeg(jpeg, limit), format="JXL")
    _check(header)
    samples = imagecodecs.jpegxl_decode(data, index=0, numthreads=1)
    samples = samples[..., None] if samples.ndim == 2 else samples
    curve = gamma_profile(1.0 if header.transfer == _LINEAR else header.gamma)
    is_color = samples.shape[2] >= 3
    convert = _through(curve) if is_color and curve is not None else None
    pixels = pixels_of_array(_scaled(samples, header.bits), convert=convert)
    if header.is_associated and pixels.alpha is not None:
        divide_by_alpha(pixels.luma, pixels.alpha)
    exif = _exif(_unpacked(boxes, b"Exif", imagecodecs))
    xmp = _unpacked(boxes, b"xml ", imagecodecs)
    metadata = metadata_of_blocks(exif, xmp, None if is_color else curve)
    return Opened(pixels, metadata, "JXL", header.frames, is_upright=True)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each box; of kinds that come several times the first counts."""
    place, found = 0, list[tuple[bytes, bytes]]()
    while data[4:8] == b"JXL " and place + 8 <= len(data):
        size, head = int.from_bytes(data[place : place + 4], "big"), 8
        kind = data[place + 4 : place + 8]
        if kind == b"brob":  # another box, packed
            kind += data[place + head : place + head + 4]
        if size == 1:
            size, head = int.from_bytes(data[place + 8 : place + 16], "big"), 16
        end = len(data) if size == 0 else place + size
        if end < place + head:
            break
        found.append((kind, data[place + head : end]))
        place = end
    yield from reversed(found)


def _codestream(data: bytes, boxes: dict[bytes, bytes]) -> bytes:
    """The first bytes of the coded picture itself."""
    if data[4:8] != b"JXL ":
        return data[:_HEAD_BYTES]
    whole, part = boxes.get(b"jxlc"), boxes.get(b"jxlp")
    if whole is None and part is None:
        message = "it is cut short"
        raise UnreadablePhoto(message)
    return (whole if whole is not None else (part or b"")[4:])[:_HEAD_BYTES]


def _imagecodecs() -> ModuleType:
    try:
        import imagecodecs
    except ImportError as error:
        raise MissingExtra("archive", "reading JPEG XL") from error
    return imagecodecs


def _check(header: JxlHeader) -> None:
    """Refuse what would be read as something else than it is."""
    message = ""
    if header.is_float:
        message = "its pixels are floating point; save it as 16-bit gray or RGB"
    elif header.bits > 16:
        message = f"its pixels are of {header.bits} bits; save it as 16-bit gray or RGB"
    elif header.has_profile and (header.is_gray or not header.is_xyb):
        # Of lossy color alone the decoder makes sRGB; it says nothing of profiles.
        message = "its color profile cannot be read out of a JPEG XL; save it as PNG or TIFF"
    elif header.transfer in _HDR:
        message = f"its levels are HDR ({_HDR[header.transfer]}); save it as an ordinary picture"
    if message:
        raise UnsupportedPhoto(message)


def _scaled(samples: np.ndarray, bits: int) -> np.ndarray:
    """Samples that fill 8 or 16 bits."""
    if bits < 8:
        full = samples.astype(np.uint16) * np.uint16(255) // np.uint16(2**bits - 1)
        return full.astype(np.uint8)
    return filled(samples, bits)


def _through(curve: bytes) -> Convert | None:
    """From colors of this curve to sRGB's."""
    table = gray_table(curve)
    return None if table is None else lambda samples: through_table(samples, table)


def _unpacked(boxes: dict[bytes, bytes], kind: bytes, imagecodecs: ModuleType) -> bytes | None:
    """The content of a box, which may be packed by Brotli into another; None without one."""
    packed = boxes.get(b"brob" + kind)
    if packed is None or kind in boxes:
        return boxes.get(kind)
    try:
        found: bytes = imagecodecs.brotli_decode(packed[4:], out=_MOST_METADATA)
    except (RuntimeError, ValueError):
        return None
    return found


def _exif(box: bytes | None) -> bytes | None:
    """EXIF of a box, behind the number that says where in it the TIFF header begins."""
    if box is None or len(box) < 8:
        return None
    return box[4 + int.from_bytes(box[:4], "big") :]
