"""JPEG planes in and out, without a detour through RGB.

The luma of a gray or YCbCr JPEG is its own Y plane, so that nothing is rounded twice.
"""

from __future__ import annotations

import io
from dataclasses import replace
from typing import BinaryIO

import numpy as np
import simplejpeg
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from photochrom.errors import UnreadablePhoto, UnsupportedPhoto, UnwritablePhoto
from photochrom.photo import profiles
from photochrom.photo.jpeg_chroma import planes_of_rgb
from photochrom.photo.jpeg_joined import joined
from photochrom.photo.jpeg_luma import END, CodedLuma, JpegSource, coded_luma, has_last_scans
from photochrom.photo.jpeg_quirks import HARMLESS, without_quirks
from photochrom.photo.jpeg_segments import insert_segments, with_size
from photochrom.photo.jpeg_steps import SteppedLuma, stepped_luma, with_whole_blocks
from photochrom.photo.jpeg_tables import CHROMA, quality_as_fine_as, table_of
from photochrom.photo.photo import Coloring, Metadata, strips, to_depth
from photochrom.photo.pixels import Pixels, has_color, pixels_of_image, put_strip
from photochrom.photo.toning import swatches

LONGEST_SIDE = 65500  # libjpeg's

# An eighth of a very large picture is still large, and judging its tone takes 100 bytes a sample.
_MOST_SWATCHES = 1 << 19

_FOR_PILLOW = ("extraneous bytes", "Inconsistent progression", "subsampling", "nsupported")

# Huffman coding spends at least a bit on a block of 64 pixels; arithmetic coding can spend less.
_MOST_PIXELS_PER_BYTE = 64 * 8 * 8


def read_jpeg(data: bytes, image: JpegImageFile, metadata: Metadata) -> tuple[Pixels, Metadata]:
    """Pixels of a whole JPEG file in sRGB, and the metadata with the profile that they have now.

    ``image`` is the same file as Pillow opened it, ``metadata`` what was found in it.

    Raises:
        UnreadablePhoto: cut short or damaged. The text is the reason alone.
    """
    pixels = _read(data, image)
    if image.mode == "CMYK":
        return pixels, replace(metadata, icc=profiles.srgb_profile())
    if pixels.was_color and (convert := profiles.rgb_conversion(metadata.icc, 8)) is not None:
        return _read_converted(data, image, convert), replace(metadata, icc=profiles.srgb_profile())
    return pixels, metadata


def _read(data: bytes, image: JpegImageFile) -> Pixels:
    """The pixels, in colors of the file's own profile but for CMYK."""
    if image.width * image.height > len(data) * _MOST_PIXELS_PER_BYTE:
        message = "it is cut short"
        raise UnreadablePhoto(message)
    if image.mode == "CMYK":
        return _read_cmyk(data, image)
    whole = with_whole_blocks(data, image, LONGEST_SIDE)
    luma = _decode(whole or data, "GRAY")
    is_sound = luma is not None
    if luma is None:
        luma = _luma_by_pillow(whole or data)
    pixels = Pixels(luma[: image.height, : image.width, 0])
    coded = coded_luma(data) if image.mode == "L" and is_sound else None
    _with_source(pixels, image, coded if whole is None else stepped_luma(luma[..., 0], image))
    if image.mode != "L":
        small = _small(data)
        pixels.was_color = has_color(small)
        samples = small.reshape(-1, 3)
        if len(samples) > _MOST_SWATCHES:
            samples = swatches(small, len(samples))
        pixels.swatches.append(samples)
    return pixels


def _read_cmyk(data: bytes, image: JpegImageFile) -> Pixels:
    """CMYK, stored inverted as Adobe does, through its profile where it has one."""
    convert = profiles.cmyk_conversion(image.info.get("icc_profile"), 8)
    inks = _decode(data, "CMYK")
    if inks is None:
        return _with_source(pixels_of_image(image, convert=convert), image)
    pixels = Pixels(np.empty(inks.shape[:2], np.uint8))
    for start, stop in strips(*inks.shape[:2]):
        put_strip(pixels, start, 255 - inks[start:stop], convert=convert, colors=4)
    return _with_source(pixels, image)


def _read_converted(data: bytes, image: JpegImageFile, convert: profiles.Convert) -> Pixels:
    """Pixels of a color JPEG that ``convert`` brings to sRGB."""
    rgb = _decode(data, "RGB")
    if rgb is None:
        return _with_source(pixels_of_image(image, convert=convert), image)
    pixels = Pixels(np.empty(rgb.shape[:2], np.uint8))
    for start, stop in strips(*rgb.shape[:2]):
        put_strip(pixels, start, rgb[start:stop], convert=convert)
    return _with_source(pixels, image)


def _with_source(
    pixels: Pixels, image: JpegImageFile, luma: CodedLuma | SteppedLuma | None = None
) -> Pixels:
    """The pixels, which now know how finely they were coded, and ``luma`` if it is theirs."""
    table = image.quantization[image.layer[0][3]]
    pixels.jpeg = JpegSource(quality_as_fine_as(table), luma)
    return pixels


def _decode(data: bytes, colorspace: str) -> np.ndarray | None:
    """Decoded (H, W, channels), or None for what simplejpeg does not take."""
    try:
        return np.asarray(simplejpeg.decode_jpeg(data, colorspace=colorspace, strict=True))
    except ValueError as error:
        said = str(error)
        if any(oddity in said for oddity in HARMLESS):
            fixed = without_quirks(data)
            return None if fixed == data else _decode(fixed, colorspace)
        # Padding that some cameras write, and kinds that are rare: Pillow is more patient.
        if any(words in said for words in _FOR_PILLOW):
            return None
        lacks_end = "remature end of JPEG file" in said and not data.endswith(END)
        if lacks_end and has_last_scans(data):
            # With the mark that is missing, the decoder complains only if pixels are missing, too.
            return _decode(data + END, colorspace)
        message = "it is cut short" if "remature end" in said else f"it is damaged ({said})"
        raise UnreadablePhoto(message) from error


def _luma_by_pillow(data: bytes) -> np.ndarray:
    """The Y plane (H, W, 1) as Pillow has it, which minds only that pixels are missing."""
    image = JpegImageFile(io.BytesIO(data))
    image.draft("L", None)
    return np.asarray(image)[..., None]


def _small(data: bytes) -> np.ndarray:
    """RGB (h, w, 3) at an eighth of the size, larger where that has too few pixels to judge."""
    try:
        small = simplejpeg.decode_jpeg(
            data, min_factor=8, min_height=64, min_width=64, fastupsample=True, strict=False
        )
    except ValueError:  # a subsampling that it does not take
        image = JpegImageFile(io.BytesIO(data))
        image.draft(None, (max(image.width // 8, 64), max(image.height // 8, 64)))
        return np.asarray(image.convert("RGB"))
    return np.asarray(small)


def write_jpeg(
    coloring: Coloring,
    file: BinaryIO,
    metadata: Metadata,
    quality: int,
    luma: CodedLuma | SteppedLuma | None = None,
) -> None:
    """Write an 8-bit 4:2:0 JPEG; the Y planes of an 8-bit coloring go in as they are.

    ``luma`` says how the source had that of an 8-bit coloring coded: ``quality`` then is chroma's.

    Raises:
        UnwritablePhoto: a side is longer than a JPEG can have. The text is the reason alone.
    """
    if max(coloring.height, coloring.width) > LONGEST_SIDE:
        message = f"the sides of a JPEG are at most {LONGEST_SIDE} pixels; choose PNG or TIFF"
        raise UnwritablePhoto(message)
    coded = _with_luma_of_source(coloring, quality, luma) or _coded_anew(coloring, quality)
    insert_segments(coded, file, metadata)


def _coded_anew(coloring: Coloring, quality: int) -> bytes:
    """The picture as a JPEG of this quality."""
    even = simplejpeg.encode_jpeg_yuv_planes(*_planes(coloring), quality=quality)
    return with_size(even, coloring.height, coloring.width)


def _planes(coloring: Coloring) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Y, and Cb and Cr of half its sides, of the whole picture.

    Odd sides of Y are made even by repeating the edge, as the encoder reads chroma's size times two
    whatever the size of Y: beyond its end, if need be.
    """
    height, width = coloring.height, coloring.width
    cb, cr = np.empty((2, (height + 1) // 2, (width + 1) // 2), np.uint8)
    y = np.empty((cb.shape[0] * 2, cb.shape[1] * 2), np.uint8)
    for start, stop in strips(height, width):
        half = slice(start // 2, (stop + 1) // 2)
        if coloring.depth == 8:
            planes = coloring.planes(start, stop)
        else:
            planes = planes_of_rgb(to_depth(coloring.rgb(start, stop), 8))
        y[start:stop, :width], cb[half], cr[half] = planes
    y[:height, width:] = y[:height, width - 1 : width]
    y[height:] = y[height - 1 : height]
    return y, cb, cr


def _with_luma_of_source(
    coloring: Coloring, quality: int, luma: CodedLuma | SteppedLuma | None
) -> bytes | None:
    """The picture with its luma coded as the source's; None where it is none of that."""
    if luma is None or (luma.height, luma.width) != (coloring.height, coloring.width):
        return None
    # All rows at once: luma is not copied, and both other planes are needed whole in any case.
    y, *chroma = coloring.planes(0, coloring.height)
    coded = luma.coded(y) if isinstance(luma, SteppedLuma) else luma
    if coded is None:
        return None
    options = {"qtables": [table_of(CHROMA, quality)], "progressive": coded.is_progressive}
    files = io.BytesIO(), io.BytesIO()
    for plane, file in zip(chroma, files, strict=True):
        Image.fromarray(plane).save(file, "JPEG", **options)
    try:
        return joined(coded, files[0].getvalue(), files[1].getvalue())
    except ValueError:  # coded in an unusual way
        return None


def open_jpeg(data: bytes) -> JpegImageFile:
    """The file's headers as Pillow reads them.

    Raises:
        UnsupportedPhoto: more than 8 bits. The text is the reason alone.
    """
    try:
        return JpegImageFile(io.BytesIO(data))
    except SyntaxError as error:
        if "-bit layers" not in str(error):
            raise
        message = "it is a JPEG of more than 8 bits; save it as 16-bit PNG or TIFF"
        raise UnsupportedPhoto(message) from error
