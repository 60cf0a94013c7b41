import functools
import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from photochrom.photo.decode import read
from photochrom.photo.encode import FORMATS, write
from photochrom.photo.photo import Metadata
from photochrom.photo.provenance import Provenance

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/'
    b'22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    b' dc:creator="Gr\xc3\xa4fin"/></rdf:RDF></x:xmpmeta>'
)
PROVENANCE = Provenance("photochrom 0.1.0", "photochrom", "1", "strength=1.0")


def full_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x010E], exif[0x8298] = "A camera", "Grandma, 1932", "(c) us"
    exif.get_ifd(0x8769).update({0x9003: "1932:05:01 12:00:00", 0x927C: b"maker's notes"})
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 14.5)})
    return exif.tobytes()


@functools.cache  # a profile made anew states the second it was made in
def full() -> Metadata:
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return Metadata(exif=full_exif()[6:], icc=icc, xmp=XMP, dpi=(300.0, 150.0))


def parsed(exif: bytes) -> Image.Exif:
    result = Image.Exif()
    result.load(exif)
    return result


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("provenance", [None, PROVENANCE])
def test_everything_is_kept(tint, luma8, luma16, format, deep, provenance):
    buffer = io.BytesIO()
    coloring = tint(luma16 if deep else luma8)
    write(coloring, buffer, format=format, metadata=full(), provenance=provenance)
    kept = read(buffer.getvalue()).metadata
    assert kept.icc == full().icc
    assert kept.dpi == pytest.approx((300, 150), abs=0.02)
    assert b"dc:creator" in kept.xmp
    assert "Gräfin" in kept.xmp.decode()
    exif = parsed(kept.exif)
    assert (exif[0x010F], exif[0x010E], exif[0x8298]) == ("A camera", "Grandma, 1932", "(c) us")
    assert exif.get_ifd(0x8769)[0x9003] == "1932:05:01 12:00:00"
    assert exif.get_ifd(0x8769)[0x927C] == b"maker's notes"
    assert exif.get_ifd(0x8825)[2] == (48.0, 8.0, 14.5)
    assert (exif.get(0x0131) == "photochrom 0.1.0 (photochrom)") == (provenance is not None)
    assert (b"compositeWithTrainedAlgorithmicMedia" in kept.xmp) == (provenance is not None)


@pytest.mark.parametrize("format", FORMATS)
def test_pillow_finds_it_too(tint, luma8, format):
    buffer = io.BytesIO()
    write(tint(luma8), buffer, format=format, metadata=full(), provenance=PROVENANCE)
    image = Image.open(buffer)
    image.load()
    assert image.getexif()[0x0131] == "photochrom 0.1.0 (photochrom)"
    assert image.getexif().get_ifd(0x8769)[0x9003] == "1932:05:01 12:00:00"
    assert image.info["icc_profile"] == full().icc
    assert b"photochrom:Model" in image.info["xmp"]
    if format in ("JPEG", "PNG", "TIFF"):
        assert image.info["dpi"] == pytest.approx((300, 150), abs=0.02)


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_is_invented(tint, luma8, format):
    buffer = io.BytesIO()
    write(tint(luma8), buffer, format=format)
    assert read(buffer.getvalue()).metadata == Metadata()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
def test_metadata_by_pillow_is_read(color_picture, saved, format):
    options = {"exif": full_exif(), "dpi": (300, 150), "icc_profile": full().icc}
    if format not in ("PNG",):
        options["xmp"] = XMP
    metadata = read(saved(color_picture, format, **options)).metadata
    exif = parsed(metadata.exif)
    assert exif[0x010F] == "A camera"
    assert exif.get_ifd(0x8825)[1] == "N"
    assert metadata.icc == full().icc
    if format in ("JPEG", "PNG", "TIFF"):
        assert metadata.dpi == pytest.approx((300, 150), abs=0.02)
    if format in ("JPEG", "WEBP", "AVIF"):
        assert metadata.xmp == XMP


def test_a_second_pass_keeps_it_all(tint, luma8):
    """Out of TIFF, through every format in turn, with the provenance written each time."""
    metadata = full()
    for format in ("TIFF", "JPEG", "PNG", "WEBP", "AVIF", "TIFF"):
        buffer = io.BytesIO()
        write(tint(luma8), buffer, format=format, metadata=metadata, provenance=PROVENANCE)
        metadata = read(buffer.getvalue()).metadata
    assert parsed(metadata.exif).get_ifd(0x8769)[0x927C] == b"maker's notes"
    assert metadata.xmp.count(b"photochrom:Model=") == 1
    assert metadata.dpi == pytest.approx((300, 150), abs=0.02)


def test_a_profile_of_many_segments(tint, luma8):
    icc = bytearray(full().icc.ljust(200_000, b"\1"))
    icc[:4] = struct.pack(">I", len(icc))
    buffer = io.BytesIO()
    write(tint(luma8), buffer, format="JPEG", metadata=Metadata(icc=bytes(icc)))
    assert Image.open(buffer).info["icc_profile"] == bytes(icc)
    assert read(buffer.getvalue()).metadata.icc == bytes(icc)


def test_what_is_too_long_for_a_jpeg_gives_way(tint, luma8):
    exif = Image.Exif()
    exif[0x010E] = "x" * 70_000
    xmp = XMP.replace(b"dc:creator=", b'dc:title="' + b"y" * 70_000 + b'" dc:creator=')
    buffer = io.BytesIO()
    metadata = Metadata(exif=exif.tobytes()[6:], xmp=xmp)
    write(tint(luma8), buffer, format="JPEG", metadata=metadata, provenance=PROVENANCE)
    kept = read(buffer.getvalue()).metadata
    assert parsed(kept.exif)[0x0131].startswith("photochrom")
    assert b"photochrom:Model" in kept.xmp
    assert b"y" * 70_000 in kept.xmp
    write(tint(luma8), io.BytesIO(), format="JPEG", metadata=metadata)


@pytest.mark.parametrize(("size", "note"), [(0, 20), (65_520, 20), (70_000, 9_000), (0, 65_300)])
def test_exif_near_the_limit_of_a_jpeg_keeps_what_it_says(tint, luma8, size, note):
    """As cameras fill it, with a thumbnail: our own words must not cost it all the others."""
    exif = Image.Exif()
    exif[0x010F], exif[0x010E] = "A camera", "Grandma, 1932"
    exif.get_ifd(0x8769).update({0x9003: "1932:05:01 12:00:00", 0x927C: b"n" * note})
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 14.5)})
    block = exif.tobytes()[6:].ljust(size, b"\0")
    for provenance in (None, PROVENANCE):
        buffer = io.BytesIO()
        metadata = Metadata(exif=block)
        write(tint(luma8), buffer, format="JPEG", metadata=metadata, provenance=provenance)
        kept = parsed(read(buffer.getvalue()).metadata.exif)
        assert (kept[0x010F], kept[0x010E]) == ("A camera", "Grandma, 1932")
        assert kept.get_ifd(0x8769)[0x9003] == "1932:05:01 12:00:00"
        assert kept.get_ifd(0x8825)[2] == (48.0, 8.0, 14.5)
        assert note > 60_000 or kept.get_ifd(0x8769)[0x927C] == b"n" * note
        assert (0x0131 in kept) == (provenance is not None)


def test_malformed_exif_is_left_out(color_picture, saved):
    for junk in (b"Exif\0\0", b"Exif\0\0junk", b"Exif\0\0II*\0\xff\xff\xff\xff" + bytes(20)):
        assert read(saved(color_picture, "JPEG", exif=junk)).metadata.exif is None


def test_jpeg_density_that_nobody_stated(color_picture, saved):
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    data = saved(color_picture, "JPEG", exif=exif.tobytes())
    assert read(data).metadata.dpi is None


def test_metadata_behind_a_deep_pngs_picture():
    imagecodecs = pytest.importorskip("imagecodecs")
    import zlib

    data = imagecodecs.png_encode(np.zeros((2, 2, 3), np.uint16))
    payload = b"eXIf" + full_exif()[6:]
    chunk = struct.pack(">I", len(payload) - 4) + payload + struct.pack(">I", zlib.crc32(payload))
    metadata = read(data[:-12] + chunk + data[-12:]).metadata
    assert parsed(metadata.exif)[0x010F] == "A camera"


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_an_absurd_resolution_is_none(saved, tint, luma8, format, compression):
    data = bytearray(saved(Image.new("L", (9, 7)), "TIFF", dpi=(2**32 - 1, 2**32 - 1),
                           compression=compression))  # fmt: skip
    at = data.index(struct.pack("<HHI", 296, 3, 1)) + 8
    data[at] = 3  # per centimeter: more than 32 bits hold per inch
    metadata = read(bytes(data)).metadata
    assert metadata.dpi is None
    write(tint(luma8), io.BytesIO(), format=format, metadata=metadata)
