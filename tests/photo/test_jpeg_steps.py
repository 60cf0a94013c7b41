"""A YCbCr JPEG's luma is coded by its own steps again, so that it stays what it was."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import simplejpeg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom.photo.decode import read
from photochrom.photo.encode import write
from photochrom.photo.jpeg_steps import SteppedLuma, with_whole_blocks
from photochrom.photo.jpeg_tables import LUMA, table_of


def scan(height: int, width: int, **options: Any) -> bytes:
    """A gray scene with grain, stored in color as many scanners do; nothing of it is clipped."""
    rng = np.random.default_rng((height, width))
    scene = 130 + 40 * np.sin(np.add.outer(np.arange(height), np.arange(width) * 0.7) / 9)
    gray = np.clip(scene + rng.normal(0, 6, (height, width)), 60, 200).astype(np.uint8)
    return jpeg_of(Image.fromarray(gray).convert("RGB"), **options)


def print_at_night(**options: Any) -> bytes:
    """Black and white alone: coded, most of its levels lie beyond both ends."""
    dots = np.random.default_rng(2).random((96, 96)) < 0.15
    return jpeg_of(Image.fromarray((~dots).astype(np.uint8) * 250).convert("RGB"), **options)


def jpeg_of(image: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **options)
    return buffer.getvalue()


def y_plane(data: bytes) -> np.ndarray:
    plane = np.asarray(simplejpeg.decode_jpeg(data, colorspace="GRAY", strict=True))[..., 0]
    return plane.astype(int)


def colored(tint: Any, data: bytes, **options: Any) -> bytes:
    photo = read(data)
    buffer = io.BytesIO()
    write(tint(photo.luma), buffer, format="JPEG", **{"jpeg": photo.jpeg} | options)
    return buffer.getvalue()


def steps(data: bytes) -> list[int]:
    return list(Image.open(io.BytesIO(data)).quantization[0])


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.integers(25, 100),
    st.sampled_from([0, 1, 2]),
    st.booleans(),
)
def test_gray_again_within_a_level(tint, height, width, quality, subsampling, progressive) -> None:
    options = {"quality": quality, "subsampling": subsampling, "progressive": progressive}
    source = scan(height, width, **options)
    result = colored(tint, source)
    assert np.abs(y_plane(result) - y_plane(source)).max() <= 1
    assert np.array_equal(read(source).luma, y_plane(source))
    assert steps(result) == steps(source)
    image = Image.open(io.BytesIO(result))
    assert (image.mode, image.size) == ("RGB", (width, height))
    image.draft("YCbCr", image.size)
    _, cb, cr = (np.asarray(plane).astype(int) for plane in image.split())
    assert max(np.abs(cb - 138).max(), np.abs(cr - 120).max()) <= 2


def test_a_usual_table_would_not_do(tint) -> None:
    """Else the steps would be for nothing."""
    source = scan(120, 160, quality=90)
    anew = np.abs(y_plane(colored(tint, source, quality=92)) - y_plane(source))
    assert (anew > 1).mean() > 0.1
    assert len(colored(tint, source)) < 1.1 * len(source)


def test_coloring_again_and_again_stays_there(tint) -> None:
    source = scan(61, 83, quality=85)
    again = source
    for _ in range(4):
        again = colored(tint, again)
    assert np.abs(y_plane(again) - y_plane(source)).max() <= 1


def test_where_black_and_white_are_clipped_the_usual_table_is_closer(tint) -> None:
    source = print_at_night(quality=30)
    result = colored(tint, source)
    assert steps(result) == table_of(LUMA, 92)
    assert np.abs(y_plane(result) - y_plane(source)).max() < 20
    luma = read(source).jpeg.luma
    assert luma.coded(read(source).luma) is None


def test_where_the_luma_is_not_the_files(tint) -> None:
    """Turned upright, of RGB, of absurd steps, or of a quality asked for: coded anew."""
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read(scan(20, 30, exif=exif)).jpeg.luma is None
    red = scan(20, 30, keep_rgb=True, quality=40)
    assert read(red).jpeg.luma is None
    assert steps(colored(tint, red)) == table_of(LUMA, 92)
    assert read(scan(20, 30, qtables=[[16] + [300] * 63, [99] * 64])).jpeg.luma is None
    assert steps(colored(tint, scan(20, 30, quality=75), quality=60)) == table_of(LUMA, 60)


def test_a_coloring_of_another_size_is_coded_anew(tint) -> None:
    photo = read(scan(20, 30, quality=75))
    buffer = io.BytesIO()
    write(tint(photo.luma[:10]), buffer, format="JPEG", jpeg=photo.jpeg)
    assert steps(buffer.getvalue()) == table_of(LUMA, 92)


def test_odd_layouts(tint) -> None:
    """Fill bytes, a trailer, no end mark: read in whole blocks all the same."""
    source = scan(21, 35, quality=80)
    frame = source.index(b"\xff\xc0")
    filled = source[:frame] + b"\xff\xff" + source[frame:]
    for odd in (filled, source + b"\xff\xd8 trailer \xff\xd9", source[:-2]):
        photo = read(odd)
        assert isinstance(photo.jpeg.luma, SteppedLuma)
        assert (photo.jpeg.luma.height, photo.jpeg.luma.width) == (21, 35)
        assert np.array_equal(photo.luma, y_plane(source))
        assert np.abs(y_plane(colored(tint, odd)) - y_plane(source)).max() <= 1


def test_sampling_that_blocks_do_not_share() -> None:
    """Luma that is itself subsampled, and factors that do not divide: another picture's blocks."""
    source = scan(16, 16, subsampling=0)
    image = Image.open(io.BytesIO(source))
    whole = image.layer
    assert with_whole_blocks(source, image, 65500) is not None
    assert with_whole_blocks(source, image, 15) is None
    for factors in (((1, 1), (2, 2), (1, 1)), ((3, 1), (2, 1), (1, 1))):
        image.layer = [
            (layer[0], *own, layer[3]) for layer, own in zip(whole, factors, strict=True)
        ]
        assert with_whole_blocks(source, image, 65500) is None


@pytest.mark.parametrize("at", [2, 20])
def test_no_frame_header_where_one_should_be(at) -> None:
    source = scan(16, 16)
    image = Image.open(io.BytesIO(source))
    assert with_whole_blocks(source[:at] + b"junk" + source[at:], image, 65500) is None
    assert with_whole_blocks(source[:at], image, 65500) is None
