"""Where a TIFF's pixels lie is told right though its tags contradict each other."""

import io
import struct
import sys
import zlib
from itertools import product

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import MissingExtra, PhotoError, UnreadablePhoto, UnsupportedPhoto
from photochrom.photo.decode import read, read_pages
from photochrom.photo.pixels import luma_of
from photochrom.photo.tags import ASCII, LONG8, Value
from tests.photo.handmade import NONE, handmade, longs, shorts

DOUBLE = 12
ROWS, COLUMNS = np.mgrid[0:37, 0:53]
GRAY = (ROWS * 3 + COLUMNS * 2).astype(np.uint16)
RGB = np.stack([GRAY, np.minimum(GRAY + 30, 255), GRAY // 2], -1)


def of_depth(samples: np.ndarray, bits: int) -> np.ndarray:
    return samples * np.uint16(257 if bits == 16 else 1)


def same(data: bytes, expected: np.ndarray) -> bool:
    return np.array_equal(read(data).luma, expected)


def seen_by_tifffile(data: bytes) -> np.ndarray:
    tifffile = pytest.importorskip("tifffile")
    return tifffile.imread(io.BytesIO(data))


@pytest.mark.parametrize("under", ["STRIP", "TILE"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("kind", ["black", "white", "rgb", "planar"])
@pytest.mark.parametrize("packed", [False, True])
def test_tiles_are_tiles_whatever_their_tables_stand_under(kind, bits, order, under, packed):
    color = kind in ("rgb", "planar")
    samples = of_depth(RGB if color else GRAY, bits)
    photometric = 2 if color else int(kind == "black")
    options = {"compression": 8, "pack": zlib.compress} if packed else {}
    for tile, big in product([(16, 16), (32, 16), (64, 64)], [False, True]):
        data = handmade(
            samples, bits=bits, order=order, photometric=photometric, tile=tile, under=under,
            planar=kind == "planar", big=big, **options,
        )  # fmt: skip
        seen = seen_by_tifffile(data)
        assert np.array_equal(np.moveaxis(seen, 0, -1) if kind == "planar" else seen, samples)
        dtype = np.uint16 if bits == 16 else np.uint8
        gray = luma_of(samples.astype(dtype)) if color else samples
        assert same(data, 2**bits - 1 - gray if kind == "white" else gray)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_tiles_of_few_bits_under_the_tags_of_strips(bits):
    samples = GRAY % 2**bits
    data = handmade(samples, bits=bits, tile=(16, 16), under="STRIP")
    assert same(data, samples * (255 // (2**bits - 1)))


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("photometric", [0, 1, 2])
def test_plain_tiles_need_no_extra(monkeypatch, bits, photometric):
    monkeypatch.setitem(sys.modules, "tifffile", None)
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 300)
    samples = of_depth(RGB if photometric == 2 else GRAY, bits)
    options = {"bits": bits, "photometric": photometric, "order": ">"}
    strips = read(handmade(samples, **options)).luma
    for planar in (False, True):
        assert same(handmade(samples, tile=(16, 32), planar=planar, **options), strips)


def test_tables_may_stand_under_either_tag_or_both():
    assert same(handmade(GRAY, rows=8, under="TILE"), GRAY)
    mixed = handmade(GRAY, tile=(16, 16), TILE_BYTES=NONE, STRIP_BYTES=lambda _, n: longs(*n))
    assert same(mixed, GRAY)
    left = {"STRIP_OFFSETS": longs(8), "STRIP_BYTES": longs(10), "ROWS_PER_STRIP": longs(16)}
    assert same(handmade(GRAY, tile=(16, 16), **left), GRAY)
    assert same(handmade(GRAY, rows=8, TILE_WIDTH=longs(0), TILE_HEIGHT=longs(0)), GRAY)


@pytest.mark.parametrize("rows", [5, 8, 37])
@pytest.mark.parametrize("stated", [NONE, longs(0), longs(37), longs(2**32 - 1)])
def test_the_number_of_strips_tells_their_rows(rows, stated):
    for gap in (0, 3):
        strips = {"rows": rows, "gap": gap, "ROWS_PER_STRIP": stated}
        assert same(handmade(GRAY, **strips), GRAY)
        assert same(handmade(GRAY, compression=8, pack=zlib.compress, **strips), GRAY)
        zero = {"STRIP_BYTES": lambda _, lengths: longs(*[0] * len(lengths))}
        for lengths in ({"STRIP_BYTES": NONE}, zero):
            assert same(handmade(GRAY, **strips, **lengths), GRAY)


@pytest.mark.parametrize("rows", [4, 9, 16, 36])
def test_lengths_tell_rows_that_are_stated_wrong(rows):
    assert same(handmade(GRAY, rows=8, gap=3, ROWS_PER_STRIP=longs(rows)), GRAY)


@pytest.mark.parametrize("rows", [8, 37])
def test_lengths_tell_whether_channels_are_apart(rows):
    expected = luma_of(RGB.astype(np.uint8))
    for stated, planar in product((0, 1, 2), (False, True)):
        if stated or not planar:
            data = handmade(RGB, photometric=2, rows=rows, planar=planar, PLANAR=shorts(stated))
            assert same(data, expected), (stated, planar)
    packed = handmade(RGB, photometric=2, PLANAR=shorts(2), compression=8, pack=zlib.compress)
    assert same(packed, expected)


def test_a_single_channel_has_a_single_plane():
    for options in ({}, {"compression": 8, "pack": zlib.compress}, {"tile": (16, 16)}):
        assert same(handmade(GRAY, PLANAR=shorts(2), **options), GRAY)


@pytest.mark.parametrize("packed", [False, True])
def test_missing_tags_mean_what_libtiff_supposes(packed):
    options = {"compression": 8, "pack": zlib.compress} if packed else {}
    rgb = luma_of(RGB.astype(np.uint8))
    assert same(handmade(RGB, photometric=2, SAMPLES=NONE, **options), rgb)
    assert same(handmade(RGB, photometric=2, BITS=shorts(8), **options), rgb)
    assert same(handmade(RGB, PHOTOMETRIC=NONE, **options), rgb)
    assert same(handmade(GRAY, PHOTOMETRIC=NONE, **options), GRAY)
    assert same(handmade(GRAY, PHOTOMETRIC=shorts(2), **options), GRAY)
    assert same(handmade(GRAY, PHOTOMETRIC=shorts(6), **options), GRAY)
    assert same(handmade(GRAY, SAMPLE_FORMAT=shorts(0), **options), GRAY)
    assert same(handmade(GRAY, SAMPLE_FORMAT=shorts(3), **options), GRAY)  # floats of 8 bits
    assert same(handmade(GRAY, SAMPLE_FORMAT=shorts(4), **options), GRAY)
    assert same(handmade(GRAY, FILL_ORDER=shorts(0), **options), GRAY)
    assert same(handmade(GRAY % 2, bits=1, BITS=NONE, **options), GRAY % 2 * 255)
    assert same(handmade(GRAY % 2, bits=1, PHOTOMETRIC=NONE, **options), GRAY % 2 * 255)
    if not packed:
        assert same(handmade(GRAY, BITS=NONE), GRAY)


def test_a_fax_without_photometric_interpretation_is_black_on_white(saved):
    picture = Image.fromarray((GRAY % 2 * 255).astype(np.uint8)).convert("1")
    data = bytearray(saved(picture, "TIFF", compression="group4"))
    at = data.index(b"\x06\x01\x03\x00\x01\x00\x00\x00")
    stated = read(bytes(data)).luma
    data[at : at + 2] = b"\xfe\xff"  # another tag
    assert np.array_equal(read(bytes(data)).luma, 255 - stated if data[at + 8] else stated)


@pytest.mark.parametrize(
    ("tags", "kind", "reason"),
    [
        ({"BITS": shorts(8, 8, 16)}, UnsupportedPhoto, r"different depths \(8, 8, 16 bits\); save"),
        ({"STRIP_OFFSETS": longs(0)}, UnreadablePhoto, "strips are nowhere in the file"),
        ({"STRIP_OFFSETS": NONE}, UnreadablePhoto, "cut short: 0 of its 1 strips are there"),
        ({"STRIP_OFFSETS": longs(1 << 30)}, UnreadablePhoto, "cut short"),
    ],
)
def test_what_cannot_be_told_is_refused(tags, kind, reason):
    with pytest.raises(kind, match=reason):
        read(handmade(RGB, photometric=2, **tags))


@pytest.mark.parametrize("side", [1 << 31, (1 << 32) - 1, 1 << 63, (1 << 64) - 1])
@pytest.mark.parametrize("name", ["WIDTH", "HEIGHT", "TILE_WIDTH", "TILE_HEIGHT", "ROWS_PER_STRIP"])
def test_sides_without_bounds(name, side):
    long = Value(LONG8, 1, struct.pack("<Q", side))
    tile = (16, 16) if name.startswith("TILE") else None
    if name == "ROWS_PER_STRIP":
        assert same(handmade(GRAY, **{name: long}), GRAY)
        return
    with pytest.raises(PhotoError, match=r"it claims|its tiles are of"):
        read(handmade(GRAY, tile=tile, **{name: long}))


def test_tables_that_list_too_few():
    short = {"STRIP_OFFSETS": lambda starts, _: longs(*starts[:3])}
    with pytest.raises(UnreadablePhoto, match="cut short: 3 of its 5 strips are there"):
        read(handmade(GRAY, rows=8, **short))
    short = {"TILE_OFFSETS": lambda starts, _: longs(*starts[:3])}
    with pytest.raises(UnreadablePhoto, match="cut short: 3 of its 12 tiles are there"):
        read(handmade(GRAY, tile=(16, 16), **short))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_is_put_right_is_read_by_every_reader(tmp_path, dtype):
    """Pillow, and tifffile where that is needed: both are given the tags as they are meant."""
    bits = np.dtype(dtype).itemsize * 8
    wrong = {"tile": (16, 16), "under": "STRIP", "compression": 8, "pack": zlib.compress}
    data = handmade(of_depth(RGB, bits), bits=bits, photometric=2, **wrong)
    (tmp_path / "a.tif").write_bytes(data)
    try:
        photo = read(tmp_path / "a.tif")
    except MissingExtra:
        pytest.skip("needs the extra")
    assert np.array_equal(photo.luma, luma_of(of_depth(RGB, bits).astype(dtype)))
    assert (tmp_path / "a.tif").read_bytes() == data


@pytest.mark.parametrize("name", ["BITS", "SAMPLES", "PHOTOMETRIC", "PLANAR", "COMPRESSION"])
@pytest.mark.parametrize("bits", [1, 8])
def test_tags_that_are_no_numbers_count_as_missing(name, bits):
    """For every reader: Pillow would take the text, or fail on it in Python's own words."""
    samples = GRAY % 2**bits
    for value in (Value(ASCII, 4, b"abc\0"), Value(DOUBLE, 1, struct.pack("<d", 8.5))):
        data = handmade(samples, bits=bits, rows=8, **{name: value})
        assert same(data, samples * (255 // (2**bits - 1)))


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_picture_below_its_own_thumbnail(order):
    """The first directory is that of a reduced picture, and another below it that of the whole."""
    whole = handmade(GRAY, order=order)
    small = handmade(GRAY[::8, ::8], order=order, SUBFILE=longs(1, order=order))
    assert same(small, GRAY[::8, ::8])
    # The whole page is moved behind the small one, and its offsets with it.
    start = len(small) + len(small) % 2
    tags = {"SUBFILE": longs(1, order=order), "SUB_DIRECTORIES": longs(start + 8 + 12, order=order)}
    small = handmade(GRAY[::8, ::8], order=order, **tags)
    start = len(small) + len(small) % 2
    place = longs(start + 8, order=order)
    small = handmade(GRAY[::8, ::8], order=order, **{**tags, "SUB_DIRECTORIES": place})
    moved = handmade(
        GRAY, order=order, STRIP_OFFSETS=lambda at, _: longs(at[0] + start, order=order)
    )
    data = small.ljust(start, b"\0") + moved
    assert len(moved) == len(whole)
    assert same(data, GRAY)
    assert [photo.luma.shape for photo in read_pages(data)] == [GRAY.shape]
