"""A BMP's own color profile is heeded, which Pillow leaves unread."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from photochrom.photo.decode import read
from photochrom.photo.profiles import srgb_profile

RAMP = np.tile(np.arange(256, dtype=np.uint8), (16, 1))
LINEAR = 0x4C494E4B  # LCS_LINKED: a file's name
EMBEDDED, WINDOWS = 0x4D424544, 0x57696E20


def dark_profile() -> bytes:
    """sRGB's colors with a curve of gamma 1."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", made, 128)[0]
    for number in range(count):
        name, at, _ = struct.unpack_from(">4sII", made, 132 + 12 * number)
        if name == b"rTRC":  # green and blue share it
            made[at : at + 14] = struct.pack(">4sIIH", b"curv", 0, 1, 0x0100)
    return bytes(made)


def bmp(
    icc: bytes, *, space: int = EMBEDDED, size: int = 124, start: int = 0, length: int = 0
) -> bytes:
    """A gray ramp in 24 bits with the profile behind its pixels."""
    height, width = RAMP.shape
    pixels = np.repeat(RAMP[::-1, :, None], 3, 2).tobytes()
    header = struct.pack(
        "<IiiHHIIiiII", size, width, height, 1, 24, 0, len(pixels), 2835, 2835, 0, 0
    )
    header += struct.pack(
        "<4II48xII", 0xFF0000, 0xFF00, 0xFF, 0, space, 4, start or 124 + len(pixels)
    )
    header += struct.pack("<II", length or len(icc), 0)
    header = header[:size]
    begin = 14 + len(header)
    end = begin + len(pixels)
    return struct.pack("<2sIHHI", b"BM", end + len(icc), 0, 0, begin) + header + pixels + icc


def test_a_profile_is_heeded() -> None:
    photo = read(bmp(dark_profile()))
    linear = RAMP[0] / 255
    expected = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert np.abs(photo.luma[0] - 255 * expected).max() <= 2
    assert photo.metadata.icc == srgb_profile()


@pytest.mark.parametrize(
    "options",
    [
        {"space": WINDOWS},
        {"space": LINEAR},
        {"size": 108},
        {"start": 5},
        {"start": 2**32 - 1},
        {"length": 2**32 - 1},
        {"length": 100},
        {"start": 20_000},
    ],
    ids=str,
)
def test_without_a_profile_it_is_srgb(options: dict[str, int]) -> None:
    photo = read(bmp(dark_profile(), **options))
    assert np.array_equal(photo.luma, RAMP)


def test_what_is_no_profile_changes_nothing() -> None:
    photo = read(bmp(bytes(500)))
    assert np.array_equal(photo.luma, RAMP)
    assert photo.metadata.icc is None


def test_pillows_own_files_have_none(saved) -> None:
    photo = read(saved(Image.fromarray(RAMP), "BMP"))
    assert np.array_equal(photo.luma, RAMP)
