"""A gray JPEG's luma goes over into the color file as it was coded."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from photochrom.photo.decode import read
from photochrom.photo.encode import write
from photochrom.photo.jpeg_luma import coded_luma
from photochrom.photo.jpeg_tables import CHROMA, LUMA, quality_as_fine_as, table_of
from photochrom.photo.provenance import Provenance

SIZES = [(1, 1), (1, 9), (8, 8), (9, 17), (16, 16), (31, 45), (33, 64), (70, 15)]
OPTIONS: list[dict[str, Any]] = [
    {"quality": 30},
    {"quality": 99},
    {"progressive": True},
    {"optimize": True},
    {"restart_marker_blocks": 2},
    {"progressive": True, "restart_marker_rows": 1},
]


def gray_jpeg(shape: tuple[int, int], **options: Any) -> bytes:
    rng = np.random.default_rng(shape)
    ramp = np.add.outer(np.arange(shape[0]), np.arange(shape[1])) % 160 + 40
    noise = rng.integers(-25, 25, shape)
    buffer = io.BytesIO()
    Image.fromarray((ramp + noise).astype(np.uint8)).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def y_plane(data: bytes) -> np.ndarray:
    return np.asarray(simplejpeg.decode_jpeg(data, colorspace="GRAY", strict=True))[..., 0]


def colored(tint: Any, data: bytes, **options: Any) -> bytes:
    photo = read(data)
    buffer = io.BytesIO()
    options = {"jpeg": photo.jpeg, "metadata": photo.metadata} | options
    write(tint(photo.luma), buffer, format="JPEG", **options)
    return buffer.getvalue()


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_luma_is_the_sources_bit_for_bit(tint, shape, options):
    source = gray_jpeg(shape, **options)
    result = colored(tint, source)
    assert np.array_equal(y_plane(result), y_plane(source))
    image = Image.open(io.BytesIO(result))
    assert (image.mode, image.size) == ("RGB", shape[::-1])
    assert image.quantization[0] == Image.open(io.BytesIO(source)).quantization[0]
    assert bool(image.info.get("progressive")) == bool(options.get("progressive"))
    image.draft("YCbCr", image.size)
    _, cb, cr = (np.asarray(plane).astype(int) for plane in image.split())
    assert np.abs(cb - 138).max() <= 2
    assert np.abs(cr - 120).max() <= 2


def test_coloring_again_and_again_loses_nothing(tint):
    """Not even to a reader that takes luma from the color file's own blocks."""
    source = gray_jpeg((40, 50))
    once = colored(tint, source)
    assert coded_luma(once) is None
    assert np.array_equal(read(once).luma, read(source).luma)


def test_metadata_and_statement_come_along(tint):
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    stated = Provenance("photochrom 1", "m", "2", "s")
    result = colored(tint, gray_jpeg((20, 30), exif=exif, dpi=(300, 300)), provenance=stated)
    image = Image.open(io.BytesIO(result))
    assert image.getexif()[0x010F] == "A camera"
    assert image.info["dpi"] == (300, 300)
    assert b"compositeWithTrainedAlgorithmicMedia" in image.info["xmp"]
    assert np.array_equal(y_plane(result), y_plane(gray_jpeg((20, 30))))


def test_odd_layouts_that_are_allowed(tint):
    """Another component number, sampling factors of a single component, fill bytes, trailers."""
    source = gray_jpeg((24, 40))
    frame, scan = source.index(b"\xff\xc0"), source.index(b"\xff\xda")
    numbered = bytearray(source)
    numbered[frame + 10], numbered[scan + 5] = 0, 0
    sampled = bytearray(source)
    sampled[frame + 11] = 0x22
    filled = source[:scan] + b"\xff\xff" + source[scan:-2] + b"\xff\xff" + source[-2:]
    for odd in (numbered, sampled, filled, source + b"\xff\xd8 trailer \xff\xd9"):
        photo = read(bytes(odd))
        assert np.array_equal(photo.luma, y_plane(source))
        result = colored(tint, bytes(odd))
        assert np.array_equal(y_plane(result), y_plane(source))


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("missing", [1, 2])
def test_without_its_end_mark_the_luma_is_carried_all_the_same(tint, options, missing):
    source = gray_jpeg((31, 45), **options)
    result = colored(tint, source[:-missing])
    assert np.array_equal(y_plane(result), y_plane(source))


def test_where_the_luma_is_not_the_files(tint):
    """Turned upright, of a gray profile, or of a quality asked for: coded anew."""
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = read(gray_jpeg((20, 30), exif=exif))
    assert turned.jpeg is not None
    assert turned.jpeg.luma is None
    source = gray_jpeg((60, 60), quality=99)
    kept, asked = colored(tint, source), colored(tint, source, quality=30)
    assert len(asked) < len(kept) / 3
    assert not np.array_equal(y_plane(asked), y_plane(source))


def test_coded_anew_is_no_coarser_than_the_source(tint):
    exif = Image.Exif()
    exif[0x0112] = 3
    for quality, expected in ((60, 92), (92, 92), (97, 97), (100, 100)):
        source = gray_jpeg((40, 40), quality=quality, exif=exif)
        result = Image.open(io.BytesIO(colored(tint, source)))
        assert list(result.quantization[0]) == table_of(LUMA, expected)


def test_a_coloring_of_another_size_is_coded_anew(tint):
    photo = read(gray_jpeg((20, 30)))
    buffer = io.BytesIO()
    write(tint(photo.luma[:10]), buffer, format="JPEG", jpeg=photo.jpeg)
    assert np.asarray(Image.open(io.BytesIO(buffer.getvalue()))).shape == (10, 30, 3)


@pytest.mark.parametrize("quality", [1, 25, 50, 75, 92, 99, 100])
def test_tables_are_libjpegs(quality):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", quality=quality)
    found = Image.open(io.BytesIO(buffer.getvalue())).quantization
    assert [list(found[0]), list(found[1])] == [table_of(b, quality) for b in (LUMA, CHROMA)]
    assert quality_as_fine_as(found[0]) == max(92, quality)


def test_unusual_files_have_no_coded_luma():
    source = gray_jpeg((16, 16))
    frame = source.index(b"\xff\xc0")
    for damaged in (
        b"",
        b"\xff\xd8",
        source[: frame + 5],
        source[:frame] + source[frame:].replace(b"\xff\xc0", b"\xff\xc9", 1),
        source[:frame] + b"\0" + source[frame:],
        source.replace(b"\xff\xda", b"\xff\xdc\0\4\0\1\xff\xda", 1),
    ):
        assert coded_luma(damaged) is None
    assert coded_luma(source) is not None
