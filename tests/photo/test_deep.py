"""16 bits per channel: kept from file to file."""

import io
import struct
import subprocess
import sys
import tracemalloc
import zlib
from itertools import product

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import MissingExtra, UnreadablePhoto, UnsupportedPhoto
from photochrom.photo.decode import read
from photochrom.photo.encode import write
from photochrom.photo.photo import Metadata
from photochrom.photo.pixels import pixels_of_image

imagecodecs = pytest.importorskip("imagecodecs")
tifffile = pytest.importorskip("tifffile")


def deep(channels: int) -> np.ndarray:
    shape = (31, 45, channels) if channels > 1 else (31, 45)
    return np.random.default_rng(channels).integers(0, 65536, shape, dtype=np.uint16)


def expected_luma(samples: np.ndarray) -> np.ndarray:
    if samples.ndim == 2 or samples.shape[2] == 2:
        return samples if samples.ndim == 2 else samples[..., 0]
    exact = samples[..., :3].astype(np.float64) @ [0.299, 0.587, 0.114]
    return np.rint(exact)


def check(photo, samples):
    assert photo.depth == 16
    assert np.abs(photo.luma - expected_luma(samples).astype(int)).max() <= 1
    if samples.ndim == 3 and samples.shape[2] in (2, 4):
        assert np.array_equal(photo.alpha, samples[..., -1])
    else:
        assert photo.alpha is None


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png(channels):
    samples = deep(channels)
    check(read(imagecodecs.png_encode(samples)), samples)


@pytest.mark.parametrize("channels", [2, 3, 4])
@pytest.mark.parametrize("filter", [0x08, 0x10, 0x20, 0x40, 0x80, 0xF8])
def test_png_in_many_strips_with_every_row_filter(monkeypatch, channels, filter):
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 200)
    samples = np.cumsum(deep(channels) >> 8, axis=1, dtype=np.uint16)
    data = imagecodecs.png_encode(samples, filter=filter)
    assert np.array_equal(imagecodecs.png_decode(data), samples)
    check(read(data), samples)


def test_interlaced_png():
    samples = np.zeros((1, 1, 3), np.uint16) + np.uint16(40_000)
    data = bytearray(imagecodecs.png_encode(samples))
    data[28] = 1  # a single pixel is the whole first pass
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    check(read(bytes(data)), samples)


def test_one_transparent_color_of_a_deep_png():
    samples = deep(3)
    samples[4, 5] = samples[6, 7] = (1, 2, 3)
    data = imagecodecs.png_encode(samples)
    payload = b"tRNS" + struct.pack(">HHH", 1, 2, 3)
    chunk = struct.pack(">I", 6) + payload + struct.pack(">I", zlib.crc32(payload))
    photo = read(data[:33] + chunk + data[33:])
    assert np.argwhere(photo.alpha == 0).tolist() == [[4, 5], [6, 7]]
    assert photo.alpha.max() == 65535


def test_a_damaged_deep_png():
    data = bytearray(imagecodecs.png_encode(deep(3)))
    at = data.index(b"IDAT") + 2000
    data[at] ^= 0xFF
    with pytest.raises(UnreadablePhoto, match="it is damaged"):
        read(bytes(data))


LAYOUTS = [
    {},
    {"byteorder": ">"},
    {"rowsperstrip": 4, "compression": "zlib", "predictor": True},
    {"rowsperstrip": 5, "compression": "lzw"},
    {"tile": (16, 32)},
    {"bigtiff": True},
]
PLANES = {"planarconfig": "separate"}


@pytest.mark.parametrize(
    ("channels", "layout"),
    [*product([1, 2, 3, 4], LAYOUTS), *product([2, 3, 4], [PLANES])],
)
def test_tiff(channels, layout):
    samples = deep(channels)
    if layout.get("planarconfig") == "separate":
        stored = np.ascontiguousarray(np.moveaxis(samples, 2, 0))
    else:
        stored = samples
    photometric = "rgb" if channels >= 3 else "minisblack"
    extra = ["unassalpha"] if channels in (2, 4) else None
    buffer = io.BytesIO()
    if channels > 1 and "planarconfig" not in layout:
        layout = {**layout, "planarconfig": "contig"}
    tifffile.imwrite(buffer, stored, photometric=photometric, extrasamples=extra, **layout)
    check(read(buffer.getvalue()), samples)


def test_tiff_in_one_strip_per_many(monkeypatch):
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 100)
    test_tiff(3, {"rowsperstrip": 4})


def test_white_may_be_zero():
    samples = deep(1)
    for dtype in (np.uint8, np.uint16):
        buffer = io.BytesIO()
        tifffile.imwrite(buffer, samples.astype(dtype), photometric="miniswhite")
        assert np.array_equal(read(buffer.getvalue()).luma, ~samples.astype(dtype))


def test_associated_alpha_is_divided_out():
    samples = deep(2)
    samples[..., 1] |= 0x8000
    premultiplied = samples.copy()
    premultiplied[..., 0] = samples[..., 0].astype(np.uint64) * samples[..., 1] // 65535
    buffer = io.BytesIO()
    tifffile.imwrite(
        buffer,
        premultiplied,
        photometric="minisblack",
        planarconfig="contig",
        extrasamples=["assocalpha"],
    )
    photo = read(buffer.getvalue())
    assert np.abs(photo.luma.astype(int) - samples[..., 0]).max() <= 2


def test_deep_tiff_is_turned_upright():
    samples = deep(3)
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, samples, photometric="rgb", extratags=[(274, 3, 1, 6, True)])
    check(read(buffer.getvalue()), np.rot90(samples, -1))


def test_pictures_beyond_pillows_limit(monkeypatch, color_picture, saved):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    expected = np.asarray(color_picture.convert("L"))
    for format in ("PNG", "TIFF", "BMP", "JPEG"):
        luma = read(saved(color_picture, format)).luma
        assert np.abs(luma - expected.astype(int)).max() <= (16 if format == "JPEG" else 0)
    assert Image.MAX_IMAGE_PIXELS == 100


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_without_the_extra_the_line_says_how(monkeypatch, tmp_path, kind):
    path = tmp_path / f"deep.{kind.lower()}"
    if kind == "PNG":
        path.write_bytes(imagecodecs.png_encode(deep(3)))
    else:
        tifffile.imwrite(path, deep(3), photometric="rgb", compression="zlib")
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(MissingExtra, match=r"deep\..*pip install '\.\[archive\]'"):
        read(path)


def test_what_would_lose_something_is_refused():
    for array in (np.zeros((4, 4), np.float32), np.zeros((4, 4), np.int16)):
        buffer = io.BytesIO()
        tifffile.imwrite(buffer, array)
        with pytest.raises(UnsupportedPhoto, match="its pixels are"):
            read(buffer.getvalue())
    with pytest.raises(UnsupportedPhoto, match="16 bits per channel"):
        read(b"P6 1 1 65535\n" + bytes(6))
    opened = Image.open(io.BytesIO(imagecodecs.png_encode(deep(3))))
    with pytest.raises(UnsupportedPhoto, match="8 of its 16 bits"):
        read(opened)


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I"])
def test_deep_gray_is_taken_in_strips(monkeypatch, mode):
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 1 << 12)
    samples = np.random.default_rng(4).integers(0, 65536, (1000, 1000), dtype=np.uint16)
    stored = samples.astype({"I": "<i4", "I;16": "<u2", "I;16B": ">u2"}[mode])
    image = Image.frombytes(mode, (1000, 1000), stored.tobytes())
    tracemalloc.start()
    try:
        luma = pixels_of_image(image).luma
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.25 * luma.nbytes  # Pillow's own is not counted
    assert (luma.dtype, luma.dtype.isnative) == (np.uint16, True)
    assert np.array_equal(luma, samples)


def test_one_transparent_level_of_a_deep_gray_png(monkeypatch, saved):
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 100)
    samples = deep(1)
    samples[samples == 7] = 8
    samples[4, 5] = samples[30, 44] = 7
    photo = read(saved(Image.fromarray(samples), "PNG", transparency=7))
    assert np.argwhere(photo.alpha == 0).tolist() == [[4, 5], [30, 44]]
    assert (photo.alpha.dtype, photo.alpha.max()) == (np.uint16, 65535)
    assert np.array_equal(photo.luma, samples)


@pytest.mark.parametrize("level", [-1, 65536])
@pytest.mark.parametrize("row", [0, 30])
def test_integers_beyond_16_bits(monkeypatch, level, row):
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 100)
    samples = deep(1).astype(np.int32)
    samples[row, 3] = level
    with pytest.raises(UnsupportedPhoto, match="integers beyond 16 bits"):
        read(Image.fromarray(samples))


def test_deep_pgm():
    photo = read(b"P5 2 1 65535\n\x01\x02\xff\xff")
    assert (photo.depth, photo.luma.tolist()) == (16, [[0x0102, 65535]])


def test_cut_short():
    data = imagecodecs.png_encode(deep(3))
    with pytest.raises(UnreadablePhoto, match="cut short"):
        read(data[: len(data) // 2])
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, deep(3), photometric="rgb", rowsperstrip=4)
    with pytest.raises(UnreadablePhoto, match="cut short"):
        read(buffer.getvalue()[: len(buffer.getvalue()) // 2])


def test_remarks_of_tifffile_are_not_printed(tmp_path):
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, deep(3), photometric="rgb", extratags=[(65000, 2, 99, "x" * 98, True)])
    data = bytearray(buffer.getvalue())
    at = data.index(struct.pack("<HHI", 65000, 2, 99)) + 8
    data[at : at + 4] = b"\xff\xff\xff\x7f"
    (tmp_path / "odd.tif").write_bytes(data)
    code = f"from photochrom.photo.decode import read; read({str(tmp_path / 'odd.tif')!r})"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
@pytest.mark.parametrize("with_alpha", [False, True])
def test_luma_comes_back(tint, luma16, format, with_alpha):
    alpha = luma16[::-1].copy() if with_alpha else None
    buffer = io.BytesIO()
    write(tint(luma16), buffer, format=format, metadata=Metadata(), alpha=alpha)
    photo = read(buffer.getvalue())
    assert photo.depth == 16
    assert np.abs(photo.luma.astype(int) - luma16).max() <= 1
    assert photo.tone is not None  # one chroma everywhere: a toned picture
    assert (photo.alpha is None) if alpha is None else np.array_equal(photo.alpha, alpha)


def test_every_sample_is_as_the_coloring_gave_it(tint, luma16, monkeypatch):
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 300)
    coloring = tint(luma16)
    for format, decode in (("PNG", imagecodecs.png_decode), ("TIFF", None)):
        buffer = io.BytesIO()
        write(coloring, buffer, format=format)
        buffer.seek(0)
        stored = tifffile.imread(buffer) if decode is None else decode(buffer.getvalue())
        assert np.array_equal(stored, coloring.rgb(0, coloring.height))


def test_gray_deep_photos_need_no_extra(monkeypatch, tint, luma16, saved):
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    monkeypatch.setitem(sys.modules, "tifffile", None)
    for format in ("PNG", "TIFF"):
        assert np.array_equal(read(saved(Image.fromarray(luma16), format)).luma, luma16)
        write(tint(luma16), io.BytesIO(), format=format)
