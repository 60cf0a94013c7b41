"""Pixels of another profile than sRGB's are brought to sRGB, and tagged so."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from photochrom.errors import MissingExtra
from photochrom.photo.decode import read
from photochrom.photo.encode import write
from photochrom.photo.png import chunk
from photochrom.photo.profiles import rgb_conversion, srgb_profile

imagecodecs = pytest.importorskip("imagecodecs")
tifffile = pytest.importorskip("tifffile")
ADOBE = imagecodecs.cms_profile("adobergb")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def color_scene() -> np.ndarray:
    y, x = np.mgrid[0:48, 0:64]
    return np.stack([60 + 2 * x, 70 + y + x, 90 + 2 * y], -1).astype(np.uint8)


def as_srgb(rgb: np.ndarray) -> np.ndarray:
    adobe = ImageCms.ImageCmsProfile(io.BytesIO(ADOBE))
    image = Image.fromarray(rgb)
    return np.asarray(ImageCms.profileToProfile(image, adobe, ImageCms.createProfile("sRGB")))


def luma(rgb: np.ndarray) -> np.ndarray:
    return rgb.astype(float) @ [0.299, 0.587, 0.114]


@pytest.mark.parametrize("format", ["PNG", "TIFF", "JPEG", "WEBP"])
def test_color_is_converted(saved, format):
    options = {"lossless": True} if format == "WEBP" else {}
    options = {"quality": 100, "subsampling": 0} if format == "JPEG" else options
    photo = read(saved(Image.fromarray(color_scene()), format, icc_profile=ADOBE, **options))
    expected = luma(as_srgb(color_scene()))
    assert np.abs(expected - luma(color_scene())).max() > 4
    assert np.abs(photo.luma - expected).max() <= (3 if format == "JPEG" else 1)
    assert photo.metadata.icc == srgb_profile()
    assert photo.was_color


@pytest.mark.parametrize("format", ["PNG", "TIFF", "JPEG"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_gray_is_converted_by_its_curve(saved, format, mode):
    ramp = Image.fromarray(np.tile(np.arange(256, dtype=np.uint8), (16, 1)))
    options = {"quality": 100} if format == "JPEG" else {}
    photo = read(saved(ramp.convert(mode), format, icc_profile=ADOBE, **options))
    expected = as_srgb(np.repeat(np.asarray(ramp)[..., None], 3, 2))[..., 1].astype(int)
    assert np.abs(photo.luma - expected).max() <= 2
    assert photo.metadata.icc == srgb_profile()
    assert not photo.was_color


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_16_bits_stay_16(format):
    deep = color_scene().astype(np.uint16) * 257 + 100
    buffer = io.BytesIO()
    if format == "TIFF":
        tifffile.imwrite(buffer, deep, photometric="rgb", iccprofile=ADOBE)
        data = buffer.getvalue()
    else:
        plain = imagecodecs.png_encode(deep)
        body = b"ICC profile\0\0" + zlib.compress(ADOBE)
        data = plain[:33] + chunk(b"iCCP", body) + plain[33:]
    photo = read(data)
    expected = luma(imagecodecs.cms_transform(deep, ADOBE, srgb_profile(), outcolorspace="rgb",
                                              colorspace="rgb", outdtype="u2"))  # fmt: skip
    assert photo.depth == 16
    assert np.abs(photo.luma - expected).max() <= 1
    assert len(np.unique(photo.luma)) > 300
    assert photo.metadata.icc == srgb_profile()


@pytest.mark.parametrize("format", ["PNG", "TIFF", "JPEG"])
def test_srgb_stays_as_it_is(saved, format):
    photo = read(saved(Image.fromarray(color_scene()), format, icc_profile=SRGB))
    plain = read(saved(Image.fromarray(color_scene()), format))
    assert np.array_equal(photo.luma, plain.luma)
    assert photo.metadata.icc == SRGB


def test_a_broken_profile_changes_nothing(saved):
    broken = SRGB[:140] + bytes(60)
    photo = read(saved(Image.fromarray(color_scene()), "PNG", icc_profile=broken))
    assert np.abs(photo.luma - luma(color_scene())).max() <= 1


def test_the_profile_is_the_same_every_time():
    before = srgb_profile()
    srgb_profile.cache_clear()
    assert srgb_profile() == before
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(before)))


def test_deep_color_of_another_profile_names_the_extra(monkeypatch, tmp_path):
    path = tmp_path / "deep.tif"
    tifffile.imwrite(path, np.zeros((4, 4, 3), np.uint16), photometric="rgb", iccprofile=ADOBE)
    rgb_conversion.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "imagecodecs", None)
    with pytest.raises(MissingExtra, match=r"deep\.tif: .*pip install '\.\[archive\]'"):
        read(path)


def test_transparency_survives_the_conversion(saved):
    image = Image.fromarray(color_scene()).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    photo = read(saved(image, "PNG", icc_profile=ADOBE))
    assert np.array_equal(photo.alpha, np.asarray(image)[..., 3])
    assert np.abs(photo.luma - luma(as_srgb(color_scene()))).max() <= 1


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
def test_converted_jpegs_know_how_finely_they_were_coded(saved, mode):
    """Or their results would be coarser than they were."""
    image = Image.fromarray(color_scene()).convert(mode)
    icc = {"icc_profile": ADOBE} if mode == "RGB" else {}
    for quality, expected in ((75, 92), (98, 98)):
        source = read(saved(image, "JPEG", quality=quality, **icc)).jpeg
        assert (source.quality, source.luma) == (expected, None)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "packed TIFF", "16 bits", "16 bits, packed"])
def test_inks_without_a_profile_are_tagged_too(saved, tint, kind):
    inks = np.full((12, 16, 4), (10, 100, 30, 20), np.uint8)
    if "16" in kind:
        buffer = io.BytesIO()
        compression = "deflate" if "packed" in kind else None
        deep = inks.astype(np.uint16) * 257
        tifffile.imwrite(buffer, deep, photometric="separated", compression=compression)
        data = buffer.getvalue()
    else:
        options = {"quality": 100} if kind == "JPEG" else {}
        options = {"compression": "tiff_lzw"} if "packed" in kind else options
        data = saved(Image.fromarray(inks, "CMYK"), kind.split()[-1], **options)
    photo = read(data)
    assert photo.metadata.icc == srgb_profile()
    left = (255 - inks[0, 0, :3].astype(float)) * (255 - inks[0, 0, 3]) / 255
    assert np.abs(photo.luma / (257 if photo.depth == 16 else 1) - luma(left)).max() <= 2
    result = io.BytesIO()
    write(tint(photo.luma), result, format="PNG", metadata=photo.metadata)
    assert Image.open(result).info["icc_profile"] == srgb_profile()


def test_inks_that_pillow_holds_are_tagged_too():
    assert read(Image.new("CMYK", (9, 7), (10, 100, 30, 20))).metadata.icc == srgb_profile()
