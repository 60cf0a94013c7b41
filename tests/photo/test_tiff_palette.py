"""Palettes of every depth, and those that programs fill with 8 bits where 16 are due."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import UnreadablePhoto
from photochrom.photo.decode import read
from photochrom.photo.pixels import luma_of
from photochrom.photo.tags import BYTE, SHORT, Value
from tests.photo.handmade import NONE, handmade, shorts

PLACES = np.random.default_rng(3).integers(0, 1 << 16, (37, 53), dtype=np.uint32)


def color_map(levels: np.ndarray, order: str = "<") -> Value:
    """Levels (n, 3) of 16 bits as the tag has them."""
    return Value(SHORT, levels.size, np.ascontiguousarray(levels.T).astype(f"{order}u2").tobytes())


def levels_of(bits: int, most: int) -> np.ndarray:
    ramp = np.arange(1 << bits) * most // ((1 << bits) - 1)
    return np.stack([ramp, ramp[::-1], ramp // 2], -1)


def packings(bits: int) -> list[dict[str, object]]:
    deflate = {"compression": 8, "pack": zlib.compress}
    tiles = {"tile": (16, 32), "under": "STRIP"}
    return [{}, deflate, {"rows": 5}, tiles, {**tiles, **deflate}, {"big": True}]


@pytest.mark.parametrize("most", [255, 200, 256, 65535])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_a_map_that_never_exceeds_255_is_of_8_bits(bits, order, most):
    levels, places = levels_of(bits, most), PLACES % (1 << bits)
    meant = levels * 257 if most < 256 else levels
    expected = luma_of((meant if bits == 16 else meant >> 8).astype("u2")[places])
    for packing in packings(bits):
        data = handmade(
            places, bits=bits, order=order, photometric=3, COLOR_MAP=color_map(levels, order),
            **packing,
        )  # fmt: skip
        luma = read(data).luma
        assert luma.dtype == (np.uint16 if bits == 16 else np.uint8)
        assert np.array_equal(luma, expected), packing


def test_pillow_and_tifffile_see_the_same_colors():
    tifffile = pytest.importorskip("tifffile")
    levels, places = levels_of(8, 65535), PLACES % 256
    data = handmade(places, photometric=3, COLOR_MAP=color_map(levels))
    luma = read(data).luma
    rgb = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    assert np.array_equal(luma, luma_of(rgb))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        rgb = (file.pages.first.asrgb() >> 8).astype(np.uint8)
    assert np.array_equal(luma, luma_of(rgb))


@pytest.mark.parametrize("most", [255, 65535])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("extra", [0, 2])
def test_a_palette_with_another_channel(bits, most, extra):
    levels, places = levels_of(bits, most), PLACES % (1 << bits)
    other = PLACES[::-1] % (1 << bits)
    expected = read(handmade(places, bits=bits, photometric=3, COLOR_MAP=color_map(levels))).luma
    for packing in (
        {},
        {"planar": True},
        {"tile": (16, 16)},
        {"compression": 8, "pack": zlib.compress},
    ):
        photo = read(
            handmade(
                np.stack([places, other], -1), bits=bits, photometric=3,
                COLOR_MAP=color_map(levels), EXTRA_SAMPLES=shorts(extra), **packing,
            )
        )  # fmt: skip
        assert np.array_equal(photo.luma, expected)
        assert photo.alpha is None if extra == 0 else np.array_equal(photo.alpha, other)


def test_a_map_of_fewer_colors_or_of_bytes():
    places = PLACES % 10
    levels = levels_of(4, 255)[:10]
    expected = luma_of(levels.astype(np.uint8)[places])
    for made in (color_map(levels), Value(BYTE, 30, levels.T.astype(np.uint8).tobytes())):
        for bits in (4, 8):
            data = handmade(places, bits=bits, photometric=3, COLOR_MAP=made)
            assert np.array_equal(read(data).luma, expected)


def test_without_a_map_it_is_gray_or_refused():
    assert np.array_equal(read(handmade(PLACES % 256, photometric=3)).luma, PLACES % 256)
    with pytest.raises(UnreadablePhoto, match="its palette is missing"):
        read(handmade(PLACES % 16, bits=4, photometric=3, COLOR_MAP=NONE))
