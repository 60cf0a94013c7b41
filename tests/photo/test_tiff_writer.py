import io
import struct
import sys

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import UnreadablePhoto, WrongInput
from photochrom.photo import tiff_writer
from photochrom.photo.decode import read, read_pages
from photochrom.photo.encode import Page, write, write_pages
from photochrom.photo.photo import Metadata
from photochrom.photo.provenance import Provenance
from photochrom.photo.tags import bytes_fetch, chained_directory, read_header

COMPRESSIONS = {"none": "raw", "lzw": "tiff_lzw", "deflate": "tiff_adobe_deflate"}


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("with_alpha", [False, True])
def test_every_sample_comes_back(monkeypatch, tint, luma8, luma16, compression, deep, with_alpha):
    tifffile = pytest.importorskip("tifffile")
    pytest.importorskip("imagecodecs")
    monkeypatch.setattr("photochrom.photo.photo.PIXELS_PER_STRIP", 300)
    coloring = tint(luma16 if deep else luma8)
    alpha = coloring.luma[::-1].copy() if with_alpha else None
    buffer = io.BytesIO()
    write(coloring, buffer, format="TIFF", alpha=alpha, compression=compression)
    buffer.seek(0)
    stored = tifffile.imread(buffer)
    assert np.array_equal(stored[..., :3], coloring.rgb(0, coloring.height))
    assert alpha is None or np.array_equal(stored[..., 3], alpha)
    if not deep:
        image = Image.open(buffer)
        assert image.info["compression"] == COMPRESSIONS[compression]
        assert np.array_equal(np.asarray(image), stored)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_photo_says_how_it_was_stored(saved, compression):
    how = {} if compression == "none" else {"compression": COMPRESSIONS[compression]}
    data = saved(Image.new("L", (30, 20), 99), "TIFF", **how)
    assert read(data).compression == compression
    assert read(saved(Image.new("L", (30, 20), 99), "PNG")).compression == "deflate"


def test_an_unknown_compression(tint, luma8):
    with pytest.raises(WrongInput, match="none, lzw or deflate, not 'zip'"):
        write(tint(luma8), io.BytesIO(), format="TIFF", compression="zip")


def page(coloring, **metadata):
    return Page(coloring, Metadata(**metadata), None, "none")


def several(tint, luma8, luma16):
    return [
        page(tint(luma8), dpi=(300.0, 300.0), xmp=b"<x/>"),
        page(tint(luma16), dpi=(72.0, 96.0), iptc=b"\x1c\x02\x05\0\1x"),
        page(tint(luma8[:9, :17])),
    ]


@pytest.mark.parametrize("big", [False, True])
def test_pages_keep_what_is_theirs(monkeypatch, tint, luma8, luma16, big):
    if big:
        monkeypatch.setattr(tiff_writer, "_MOST_BYTES", 1000)
    buffer = io.BytesIO()
    pages = several(tint, luma8, luma16)
    write_pages(pages, buffer)
    data = buffer.getvalue()
    assert struct.unpack("<H", data[2:4]) == (43 if big else 42,)
    photos = list(read_pages(data))
    assert [photo.frames for photo in photos] == [3, 3, 3]
    for written, photo in zip(pages, photos, strict=True):
        assert photo.depth == written.coloring.depth
        assert np.abs(photo.luma.astype(int) - written.coloring.luma).max() <= 1
        assert photo.metadata == written.metadata
    tifffile = pytest.importorskip("tifffile")
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        assert tiff.is_bigtiff == big
        for written, stored in zip(pages, tiff.pages, strict=True):
            expected = written.coloring.rgb(0, written.coloring.height)
            assert np.array_equal(stored.asarray(), expected)


class PixelsFrom(io.FileIO):
    """A file, sparse where the system can, whose first pixel is written far behind its header."""

    def __init__(self, path, start):
        super().__init__(path, "w+")
        self.start = start

    def write(self, data):
        if self.tell() == 0 and len(data) == tiff_writer._HEADER_BYTES:
            return self.seek(self.start)
        return super().write(data)


@pytest.mark.skipif(sys.platform == "win32", reason="files with holes are not the default there")
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "start",
    [
        pytest.param(2**32 + 2, id="pixels beyond"),
        pytest.param(2**32 - 200, id="directories beyond"),
        pytest.param(2**32 - 700, id="the last directories beyond"),
        pytest.param(2**32 - 2000, id="nothing beyond"),
    ],
)
def test_offsets_beyond_4_gb(tmp_path, tint, luma8, start, order):
    exif = Image.Exif()
    exif.endian = order
    exif[0x010F] = "A scanner"
    exif.get_ifd(0x8769).update({0x9003: "1932:05:01 12:00:00"})
    pages = [page(tint(luma8[n : n + 4, :6]), exif=exif.tobytes()[6:]) for n in range(2)]
    path = tmp_path / "large.tif"
    with PixelsFrom(path, start) as file:
        writer = tiff_writer.TiffWriter(file)
        for each in pages:
            writer.add(each.coloring, each.metadata, None, "none")
        writer.close()
    with path.open("rb") as file:
        magic = struct.unpack(order + "H", file.read(4)[2:])
    assert magic == (42 if start == 2**32 - 2000 else 43,)
    for written, photo in zip(pages, read_pages(path), strict=True):
        assert np.abs(photo.luma.astype(int) - written.coloring.luma).max() <= 1
        kept = Image.Exif()
        kept.load(photo.metadata.exif)
        assert kept.get_ifd(0x8769)[0x9003] == "1932:05:01 12:00:00"
    tifffile = pytest.importorskip("tifffile")
    with tifffile.TiffFile(path) as tiff:
        for written, stored in zip(pages, tiff.pages, strict=True):
            assert np.array_equal(stored.asarray(), written.coloring.rgb(0, 4))


def test_pages_of_another_byte_order_are_turned(tint, luma8):
    def block(order, width):
        exif = Image.Exif()
        exif.endian = order
        exif[0x010F], exif[297] = "A scanner", width
        exif.get_ifd(0x8769).update({0x9003: "1932:05:01 12:00:00", 0x829A: 0.25})
        return exif.tobytes()[6:]

    for orders in (("<", ">"), (">", "<")):
        pages = [page(tint(luma8), exif=block(o, 7)) for o in orders]
        buffer = io.BytesIO()
        write_pages(pages, buffer)
        for photo in read_pages(buffer.getvalue()):
            kept = Image.Exif()
            kept.load(photo.metadata.exif)
            assert (kept[0x010F], kept[297]) == ("A scanner", 7)
            assert kept.get_ifd(0x8769)[0x829A] == 0.25


def test_provenance_is_on_every_page(tint, luma8, luma16):
    buffer = io.BytesIO()
    write_pages(several(tint, luma8, luma16), buffer, provenance=Provenance("p 1", "m", "1", "s"))
    for photo in read_pages(buffer.getvalue()):
        assert b"compositeWithTrainedAlgorithmicMedia" in photo.metadata.xmp


def test_a_page_that_fails_leaves_the_destination(tmp_path, tint, luma8):
    def pages():
        yield page(tint(luma8))
        message = "page 2 is cut short"
        raise UnreadablePhoto(message)

    path = tmp_path / "album.tif"
    path.write_bytes(b"earlier")
    with pytest.raises(UnreadablePhoto, match="page 2"):
        write_pages(pages(), path)
    assert path.read_bytes() == b"earlier"
    assert len(list(tmp_path.iterdir())) == 1


def test_missing_pages_are_noticed(saved):
    frames = [Image.new("L", (40, 30), level) for level in (10, 90, 200)]
    data = saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    assert [int(photo.luma[0, 0]) for photo in read_pages(data)] == [10, 90, 200]
    last = read_header(bytes_fetch(data)).first
    for _ in range(2):
        fetch = bytes_fetch(data)
        last, *_ = chained_directory(fetch, read_header(fetch), last, ())
    with pytest.raises(UnreadablePhoto, match=r"cut short: page 3 is missing"):
        list(read_pages(data[:last]))


@pytest.mark.parametrize(
    ("kinds", "pages"),
    [
        ((0, 1, 0), [40, 42]),
        ((1, 0, 0), [41, 42]),
        ((1, 1, 0), [42]),
        ((1, 0, 1), [41]),
        ((1, 1, 1), [40]),
    ],
)
def test_reduced_pictures_are_no_pages(kinds, pages):
    """Wherever they are; a file of nothing else has its first one."""
    tifffile = pytest.importorskip("tifffile")
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as tiff:
        for number, kind in enumerate(kinds, start=40):
            tiff.write(np.full((number, 9), number, np.uint8), subfiletype=kind)
    assert [photo.height for photo in read_pages(buffer.getvalue())] == pages
    photo = read(buffer.getvalue())
    assert (photo.height, photo.frames) == (pages[0], len(pages))


def test_a_chain_that_bites_its_tail(saved):
    data = bytearray(saved(Image.new("L", (4, 3), 10), "TIFF"))
    (first,) = struct.unpack("<I", data[4:8])
    (count,) = struct.unpack("<H", data[first : first + 2])
    data[first + 2 + 12 * count :][:4] = struct.pack("<I", first)
    end = first + 2 + 12 * count
    data[end : end + 4] = struct.pack("<I", first)
    assert len(list(read_pages(bytes(data)))) == 1


def test_what_has_no_pages_is_one(saved):
    frames = [Image.new("L", (4, 3), level) for level in (10, 90)]
    photos = list(read_pages(saved(frames[0], "GIF", save_all=True, append_images=frames[1:])))
    assert [photo.frames for photo in photos] == [2]


def test_more_pages_than_are_read_are_no_silent_loss(monkeypatch, tint, luma8, luma16):
    buffer = io.BytesIO()
    write_pages(several(tint, luma8, luma16), buffer)
    count = len(list(read_pages(buffer.getvalue())))
    monkeypatch.setattr("photochrom.photo.tiff._MOST_PAGES", count)
    assert len(list(read_pages(buffer.getvalue()))) == count
    monkeypatch.setattr("photochrom.photo.tiff._MOST_PAGES", count - 1)
    with pytest.raises(UnreadablePhoto, match=f"more than {count - 1} pages"):
        list(read_pages(buffer.getvalue()))
