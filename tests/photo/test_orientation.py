"""Pictures come upright, whoever states how they lie."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageOps, TiffImagePlugin

from photochrom.photo.decode import read
from photochrom.photo.encode import write
from photochrom.photo.exif import dpi_of


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
def test_orientation(saved, orientation, format):
    corners = Image.new("L", (24, 16), 128)
    corners.paste(250, (0, 0, 8, 8))
    corners.paste(20, (16, 0, 24, 8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "A camera"
    xmp = b'<x tiff:Orientation="%d"/>' % orientation
    options = {"lossless": True} if format == "WEBP" else {}
    options |= {"quality": 100} if format == "AVIF" else {}
    data = saved(corners, format, exif=exif.tobytes(), xmp=xmp, dpi=(300, 150), **options)
    photo = read(data)
    exif.clear()
    exif[0x0112] = orientation
    corners.info["exif"] = exif.tobytes()
    expected = np.asarray(ImageOps.exif_transpose(corners)).astype(int)
    assert photo.luma.shape == expected.shape
    assert np.abs(photo.luma - expected).max() <= 6
    kept = Image.Exif()
    kept.load(photo.metadata.exif)
    assert kept.get(0x0112, 1) == 1
    assert kept[0x010F] == "A camera"
    assert photo.metadata.xmp is None or b'Orientation="1"' in photo.metadata.xmp
    if photo.metadata.dpi is not None:
        expected_dpi = (150, 300) if orientation >= 5 else (300, 150)
        assert photo.metadata.dpi == pytest.approx(expected_dpi, abs=0.1)


def test_orientation_turns_alpha_and_deep_pictures_too():
    image = Image.fromarray(np.arange(12, dtype=np.uint16).reshape(3, 4) * 5000)
    image.getexif()[0x0112] = 6
    assert np.array_equal(read(image).luma, np.rot90(np.asarray(image), -1))
    image = Image.merge("LA", [Image.linear_gradient("L").resize((4, 6))] * 2)
    image.getexif()[0x0112] = 8
    photo = read(image)
    assert photo.alpha.shape == (4, 6)
    assert np.array_equal(photo.alpha, photo.luma)


XMP_OF_6 = b'<x tiff:Orientation="6"/>'


@pytest.mark.parametrize("format", ["JPEG", "WEBP"])
@pytest.mark.parametrize(("stated", "turned"), [(None, True), (0, True), (1, False), (3, False)])
def test_xmp_counts_only_where_exif_says_nothing(saved, format, stated, turned):
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    if stated is not None:
        exif[0x0112] = stated
    data = saved(Image.new("L", (24, 16)), format, exif=exif.tobytes(), xmp=XMP_OF_6)
    assert read(data).luma.shape == ((24, 16) if turned else (16, 24))


@pytest.mark.parametrize("stated", [None, 1, 3, 6, 8])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_tiff_is_turned_alike_however_it_is_packed(saved, color_picture, stated, mode):
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[700] = XMP_OF_6
    if stated is not None:
        tags[0x0112] = stated
    upright = Image.new("L", color_picture.size)
    upright.paste(color_picture.convert("L"))
    upright.getexif()[0x0112] = stated or 6
    expected = np.asarray(ImageOps.exif_transpose(upright))
    for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        data = saved(
            color_picture.convert(mode), "TIFF", tiffinfo=tags, compression=compression,
            dpi=(300, 150),
        )  # fmt: skip
        photo = read(data)
        assert np.array_equal(photo.luma, expected), compression
        assert photo.metadata.dpi == ((150, 300) if (stated or 6) >= 5 else (300, 150))
        assert photo.metadata.xmp == XMP_OF_6.replace(b"6", b"1")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32"])
def test_xmp_of_wide_characters_counts_and_is_reset(saved, encoding):
    xmp = '<x tiff:Orientation="6" dc:title="ä"/>'.encode(encoding)
    photo = read(saved(Image.new("L", (24, 16)), "JPEG", xmp=xmp))
    assert photo.luma.shape == (24, 16)
    assert photo.metadata.xmp == xmp.replace(b"6", b"1")


@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
def test_the_resolution_in_exif_is_turned_too(saved, orientation):
    exif = Image.Exif()
    exif[0x0112], exif[0x011A], exif[0x011B], exif[0x0128] = orientation, 300.0, 150.0, 2
    photo = read(saved(Image.new("L", (24, 16)), "WEBP", exif=exif.tobytes()))
    expected = (150, 300) if orientation >= 5 else (300, 150)
    assert photo.metadata.dpi == expected
    assert dpi_of(photo.metadata.exif) == expected


@pytest.mark.parametrize("orientation", [1, 3, 5, 6, 8])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_the_size_in_exif_is_that_of_the_result(saved, tint, format, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8769).update({0xA002: 45, 0xA003: 31, 0x9003: "1932:05:01 12:00:00"})
    photo = read(saved(Image.new("L", (45, 31), 128), format, exif=exif.tobytes()))
    for result in ("JPEG", "PNG", "TIFF", "WEBP", "AVIF"):
        buffer = io.BytesIO()
        write(tint(photo.luma), buffer, format=result, metadata=photo.metadata)
        image = Image.open(buffer)
        assert image.size == ((31, 45) if orientation >= 5 else (45, 31))
        stated = image.getexif().get_ifd(0x8769)
        assert (stated[0xA002], stated[0xA003]) == image.size, result
        assert stated[0x9003] == "1932:05:01 12:00:00"
