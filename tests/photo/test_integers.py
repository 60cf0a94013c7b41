"""Gray in numbers wider than its levels: Pillow's modes I and I;16, and TIFFs of 32 bits."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import UnsupportedPhoto
from photochrom.photo.decode import read
from photochrom.photo.tags import SHORT, Value
from tests.photo.handmade import handmade, shorts

GRAY = (np.mgrid[0:31, 0:45].sum(axis=0) * 3).astype(np.uint8)
DEEP = GRAY.astype(np.uint16) * 257 + 3


@pytest.mark.parametrize("mode", ["I", "I;16", "I;16B", "I;16L"])
def test_a_converted_picture_is_the_one_that_it_was(mode):
    photo = read(Image.fromarray(GRAY).convert(mode))
    assert photo.luma.dtype == np.uint8
    assert np.array_equal(photo.luma, GRAY)


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
@pytest.mark.parametrize("samples", [GRAY, DEEP])
def test_an_opened_picture_may_be_converted(saved, format, samples):
    opened = Image.open(io.BytesIO(saved(Image.fromarray(samples), format)))
    photo = read(opened.convert("I"))
    assert photo.luma.dtype == samples.dtype
    assert np.array_equal(photo.luma, samples)


def test_a_file_of_16_bits_says_so(saved):
    """However dark it is: all programs show it so."""
    dark = DEEP >> 8
    for format in ("PNG", "TIFF"):
        data = saved(Image.fromarray(dark), format)
        for source in (data, Image.open(io.BytesIO(data))):
            photo = read(source)
            assert photo.luma.dtype == np.uint16
            assert np.array_equal(photo.luma, dark)
    dark = read(Image.open(io.BytesIO(b"P5 2 1 65535\n\0\1\0\2")))
    assert (dark.depth, dark.luma.tolist()) == (16, [[1, 2]])


@pytest.mark.parametrize("from_a_file", [False, True])
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
@pytest.mark.parametrize("samples", [GRAY, DEEP])
def test_a_tiff_of_the_mode_i(saved, samples, compression, from_a_file):
    image = Image.fromarray(samples.astype(np.int32))
    data = saved(image, "TIFF", compression=compression)
    photo = read(data if from_a_file else Image.open(io.BytesIO(data)))
    assert photo.luma.dtype == samples.dtype
    assert np.array_equal(photo.luma, samples)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize("samples", [GRAY, DEEP])
def test_a_tiff_of_32_bits(samples, kind, order):
    tifffile = pytest.importorskip("tifffile")
    deflate = {"compression": 8, "pack": zlib.compress}
    for packing in ({}, {"tile": (16, 16), "under": "STRIP"}, {"rows": 7}, deflate):
        data = handmade(
            samples, bits=32, order=order, SAMPLE_FORMAT=shorts(kind, order=order), **packing
        )
        photo = read(data)
        assert photo.luma.dtype == samples.dtype
        assert np.array_equal(photo.luma, tifffile.imread(io.BytesIO(data)))
    if kind == 1:
        for level in (65536, 1 << 31, (1 << 32) - 1):
            high = np.full((5, 4), level, np.uint32)
            for packing in ({}, deflate):
                with pytest.raises(UnsupportedPhoto, match=r"scale them to 0\.\.65535"):
                    read(handmade(high, bits=32, order=order, **packing))


def test_the_advice_can_be_followed():
    """Each refusal, and what is read once one does as it says."""
    ramp = np.linspace(-3, 7000, 1200).reshape(30, 40)
    with pytest.raises(UnsupportedPhoto, match=r"mode F .*; give an array .* scaled to 0\.\.1"):
        read(Image.fromarray(ramp.astype(np.float32)))
    assert read((ramp - ramp.min()) / np.ptp(ramp)).depth == 16
    numbers = (ramp * 1000).astype(np.int32)
    with pytest.raises(UnsupportedPhoto, match=r"beyond 16 bits; scale them to 0\.\.65535"):
        read(Image.fromarray(numbers))
    scaled = ((numbers - numbers.min()) / np.ptp(numbers) * 65535).astype(np.int32)
    assert np.array_equal(read(Image.fromarray(scaled)).luma, scaled)
    signed = handmade(DEEP, bits=16, SAMPLE_FORMAT=Value(SHORT, 1, b"\2\0"))
    with pytest.raises(UnsupportedPhoto, match=r"signed numbers of 16 bits; save it as .* without"):
        read(signed)
    assert np.array_equal(read(handmade(DEEP, bits=16)).luma, DEEP)


def test_a_deep_picture_that_pillow_would_reduce_is_read_from_its_path_or_bytes(tmp_path):
    data = handmade(np.stack([DEEP, DEEP, DEEP], -1), bits=16, photometric=2)
    with pytest.raises(UnsupportedPhoto, match="give the file's path or bytes instead"):
        read(Image.open(io.BytesIO(data)))
    (tmp_path / "a.tif").write_bytes(data)
    for source in (data, tmp_path / "a.tif"):
        assert np.array_equal(read(source).luma, DEEP)
