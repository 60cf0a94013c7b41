"""Every kind of TIFF is read as it means, or refused in a line that says what to do."""

import io
import struct
import tracemalloc
from collections import Counter

import numpy as np
import pytest
from PIL import Image, ImageCms, TiffImagePlugin

from photochrom.errors import UnreadablePhoto, UnsupportedPhoto
from photochrom.photo import tags
from photochrom.photo.decode import read, read_pages

imagecodecs = pytest.importorskip("imagecodecs")
tifffile = pytest.importorskip("tifffile")


def tiff(samples: np.ndarray, **layout: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, samples, **layout)
    return buffer.getvalue()


def smooth(channels: int, dtype: type = np.uint8) -> np.ndarray:
    y, x = np.mgrid[0:37, 0:53]
    planes = [90 + x + y * (0.3 * k) for k in range(channels)]
    return (np.stack(planes, -1) * (257 if dtype == np.uint16 else 1)).astype(dtype)


def luma_of(rgb: np.ndarray) -> np.ndarray:
    return rgb[..., :3].astype(float) @ [0.299, 0.587, 0.114]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"rowsperstrip": 5},
        {"byteorder": ">"},
        {"bigtiff": True},
        {"tile": (16, 32)},
        {"compression": "zlib", "predictor": True},
        {"compression": "zstd"},
        {"compression": "packbits", "rowsperstrip": 3},
        {"planarconfig": "separate"},
        {"planarconfig": "separate", "rowsperstrip": 4},
        {"planarconfig": "separate", "compression": "lzw"},
        {"planarconfig": "separate", "tile": (16, 16)},
    ],
)
@pytest.mark.parametrize("kind", ["gray", "rgb", "rgba", "cmyk", "more"])
def test_every_layout_gives_the_same_luma(monkeypatch, dtype, layout, kind):
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 300)
    channels = {"gray": 1, "rgb": 3, "rgba": 4, "cmyk": 4, "more": 5}[kind]
    samples = smooth(channels, dtype)
    photometric = {"gray": "minisblack", "cmyk": "separated"}.get(kind, "rgb")
    options = {"rgba": {"extrasamples": ["unassalpha"]}, "more": {"extrasamples": [0, 0]}}
    plain = tiff(
        samples.squeeze(), photometric=photometric, **options.get(kind, {}),
        **({} if channels == 1 else {"planarconfig": "contig"}),
    )  # fmt: skip
    stored = samples.squeeze()
    if channels == 1:
        layout = {k: v for k, v in layout.items() if k != "planarconfig"}
    elif layout.get("planarconfig") == "separate":
        stored = np.ascontiguousarray(np.moveaxis(samples, 2, 0))
    else:
        layout = {**layout, "planarconfig": "contig"}
    photo = read(tiff(stored, photometric=photometric, **options.get(kind, {}), **layout))
    assert np.array_equal(photo.luma, read(plain).luma)
    assert photo.luma.dtype == dtype
    if kind == "cmyk":
        left = 1 - samples.astype(float) / np.iinfo(dtype).max
        rgb = left[..., :3] * left[..., 3:] * np.iinfo(dtype).max
        assert np.abs(photo.luma - luma_of(rgb)).max() <= 2
    elif kind != "gray":
        assert np.abs(photo.luma - luma_of(samples)).max() <= 1
    assert (photo.alpha is not None) == (kind == "rgba")


@pytest.mark.parametrize("bits", [10, 12, 14])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite", "rgb"])
def test_fewer_than_16_bits_fill_the_range(bits, photometric):
    samples = np.zeros((8, 9, 3), np.uint16)
    samples[2:] = 2**bits - 1
    samples = samples if photometric == "rgb" else samples[..., 0]
    luma = read(tiff(samples, bitspersample=bits, photometric=photometric)).luma
    black, white = (65535, 0) if photometric == "miniswhite" else (0, 65535)
    assert set(luma[:2].flat) == {black}
    assert set(luma[2:].flat) == {white}


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("photometric", ["cielab", "icclab"])
def test_lab_is_the_srgb_that_it_was_made_of(depth, photometric):
    rgb = smooth(3)
    to_lab = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    signed = np.asarray(ImageCms.applyTransform(Image.fromarray(rgb), to_lab))
    shift = 0 if photometric == "cielab" else 128
    samples = signed ^ np.array([0, shift, shift], np.uint8)
    if depth == 16:
        whole = 0xFF00 if photometric == "icclab" else 65535
        L = np.rint(signed[..., :1] / 255 * whole).astype(np.uint16)
        ab = signed[..., 1:].view(np.int8).astype(np.int16) * 256
        ab = ab.view(np.uint16) ^ np.uint16(0x8000 if photometric == "icclab" else 0)
        samples = np.concatenate([L, ab], -1)
    photo = read(tiff(samples, photometric=photometric, compression="zlib"))
    level = 257 if depth == 16 else 1
    assert photo.depth == depth
    assert np.abs(photo.luma / level - luma_of(rgb)).max() <= 2
    assert ImageCms.getProfileDescription(
        ImageCms.ImageCmsProfile(io.BytesIO(photo.metadata.icc))
    ).startswith("sRGB")


def test_subsampled_jpeg_in_tiff(saved, color_picture):
    data = saved(color_picture, "TIFF", compression="jpeg", quality=95)
    expected = np.asarray(color_picture.convert("L")).astype(int)
    assert np.abs(read(data).luma - expected).mean() < 2


@pytest.mark.parametrize("layout", [{}, {"tile": (16, 32)}, {"rowsperstrip": 16}])
@pytest.mark.parametrize("compression", ["webp", "jpeg2000", "png", "jpeg"])
def test_rare_packings(compression, layout, monkeypatch):
    samples, options = smooth(3), {}
    if compression == "jpeg":
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)  # so that Pillow does not read the page
    if compression != "png":
        options = {"compressionargs": {"level": 100}}
    data = tiff(samples, compression=compression, photometric="rgb", **options, **layout)
    assert np.abs(read(data).luma - luma_of(samples)).max() <= 4


@pytest.mark.parametrize(
    ("samples", "layout", "reason"),
    [
        (np.zeros((4, 4), np.float32), {}, "floating point; save it as 16-bit gray or RGB"),
        (np.zeros((4, 4), np.float16), {}, "floating point"),
        (np.zeros((4, 4), np.int16), {}, "signed numbers of 16 bits; save it as .* without a sign"),
        (np.full((4, 4), 65536, np.uint32), {}, "integers beyond 16 bits; scale them to"),
        (np.full((4, 4), -1, np.int32), {}, "integers beyond 16 bits; scale them to"),
        (np.zeros((4, 4, 3), np.uint32), {"photometric": "rgb"}, "numbers of 32 bits; save it"),
        (np.zeros((4, 4), np.complex64), {}, "complex numbers of 64 bits; save it as"),
        (np.zeros((4, 4), np.uint16), {"photometric": "cfa"}, "raw camera file; develop it"),
        (np.zeros((4, 4, 3), np.uint8), {"photometric": "itulab"}, "rare kind .*; save it as"),
        (np.zeros((4, 4, 4), np.uint8),
         {"photometric": "separated", "planarconfig": "contig",
          "extratags": [(332, 3, 1, 2, True)]}, "not CMYK; save it as"),
    ],
)  # fmt: skip
def test_what_would_lose_something_is_refused(samples, layout, reason):
    with pytest.raises(UnsupportedPhoto, match=rf"^the given bytes cannot be read: .*{reason}"):
        read(tiff(samples, **layout))


def test_plain_rows_that_are_missing():
    data = tiff(smooth(3), photometric="rgb", rowsperstrip=4)
    with pytest.raises(UnreadablePhoto, match="cut short"):
        read(data[: len(data) - 60])


def test_plain_color_of_16_bits_needs_no_extra(monkeypatch):
    samples = smooth(3, np.uint16)
    data = tiff(samples, photometric="rgb")
    monkeypatch.setitem(__import__("sys").modules, "imagecodecs", None)
    monkeypatch.setitem(__import__("sys").modules, "tifffile", None)
    assert np.abs(read(data).luma - luma_of(samples)).max() <= 1


def reversed_bits(samples: np.ndarray) -> bytes:
    """An uncompressed gray TIFF whose bytes have their lowest bit first (FillOrder 2)."""
    height, width = samples.shape
    mirror = np.array([int(f"{byte:08b}"[::-1], 2) for byte in range(256)], np.uint8)
    rows = mirror[np.frombuffer(samples.astype(f"<u{samples.itemsize}").tobytes(), np.uint8)]
    bits, start = samples.itemsize * 8, 8 + 2 + 12 * 10 + 4
    tags = (256, width), (257, height), (258, bits), (259, 1), (262, 1), (266, 2), (273, start)
    tags += (277, 1), (278, height), (279, rows.size)
    directory = struct.pack("<H", len(tags))
    directory += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<I", 8) + directory + bytes(4) + rows.tobytes()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_bytes_may_begin_with_their_lowest_bit(dtype):
    samples = smooth(1, dtype)[..., 0]
    assert np.array_equal(read(reversed_bits(samples)).luma, samples)


@pytest.mark.parametrize("compression", [None, "lzw"])
def test_tags_that_all_claim_the_same_bytes_cost_little(compression):
    """Each of them read, these 300 kB would take gigabytes, and a larger file all that there is."""
    plain = bytearray(tiff(smooth(1)[..., 0], photometric="minisblack", compression=compression))
    first = struct.unpack_from("<I", plain, 4)[0]
    count = struct.unpack_from("<H", plain, first)[0]
    own = bytes(plain[first + 2 : first + 2 + 12 * count])
    claim, more = 250_000, 4000
    many = b"".join(struct.pack("<HHII", 60_000 + n, 7, claim, 8) for n in range(more))
    struct.pack_into("<I", plain, 4, len(plain))
    data = bytes(plain) + struct.pack("<H", count + more) + own + many + bytes(4 + claim)
    tracemalloc.start()
    try:
        with pytest.raises(UnreadablePhoto, match="its tags lie over each other"):
            read(data)
        assert tracemalloc.get_traced_memory()[1] < 200e6
    finally:
        tracemalloc.stop()


def pages_of(count: int, sample: np.ndarray, *, bigtiff: bool, **layout: object) -> bytes:
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer, bigtiff=bigtiff, byteorder=">" if bigtiff else "<") as file:
        for number in range(count):
            file.write(sample + sample.dtype.type(number), metadata=None, **layout)
    return buffer.getvalue()


@pytest.mark.parametrize("from_a_file", [False, True])
@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("compression", [None, "lzw"])
@pytest.mark.parametrize(("dtype", "channels"), [(np.uint8, 1), (np.uint16, 3)])
def test_pages_cost_the_same_wherever_they_are(
    monkeypatch, tmp_path, from_a_file, bigtiff, compression, dtype, channels
):
    """Directories read grow as the pages do, and not as their square, whoever reads them."""
    work = Counter[object]()

    def counting(really):
        def counted(*args, **options):
            work[really] += 1
            return really(*args, **options)

        return counted

    for place, name in (
        (tags, "_table"),
        (TiffImagePlugin.ImageFileDirectory_v2, "load"),
        (tifffile.TiffPage, "__init__"),
    ):
        monkeypatch.setattr(place, name, counting(getattr(place, name)))
    costs = []
    for count in (5, 10, 20):
        sample = np.zeros((4, 6, channels), dtype).squeeze()
        photometric = "rgb" if channels == 3 else "minisblack"
        data = pages_of(
            count, sample, bigtiff=bigtiff, photometric=photometric, compression=compression
        )
        (tmp_path / "a.tif").write_bytes(data)
        work.clear()
        photos = list(read_pages(tmp_path / "a.tif" if from_a_file else data))
        assert [int(photo.luma[-1, -1]) for photo in photos] == list(range(count))
        costs.append(work.total())
    assert costs[2] - costs[1] == 2 * (costs[1] - costs[0])


@pytest.mark.parametrize("compression", ["zlib", "lzw"])
def test_one_large_strip_costs_no_copies_of_itself(monkeypatch, compression):
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 1 << 15)
    samples = np.tile(np.arange(1000, dtype=np.uint16)[:, None, None] * 60, (1, 1000, 3))
    data = tiff(samples, photometric="rgb", compression=compression, rowsperstrip=1000)
    read(data)  # what is imported takes memory, too
    tracemalloc.start()
    try:
        photo = read(data)
        peak = tracemalloc.get_traced_memory()[1] / photo.luma.size
    finally:
        tracemalloc.stop()
    assert peak < 10  # 6 unpacked, 2 of luma, a strip, and next to nothing packed
