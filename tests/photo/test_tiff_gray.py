"""Gray in a TIFF is read with its right tones and its alpha, however it is packed."""

import struct
import sys
import zlib

import numpy as np
import pytest

from photochrom.errors import MissingExtra, UnsupportedPhoto
from photochrom.photo import tags
from photochrom.photo.decode import read
from photochrom.photo.exif import value_of
from tests.photo.test_tiff_pixels import smooth, tiff


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [10, 12, 14])
@pytest.mark.parametrize("photometric", [0, 1])
def test_packed_bits_lie_alike_in_either_byte_order(photometric, bits, order, compression):
    samples = (np.arange(48, dtype=np.uint16) * 331 % 2**bits).reshape(6, 8)
    texts = ["".join(f"{sample:0{bits}b}" for sample in row) for row in samples]
    packed = b"".join(int(text, 2).to_bytes(bits, "big") for text in texts)
    packed = zlib.compress(packed) if compression else packed
    values = {256: 8, 257: 6, 258: bits, 259: 8 if compression else 1, 262: photometric}
    values |= {273: 8, 277: 1, 278: 6, 279: len(packed)}
    place = 8 + len(packed) + len(packed) % 2
    entries = {tag: value_of((value,), order) for tag, value in values.items()}
    data = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", place) + packed
    data = data.ljust(place, b"\0") + tags.write_directory(entries, order, place)
    expected = np.rint(samples / (2**bits - 1) * 65535)
    expected = expected if photometric == 1 else 65535 - expected
    assert np.abs(read(data).luma - expected).max() <= 1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", ["lzw", "zlib", "packbits", "zstd"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_white_may_be_zero(dtype, compression, order):
    samples = smooth(1, dtype)[..., 0]
    samples[:3] = 0
    data = tiff(samples, photometric="miniswhite", compression=compression, byteorder=order)
    assert np.array_equal(read(data).luma, np.invert(samples))


@pytest.mark.parametrize("compression", [None, "lzw", "zlib", "packbits", "zstd"])
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_gray_keeps_its_alpha(dtype, photometric, planar, compression):
    samples = smooth(2, dtype)
    stored = np.ascontiguousarray(np.moveaxis(samples, 2, 0)) if planar else samples
    photo = read(
        tiff(
            stored,
            photometric=photometric,
            planarconfig="separate" if planar else "contig",
            extrasamples=["unassalpha"],
            compression=compression,
        )
    )
    gray = samples[..., 0]
    assert np.array_equal(photo.luma, gray if photometric == "minisblack" else np.invert(gray))
    assert np.array_equal(photo.alpha, samples[..., 1])


@pytest.mark.parametrize("order", ["<", ">"])
def test_what_pillow_would_misread_needs_the_extra(monkeypatch, order):
    """Rather than to lose its alpha, or to be called damaged."""
    samples = np.ascontiguousarray(np.moveaxis(smooth(2), 2, 0))
    alpha = tiff(
        samples, photometric="minisblack", planarconfig="separate",
        extrasamples=["unassalpha"], compression="lzw", byteorder=order,
    )  # fmt: skip
    white = tiff(smooth(2), photometric="miniswhite", extrasamples=["unassalpha"],
                 planarconfig="contig", compression="lzw", byteorder=order)  # fmt: skip
    monkeypatch.setitem(sys.modules, "tifffile", None)
    for data in (alpha, white):
        with pytest.raises(MissingExtra, match=r"pip install '\.\[archive\]'"):
            read(data)


@pytest.mark.parametrize("bits", [3, 5, 7])
def test_odd_depths_are_not_called_damage(bits):
    data = tiff(np.zeros((8, 8), np.uint8), photometric="minisblack", bitspersample=bits)
    with pytest.raises(UnsupportedPhoto, match=f"its {bits}-bit pixels are not read; save it as"):
        read(data)
