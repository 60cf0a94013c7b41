"""Gray levels that a profile or a stated gamma means otherwise are brought to sRGB's curve."""

import io
import struct
import zlib

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


GRAY_CONTENT = np.repeat(np.arange(60, 220, 5, dtype=np.uint8)[None, :, None], 24, 0).repeat(3, 2)
SEPIA = np.clip(GRAY_CONTENT + np.array([25, 5, -25], np.int16), 0, 255).astype(np.uint8)
LOSSLESS = {
    "WEBP": {"lossless": True},
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
    "JPEG": {"quality": 100, "subsampling": 0},
}


def stored_in(kind: str, rgb: np.ndarray, icc: bytes | None, saved) -> bytes:
    """A file of ``kind``, "FORMAT MODE", or "TIFF packed" and so on."""
    format, mode = kind.split()
    image = Image.fromarray(rgb)
    options = LOSSLESS.get(format, {})
    if mode == "deep":
        imagecodecs = pytest.importorskip("imagecodecs")
        data = imagecodecs.png_encode(rgb.astype(np.uint16) * 257)
        body = b"ICC profile\0\0" + zlib.compress(icc or b"")
        return data[:33] + (chunk(b"iCCP", body) if icc else b"") + data[33:]
    if mode == "packed":
        mode, options = "RGB", {"compression": "tiff_lzw"}
    if icc is not None:
        options = options | {"icc_profile": icc}
    image = image.quantize(200) if mode == "P" else image.convert(mode)
    return saved(image, format, **options)


@pytest.mark.parametrize("content", [GRAY_CONTENT, SEPIA], ids=["gray", "sepia"])
@pytest.mark.parametrize("space", [b"GRAY", b"CMYK", b"Lab ", b"XYZ "])
@pytest.mark.parametrize(
    "kind",
    ["PNG RGB", "PNG RGBA", "PNG P", "PNG deep", "JPEG RGB", "TIFF RGB", "TIFF packed", "TIFF P",
     "WEBP RGB", "AVIF RGB"],
)  # fmt: skip
def test_a_profile_of_another_space_is_ignored_on_colors(kind, space, content, saved):
    """As browsers and libpng do, whether the colors are gray ones or not."""
    icc = gamma_profile(1.8)
    icc = icc[:16] + space + icc[20:]
    plain = read(stored_in(kind, content, None, saved))
    photo = read(stored_in(kind, content, icc, saved))
    assert np.array_equal(photo.luma, plain.luma)
    assert photo.metadata.icc is None
    assert (photo.tone is None) == (plain.tone is None)
    given = Image.fromarray(content)
    given.info["icc_profile"] = icc
    assert np.array_equal(read(given).luma, read(Image.fromarray(content)).luma)


@pytest.mark.parametrize(
    "kind", ["PNG L", "PNG LA", "PNG 1", "PNG I;16", "JPEG L", "TIFF L", "TIFF I;16", "AVIF L"]
)
def test_a_gray_profile_on_gray_stays_honored(kind, saved):
    format, mode = kind.split()
    gray = Image.fromarray(GRAY_CONTENT[..., 0])
    if mode == "I;16":
        gray = Image.fromarray(GRAY_CONTENT[..., 0].astype(np.uint16) * 257)
    options = LOSSLESS.get(format, {}) | ({"subsampling": "4:0:0"} if format == "AVIF" else {})
    files = [
        saved(gray if mode == "I;16" else gray.convert(mode), format, **options, icc_profile=icc)
        for icc in (None, gamma_profile(1.0))
    ]
    plain, linear = (read(file) for file in files)
    assert linear.metadata.icc == srgb_profile()
    if mode != "1":  # black and white are the same by every curve
        assert linear.luma.mean() > plain.luma.mean() * 1.1


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF"])
def test_a_profile_of_inks_says_nothing_of_light(format, mode, saved):
    icc = gamma_profile(1.0)[:16] + b"CMYK" + gamma_profile(1.0)[20:]
    image = Image.fromarray(GRAY_CONTENT).convert(mode)
    photo = read(saved(image, format, icc_profile=icc))
    assert np.array_equal(photo.luma, read(saved(image, format)).luma)
    assert photo.metadata.icc is None


def test_an_ignored_profile_leaves_room_for_the_stated_gamma():
    body = b"ICC profile\0\0" + zlib.compress(gamma_profile(1.8))
    data = png_of(np.full((9, 9), 55, np.uint8), 1.0, chunk(b"iCCP", body), mode="RGB")
    assert abs(int(read(data).luma[0, 0]) - 128) <= 1


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
