"""TIFFs whose tags claim more than the file holds cost little, and are refused in a line."""

import struct
import tracemalloc
import zlib
from collections import Counter
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import PhotoError, PhotoTooLarge, UnreadablePhoto, UnsupportedPhoto
from photochrom.photo import tags
from photochrom.photo import tiff_tags as tiff
from photochrom.photo.decode import read, read_pages, size_of
from photochrom.photo.exif import value_of
from photochrom.photo.tags import LONG, Value, write_directory

NONE = Value(LONG, 0, b"")
"""For a tag that is left out."""


def numbers(*values: int) -> Value:
    return Value(LONG, len(values), struct.pack(f"<{len(values)}I", *values))


def page(height: int, width: int, packed: bytes, **more: Value) -> bytes:
    """A TIFF of one strip, one channel and 8 bits but for what ``more`` says, by tag's name."""
    values = {
        "WIDTH": numbers(width), "HEIGHT": numbers(height), "BITS": value_of((8,), "<"),
        "COMPRESSION": value_of((1,), "<"), "PHOTOMETRIC": value_of((1,), "<"),
        "STRIP_OFFSETS": numbers(8), "SAMPLES": value_of((1,), "<"),
        "ROWS_PER_STRIP": numbers(height), "STRIP_BYTES": numbers(len(packed)), **more,
    }  # fmt: skip
    entries = {getattr(tiff, name): value for name, value in values.items() if value.count}
    place = 8 + len(packed) + len(packed) % 2
    start = b"II*\0" + struct.pack("<I", place) + packed
    return start.ljust(place, b"\0") + write_directory(entries, "<", place)


def refused(data: bytes, kind: type[PhotoError], reason: str, most: float = 60e6) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(kind, match=reason):
            read(data)
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("planar", [1, 2])
@pytest.mark.parametrize("compression", [1, 5, 8, 32773, 34925, 50000])
def test_channels_without_number(compression, planar):
    rows, width, channels = 1000, 16, 65_535
    count = rows if planar == 1 else channels
    data = page(
        rows, width, bytes(width * channels), SAMPLES=value_of((channels,), "<"),
        PLANAR=value_of((planar,), "<"), COMPRESSION=value_of((compression,), "<"),
        ROWS_PER_STRIP=numbers(1 if planar == 1 else rows),
        STRIP_OFFSETS=numbers(*[8] * count), STRIP_BYTES=numbers(*[width * channels] * count),
    )  # fmt: skip
    refused(data, UnsupportedPhoto, "it has 65,535 channels; save it as")


@pytest.mark.parametrize("channels", [1, 4, 60])
@pytest.mark.parametrize("planar", [1, 2])
def test_plain_strips_that_lie_over_each_other(channels, planar):
    height, width = 1000, 50_000
    row = width * (channels if planar == 1 else 1)
    count = height if planar == 1 else height * channels
    more = {
        "SAMPLES": value_of((channels,), "<"), "PLANAR": value_of((planar,), "<"),
        "ROWS_PER_STRIP": numbers(1), "STRIP_OFFSETS": numbers(*[8] * count),
    }  # fmt: skip
    data = page(height, width, bytes(row), STRIP_BYTES=numbers(*[row] * count), **more)
    refused(data, UnreadablePhoto, "its strips lie over each other")
    # Nor does it help to leave the lengths out.
    data = page(height, width, bytes(row), STRIP_BYTES=NONE, **more)
    refused(data, UnreadablePhoto, "its strips lie over each other")


def test_a_plain_strip_need_not_state_its_length():
    samples = np.arange(35, dtype=np.uint8).reshape(5, 7)
    data = page(5, 7, samples.tobytes(), STRIP_BYTES=NONE)
    assert np.array_equal(read(data).luma, samples)


def test_rows_of_many_channels_are_read_few_at_a_time(monkeypatch):
    """Otherwise a strip takes as many times more memory as there are channels."""
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 1 << 14)
    height, width, channels = 4000, 16, 60
    samples = np.zeros((height, width, channels), np.uint8)
    samples[..., 0] = np.arange(height)[:, None]
    more = {"SAMPLES": value_of((channels,), "<"), "EXTRA_SAMPLES": value_of((0,) * 59, "<")}
    data = page(height, width, samples.tobytes(), **more)
    tracemalloc.start()
    try:
        assert np.array_equal(read(data).luma, samples[..., 0])
        assert tracemalloc.get_traced_memory()[1] < 0.15 * samples.size
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("compression", [34925, 50000, 50001, 34712, 7])
def test_next_to_nothing_that_claims_a_gigabyte(compression):
    data = page(20_000, 20_000, bytes(300), COMPRESSION=value_of((compression,), "<"))
    refused(data, PhotoTooLarge, "claims 400,000,000 bytes of pixels in 300")


@pytest.mark.parametrize("compression", ["zstd", "lzma"])
def test_a_blank_page_is_still_read(compression):
    imagecodecs = pytest.importorskip("imagecodecs")
    blank = np.full((4200, 4200), 250, np.uint8)
    if compression == "zstd":
        packed, number = imagecodecs.zstd_encode(blank, level=9), 50000
    else:
        packed, number = imagecodecs.lzma_encode(blank, level=0), 34925
    luma = read(page(4200, 4200, bytes(packed), COMPRESSION=value_of((number,), "<"))).luma
    assert luma.min() == luma.max() == 250


@pytest.mark.parametrize("compression", [1, 5, 8, 50000])
def test_tiles_beyond_the_picture(compression):
    packed = zlib.compress(bytes(1 << 20))
    data = page(
        16, 16, packed, COMPRESSION=value_of((compression,), "<"),
        SAMPLES=value_of((3,), "<"), PHOTOMETRIC=value_of((2,), "<"),
        STRIP_OFFSETS=NONE, STRIP_BYTES=NONE, ROWS_PER_STRIP=NONE,
        TILE_WIDTH=numbers(32_768), TILE_HEIGHT=numbers(32_768),
        TILE_OFFSETS=numbers(8), TILE_BYTES=numbers(len(packed)),
    )  # fmt: skip
    refused(data, UnreadablePhoto, "its tiles are of 32768 x 32768 pixels")


@pytest.mark.parametrize("compression", [8, 50000, 34925])
def test_a_strip_that_unpacks_to_more_than_its_pixels(compression):
    imagecodecs = pytest.importorskip("imagecodecs")
    pytest.importorskip("tifffile")
    coders = {8: "zlib_encode", 50000: "zstd_encode", 34925: "lzma_encode"}
    packed = bytes(getattr(imagecodecs, coders[compression])(bytes(30_000_000), level=1))
    more = {"SAMPLES": value_of((3,), "<"), "PHOTOMETRIC": value_of((2,), "<")}
    more["BITS"] = value_of((16,) * 3, "<")  # which Pillow does not keep
    data = page(16, 16, packed, COMPRESSION=value_of((compression,), "<"), **more)
    tracemalloc.start()
    try:
        with suppress(PhotoError):
            read(data)
        assert tracemalloc.get_traced_memory()[1] < 15e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("compression", "coder"),
    [(50001, "webp"), (34712, "jpeg2k"), (34933, "png"), (7, "jpeg"), (34887, "lerc")],
)
def test_a_picture_within_a_strip_that_claims_more(compression, coder, monkeypatch):
    imagecodecs = pytest.importorskip("imagecodecs")
    pytest.importorskip("tifffile")
    if coder == "jpeg":
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)  # so that Pillow does not read the page
    packed = bytes(getattr(imagecodecs, f"{coder}_encode")(np.zeros((3000, 3000, 3), np.uint8)))
    more = {"SAMPLES": value_of((3,), "<"), "PHOTOMETRIC": value_of((2,), "<")}
    more["COMPRESSION"] = value_of((compression,), "<")
    # A single strip that does not state its length is looked into as well.
    for data in (page(16, 16, packed, **more), page(16, 16, packed, STRIP_BYTES=NONE, **more)):
        if coder == "lerc":
            refused(
                data,
                UnsupportedPhoto,
                r"its packing \(LERC, compression 34887\) is not read; ",
                15e6,
            )
        else:
            reason = "a strip or tile of 16 x 16 pixels holds a picture of 3000 x 3000"
            refused(data, UnreadablePhoto, reason, 15e6)


def test_directories_that_lie_over_each_other_are_not_all_gone_through(tmp_path, monkeypatch):
    """Neither for the size nor for the picture: in all, hardly more bytes than the file has."""
    steps, span = 12_000, 4096
    data = bytearray(b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", span) * (2 * steps))
    data = data.ljust(8 + 2 + 12 * span, b"\0")
    data += b"".join(struct.pack("<I", 8 + 4 * step) for step in range(1, steps))
    path = tmp_path / "a.tif"
    path.write_bytes(data)
    looked_at = Counter[str]()

    def counted(fetch, header, offset, really=tags._table):
        table, end, size = really(fetch, header, offset)
        looked_at["bytes"] += len(table)
        return table, end, size

    monkeypatch.setattr(tags, "_table", counted)
    for look in (size_of, read, lambda source: list(read_pages(source))):
        looked_at.clear()
        with suppress(PhotoError):
            look(path)
        assert 0 < looked_at["bytes"] < 3 * len(data)


def test_values_are_not_read_for_the_size(tmp_path, monkeypatch, saved):
    """Nor are tags looked at one by one: a folder's files are measured before each is decoded."""
    frames = [Image.new("L", (4 + n, 3), 9) for n in range(3)]
    data = saved(frames[0], "TIFF", save_all=True, append_images=frames[1:], description="x" * 99)
    path = tmp_path / "a.tif"
    path.write_bytes(data)

    def refuse(*_args: object) -> None:
        raise AssertionError

    monkeypatch.setattr(tags, "_entries", refuse)
    monkeypatch.setattr(tags, "read_directory", refuse)
    assert size_of(path) == (3, 6)


@pytest.mark.parametrize(
    ("height", "width", "size"),
    [
        (value_of((7,), "<"), numbers(9), (7, 9)),
        (numbers(7, 8, 9), value_of((9, 8, 7), "<"), (7, 9)),
    ],
)
def test_a_size_may_be_stated_in_several_ways(tmp_path, height, width, size):
    path = tmp_path / "a.tif"
    path.write_bytes(page(1, 1, bytes(1), HEIGHT=height, WIDTH=width))
    assert size_of(path) == size


@pytest.mark.parametrize(
    ("height", "said"),
    [
        (Value(tags.LONG8, 1, struct.pack("<Q", 1 << 40)), "claims 9 x 1099511627776 pixels"),
        (Value(tags.RATIONAL, 1, bytes(8)), "it has no pixels"),
    ],
)
def test_a_size_that_no_picture_has(tmp_path, height, said):
    path = tmp_path / "a.tif"
    path.write_bytes(page(1, 1, bytes(1), HEIGHT=height, WIDTH=numbers(9)))
    with pytest.raises(PhotoError, match=said):
        size_of(path)


def test_a_size_that_lies_outside_the_file(tmp_path):
    data = bytearray(page(1, 1, bytes(1)))
    first = struct.unpack_from("<I", data, 4)[0]
    struct.pack_into("<HHII", data, first + 2, tiff.WIDTH, LONG, 5, 1 << 30)
    path = tmp_path / "a.tif"
    path.write_bytes(data)
    with pytest.raises(PhotoError, match="it has no pixels"):
        size_of(path)
