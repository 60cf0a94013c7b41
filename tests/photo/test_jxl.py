"""JPEG XL: every level, and what stands around the pixels."""

from __future__ import annotations

import base64
import io
import struct
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from photochrom.errors import PhotoTooLarge, UnreadablePhoto, UnsupportedPhoto
from photochrom.photo.decode import read, size_of
from photochrom.photo.jxl_header import JxlHeader, read_jxl_header
from photochrom.photo.pixels import filled
from photochrom.photo.profiles import gamma_profile, gray_table, through_table
from tests.fuzz.seeds import exif_block, xmp_packet

# Written by libjxl's own program, of 4 rows and 6 columns: 16 bits in gray and in color, and 8 bits
# that are to be turned by 90 degrees.
DEEP_GRAY = (
    "AAAADEpYTCANCocKAAAAFGZ0eXBqeGwgAAAAAGp4bCAAAAAJanhsbAoAAABJanhsY/8KGED8AMWFCAIBAMwASxiLFcI54i4S"
    "8PVZCRkhI2SEjJBVf3+b8TQHDQX0PKxK7z0hG0IWMlbpJWQ4mJARsngV"
)
DEEP_COLOR = (
    "AAAADEpYTCANCocKAAAAFGZ0eXBqeGwgAAAAAGp4bCAAAAAJanhsbAoAAABUanhsY/8KGED8ABQXAggCAQD0AEsYixXCOcXO"
    "Ywb0dQCeCVlClpAlZAnZ6e9rM5bmREMD+jzslN7/CZmEbMh4Sm9CFgcnZAnZeBUAAAAAAAA="
)
TURNED = (
    "AAAADEpYTCANCocKAAAAFGZ0eXBqeGwgAAAAAGp4bCAAAAA/anhsY/8KGEALBMUlAQgCAQCgAEsYixVSXBVqmw7isLueghQ/"
    "RNEEAACAsxvv28hXb7pJ8x8oJhORXgE="
)


def jxl(samples: np.ndarray, **options: Any) -> bytes:
    return bytes(imagecodecs.jpegxl_encode(samples, **{"lossless": True, **options}))


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


class Writer:
    """Bits of a header, from the lowest of each byte on."""

    def __init__(self) -> None:
        self.value = self.count = 0

    def put(self, *fields: tuple[int, int]) -> Writer:
        for value, width in fields:
            self.value |= value << self.count
            self.count += width
        return self

    def head(self) -> bytes:
        return b"\xff\x0a" + self.value.to_bytes(self.count // 8 + 9, "little")


def header(**parts: Any) -> bytes:
    """A header of 24 x 16 pixels with an orientation, a curve or a gamma of one's own."""
    bits = Writer().put((1, 1), (1, 5), (0, 3), (2, 5))  # 8 (1 + 1) high, 8 (1 + 2) wide
    bits.put((0, 1), (1, 1), (parts.get("orientation", 1) - 1, 3), (0, 3))
    bits.put((0, 1), (0, 2), (1, 1))  # 8 bits
    bits.put(
        (1, 2), (0, 1), (0, 2), (0, 1), (0, 2), (0, 2), (0, 2), (parts.get("associated", 0), 1)
    )
    bits.put((0, 1), (0, 1), (parts.get("profile", 0), 1))
    bits.put((1, 2)) if parts.get("gray") else bits.put((0, 2))
    if not parts.get("profile"):
        bits.put((1, 2))  # D65
        if not parts.get("gray"):
            bits.put((1, 2))  # primaries of sRGB
        if "gamma" in parts:
            bits.put((1, 1), (round(parts["gamma"] * 1e7), 24))
        else:
            code = parts.get("transfer", 13)
            bits.put((0, 1)).put((2, 2), (code - 2, 4)) if code < 18 else bits.put(
                (0, 1), (3, 2), (0, 6)
            )
    return bits.head()


@pytest.mark.parametrize("usecontainer", [False, True])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_every_level_and_alpha(bits: int, channels: int, usecontainer: bool) -> None:
    kind = np.uint8 if bits == 8 else np.uint16
    levels = np.random.default_rng(bits).integers(0, 2**bits, (13, 21), dtype=kind)
    levels[0, :2] = 0, 2**bits - 1
    planes = [levels] * (channels - 1 if channels % 2 == 0 else channels)
    planes += [levels[::-1]] * (channels % 2 == 0)
    samples = levels if channels == 1 else np.dstack(planes)
    photo = read(jxl(samples, bitspersample=bits, usecontainer=usecontainer))
    full = filled(levels, bits)
    # imagecodecs writes that levels of more than 8 bits are linear, and so they are read.
    table = gray_table(gamma_profile(1.0) or b"")
    assert np.array_equal(photo.luma, full if bits == 8 else through_table(full, table))
    assert (photo.luma.min(), photo.luma.max()) == (0, 255 if bits == 8 else 65535)
    assert photo.luma.dtype == kind
    assert (photo.alpha is not None) == (channels % 2 == 0)
    assert photo.alpha is None or np.array_equal(photo.alpha, full[::-1])
    assert photo.format == "JXL"


@pytest.mark.parametrize("text", [DEEP_GRAY, DEEP_COLOR])
def test_levels_of_srgb_stay_as_they_are(text: str) -> None:
    levels = np.arange(24, dtype=np.uint16).reshape(4, 6) * 2849 + 3
    assert np.array_equal(read(base64.b64decode(text)).luma, levels)


def test_turned_once(tmp_path: Path) -> None:
    levels = (np.arange(24).reshape(4, 6) * 2849 + 3).astype(np.uint8)
    (tmp_path / "a.jxl").write_bytes(base64.b64decode(TURNED))
    assert size_of(tmp_path / "a.jxl") == (6, 4)
    assert np.array_equal(read(tmp_path / "a.jxl").luma, np.rot90(levels, -1))


@pytest.mark.parametrize("packed", [False, True])
def test_boxes_around_the_picture(packed: bool, luma8: np.ndarray) -> None:
    exif = exif_block().removeprefix(b"Exif\0\0")
    parts = {b"Exif": bytes(4) + exif, b"xml ": xmp_packet()}
    boxes = b"".join(
        box(b"brob", kind + imagecodecs.brotli_encode(content)) if packed else box(kind, content)
        for kind, content in parts.items()
    )
    data = jxl(luma8, usecontainer=True)
    photo = read(data + boxes)
    assert np.array_equal(photo.luma, luma8)  # the codestream says how it is turned, not EXIF
    assert b"A camera" in (photo.metadata.exif or b"")
    assert photo.metadata.dpi == (300, 300)
    assert b'tiff:Orientation="1"' in (photo.metadata.xmp or b"")


def test_a_jpeg_inside_is_read_as_that_jpeg(color_picture: Image.Image, saved) -> None:
    jpeg = saved(color_picture, "JPEG", quality=88, exif=exif_block())
    photo = read(bytes(imagecodecs.jpegxl_encode_jpeg(jpeg)))
    same = read(jpeg)
    assert np.array_equal(photo.luma, same.luma)
    assert photo.metadata == same.metadata
    assert (photo.format, same.format) == ("JXL", "JPEG")
    assert photo.jpeg is not None


def test_lossy_is_near(luma8: np.ndarray) -> None:
    smooth = np.add.outer(np.arange(64), np.arange(80)).astype(np.uint8)
    photo = read(jxl(smooth, lossless=False, distance=0.5))
    assert np.abs(photo.luma.astype(int) - smooth).max() < 8


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_header_knows_the_size_upright(orientation: int) -> None:
    found = read_jxl_header(header(orientation=orientation))
    size = (16, 24) if orientation < 5 else (24, 16)
    assert (found.height, found.width) == size
    assert found == JxlHeader(*size, is_xyb=False)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"profile": 1}, "its color profile"),
        ({"profile": 1, "gray": 1}, "its color profile"),
        ({"transfer": 16}, "its levels are HDR"),
        ({"transfer": 18}, "its levels are HDR"),
        ({"transfer": 16, "gray": 1}, "its levels are HDR"),
    ],
)
def test_what_would_be_read_as_something_else_is_refused(parts: Any, reason: str) -> None:
    with pytest.raises(UnsupportedPhoto, match=reason):
        read(header(**parts))


@pytest.mark.parametrize("parts", [{"gamma": 0.45}, {"transfer": 8, "gray": 1}, {"associated": 1}])
def test_the_header_tells_gamma_and_alpha(parts: Any) -> None:
    found = read_jxl_header(header(**parts))
    assert found.gamma == pytest.approx(parts.get("gamma", 0))
    assert (found.is_gray, found.is_associated) == (bool(parts.get("gray")), "associated" in parts)


def test_floating_point_is_refused() -> None:
    with pytest.raises(UnsupportedPhoto, match="floating point"):
        read(jxl(np.random.default_rng(1).random((8, 8), np.float32)))


def test_large_claims_are_refused_before_decoding(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(imagecodecs, "jpegxl_decode", None)
    path = tmp_path / "a.jxl"
    path.write_bytes(jxl(np.zeros((31, 45), np.uint8)))
    assert size_of(path) == (31, 45)
    with pytest.raises(PhotoTooLarge, match="45 x 31"):
        read(path, max_pixels=1000)
    bits = Writer().put((0, 1), (3, 2), (2**30 - 1, 30), (0, 3), (3, 2), (2**30 - 1, 30), (1, 1))
    with pytest.raises(PhotoTooLarge, match="1073741824 x 1073741824"):
        read(bits.head())
    bits = Writer().put((0, 1), (2, 2), (19999, 18), (1, 3), (1, 1))
    with pytest.raises(PhotoTooLarge, match="no photograph"):
        read(bits.head())


@pytest.mark.parametrize("usecontainer", [False, True])
def test_cut_short_at_any_place(luma8: np.ndarray, usecontainer: bool) -> None:
    data = jxl(luma8, usecontainer=usecontainer)
    for length in range(3, len(data) - 1, len(data) // 30):
        with pytest.raises(UnreadablePhoto):
            read(data[:length])
    assert read(io.BytesIO(data).getvalue()).luma.shape == luma8.shape
