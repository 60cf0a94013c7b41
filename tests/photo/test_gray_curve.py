"""Gray levels that a profile or a stated gamma means otherwise are brought to sRGB's curve."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from photochrom.photo.decode import read
from photochrom.photo.png import chunk
from photochrom.photo.profiles import _SRGB_CURVE, _gray_profile, srgb_profile


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF"])
def test_gray_profile_is_converted_away(saved, format):
    # Gamma 1: a linear gray of 55 is 128 in sRGB.
    icc = gamma_profile(1.0)
    image = Image.new("L", (16, 16), 55)
    photo = read(saved(image, format, icc_profile=icc))
    assert photo.metadata.icc == srgb_profile()
    assert np.abs(photo.luma.astype(int) - 128).max() <= 1
    deep = Image.fromarray(np.full((4, 4), 55 * 257, np.uint16))
    if format != "JPEG":
        assert abs(int(read(saved(deep, format, icc_profile=icc)).luma[0, 0]) - 128 * 257) < 200


def test_gray_profile_with_the_srgb_curve_changes_nothing(saved):
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16))
    photo = read(saved(ramp, "PNG", icc_profile=_gray_profile(_SRGB_CURVE)))
    assert np.array_equal(photo.luma, np.asarray(ramp))
    assert photo.metadata.icc == srgb_profile()
    coded = read(saved(ramp, "JPEG", icc_profile=_gray_profile(_SRGB_CURVE)))
    assert coded.jpeg is not None
    assert coded.jpeg.luma is not None, "what does not change is carried over as it was coded"
    bent = read(saved(ramp, "JPEG", icc_profile=gamma_profile(1.8)))
    assert bent.jpeg is None or bent.jpeg.luma is None


def png_of(gray: np.ndarray, gamma: float, *others: bytes, mode: str = "L") -> bytes:
    """A PNG whose ``gAMA`` states that its levels are light to this power."""
    buffer = io.BytesIO()
    Image.fromarray(gray).convert(mode).save(buffer, "PNG")
    stated = chunk(b"gAMA", struct.pack(">I", round(gamma * 100_000)))
    return buffer.getvalue()[:33] + b"".join((stated, *others)) + buffer.getvalue()[33:]


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "LA"])
@pytest.mark.parametrize(("gamma", "expected"), [(1.0, 128), (1 / 1.8, 71), (1 / 2.2, 55)])
def test_the_gamma_of_a_gray_png_is_heeded(mode, gamma, expected):
    """Linear levels, those of old Macs, and the usual ones."""
    photo = read(png_of(np.full((9, 9), 55, np.uint8), gamma, mode=mode))
    assert np.abs(photo.luma.astype(int) - expected).max() <= 1
    assert photo.metadata.icc == (None if expected == 55 else srgb_profile())


def test_the_gamma_of_a_deep_png_is_heeded():
    deep = np.full((4, 4), 55 * 257, np.uint16)
    buffer = io.BytesIO()
    Image.fromarray(deep).save(buffer, "PNG")
    data = buffer.getvalue()
    photo = read(data[:33] + chunk(b"gAMA", struct.pack(">I", 100_000)) + data[33:])
    assert np.abs(photo.luma.astype(int) - 128 * 257).max() < 200


def test_where_gamma_does_not_count():
    """Beside sRGB's mark, of colors, and of impossible numbers."""
    gray = np.full((9, 9), 55, np.uint8)
    for data in (
        png_of(gray, 1.0, chunk(b"sRGB", b"\0")),
        png_of(gray, 0),
        png_of(gray, 40_000),
    ):
        photo = read(data)
        assert (int(photo.luma[0, 0]), photo.metadata.icc) == (55, None)
    colors = np.zeros((9, 9, 3), np.uint8) + np.array([200, 20, 90], np.uint8)
    plain, stated = (png_of(colors, gamma, mode="RGB") for gamma in (1 / 2.2, 1.0))
    assert np.array_equal(read(stated).luma, read(plain).luma)
    assert read(stated).metadata.icc is None


def gamma_profile(gamma: float) -> bytes:
    """A gray profile whose curve is a power."""
    plain = _gray_profile(_SRGB_CURVE)
    at = plain.index(b"para")
    curve = b"curv" + bytes(4) + (1).to_bytes(4, "big") + round(gamma * 256).to_bytes(2, "big")
    return plain[:at] + curve + plain[at + len(curve) :]
