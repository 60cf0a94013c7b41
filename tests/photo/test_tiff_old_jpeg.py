"""Old-style JPEG in a TIFF (compression 6), in each of the ways that its pieces are stored."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import UnreadablePhoto, UnsupportedPhoto
from photochrom.photo import tiff_tags
from photochrom.photo.decode import read, read_pages
from photochrom.photo.jpeg_luma import segments_of
from photochrom.photo.tags import LONG, SHORT, Value, write_directory
from tests.photo.handmade import longs, shorts

ROWS, COLUMNS = np.mgrid[0:72, 0:100]
PICTURE = np.stack([60 + ROWS + COLUMNS, 200 - ROWS - COLUMNS // 2, 90 + COLUMNS], -1)
PICTURE = (PICTURE + np.random.default_rng(5).integers(0, 20, PICTURE.shape)).astype(np.uint8)


def jpeg(mode: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PICTURE).convert(mode).save(buffer, "JPEG", quality=92, **options)
    return buffer.getvalue()


def luma_of(data: bytes) -> np.ndarray:
    return read(data).luma


def pieces(data: bytes) -> tuple[bytes, bytes]:
    """A JPEG's headers with that of its scan, and its coded data."""
    *_, scan = segments_of(data)
    at = scan.at + len(scan.payload)
    return data[:at], bytes(scan.coded)


def page(
    mode: str, blob: bytes, order: str = "<", following: int = 0, start: int = 0, **tags: object
) -> bytes:
    """A directory for the offset ``start`` + len(blob) of a file, behind ``blob``."""
    channels = 1 if mode == "L" else 3
    values = {
        "WIDTH": longs(100, order=order), "HEIGHT": longs(72, order=order),
        "BITS": shorts(*[8] * channels, order=order), "COMPRESSION": shorts(6, order=order),
        "PHOTOMETRIC": shorts(1 if mode == "L" else 6, order=order),
        "SAMPLES": shorts(channels, order=order),
    }  # fmt: skip
    for name, numbers in tags.items():
        values[name] = longs(*(numbers if isinstance(numbers, tuple) else (numbers,)), order=order)
    entries = {getattr(tiff_tags, name): value for name, value in values.items()}
    place = start + len(blob)
    return blob + write_directory(entries, order, place, following=following)


def tiff(mode: str, blob: bytes, order: str = "<", **tags: object) -> bytes:
    """A TIFF of one page; ``blob`` begins at offset 8."""
    blob += bytes(len(blob) % 2)
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 8 + len(blob))
    return head + page(mode, blob, order, start=8, **tags)


def ways(mode: str, data: bytes) -> dict[str, tuple[bytes, dict[str, object]]]:
    """By a name: the bytes at offset 8, and the tags."""
    headers, coded = pieces(data)
    stream, first = {"JPEG_STREAM": 8}, 8 + len(headers)
    strip = {"STRIP_OFFSETS": 8, "STRIP_BYTES": len(data), "ROWS_PER_STRIP": 72}
    raw = {"STRIP_OFFSETS": first, "STRIP_BYTES": len(coded), "ROWS_PER_STRIP": 72}
    apart = headers + bytes(6) + coded
    far = {**raw, "STRIP_OFFSETS": first + 6}
    return {
        "a stream": (data, {**stream, "JPEG_STREAM_BYTES": len(data)}),
        "a stream without its length": (data, stream),
        "a stream of too few bytes": (data, {**stream, "JPEG_STREAM_BYTES": len(data) // 2}),
        "a stream of too many bytes": (data, {**stream, "JPEG_STREAM_BYTES": 1 << 20}),
        "a stream and a strip": (data, {**stream, "JPEG_STREAM_BYTES": len(data), **strip}),
        "a strip into the stream": (data, {**stream, "JPEG_STREAM_BYTES": len(data), **raw}),
        "a strip": (data, strip),
        "a strip without its length": (data, {**strip, "STRIP_BYTES": 0}),
        "headers and a strip": (headers + coded, {
            **stream, "JPEG_STREAM_BYTES": len(headers), **raw}),
        "headers and a strip elsewhere": (apart, {
            **stream, "JPEG_STREAM_BYTES": len(headers), **far}),
        "headers without a length": (apart, {**stream, **far}),
    }  # fmt: skip


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("options", [{}, {"subsampling": 0}, {"optimize": True}])
def test_every_way_is_the_same_picture(mode, options, order):
    data = jpeg(mode, **options)
    expected = luma_of(data)
    for name, (blob, tags) in ways(mode, data).items():
        photo = read(tiff(mode, blob, order, **tags))
        assert np.array_equal(photo.luma, expected), name
        assert (photo.format, photo.was_color, photo.jpeg) == ("TIFF", mode == "RGB", None)


def test_libtiff_sees_the_same_picture():
    data = jpeg("RGB", subsampling=0)
    seen = 0
    for name, (blob, tags) in ways("RGB", data).items():
        if name in ("a stream of too few bytes", "headers without a length"):
            continue  # of which libtiff shows a part, or noise
        made = tiff("RGB", blob, SUBSAMPLING=(1, 1), **tags)
        try:
            theirs = np.asarray(Image.open(io.BytesIO(made)).convert("L")).astype(int)
        except (OSError, KeyError, SyntaxError):
            continue
        seen += 1
        assert np.abs(theirs - luma_of(made)).mean() < 1, name
    assert seen >= 3


@pytest.mark.parametrize("marked", [False, True])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_strips_between_restarts(mode, marked):
    """Of eight rows of pixels each; the marks between them are theirs, or left out."""
    data = jpeg(mode, restart_marker_rows=1, subsampling=0)
    headers, coded = pieces(data)
    parts, at = [], 0
    for number in range(8):
        end = coded.index(bytes((0xFF, 0xD0 + number)), at)
        parts.append(coded[at : end + (2 if marked else 0)])
        at = end + 2
    parts.append(coded[at:])
    offsets = [8 + len(headers) + sum(len(part) + 3 for part in parts[:n]) for n in range(9)]
    blob = headers + bytes(3).join(parts)
    tags = {
        "JPEG_STREAM": 8, "JPEG_STREAM_BYTES": len(headers), "ROWS_PER_STRIP": 8,
        "STRIP_OFFSETS": tuple(offsets), "STRIP_BYTES": tuple(len(part) for part in parts),
    }  # fmt: skip
    assert np.array_equal(luma_of(tiff(mode, blob, **tags)), luma_of(data))


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_tables_that_tags_point_to(mode):
    data = jpeg(mode, subsampling=2)
    _, coded = pieces(data)
    segments = list(segments_of(data))
    steps = b"".join(segment.payload for segment in segments if segment.marker == 0xDB)
    quantization = [steps[at + 1 : at + 65] for at in range(0, len(steps), 65)]
    codes: dict[int, bytes] = {}
    for segment in (segment for segment in segments if segment.marker == 0xC4):
        at = 0
        while at < len(segment.payload):
            length = 17 + sum(segment.payload[at + 1 : at + 17])
            codes[segment.payload[at]] = segment.payload[at + 1 : at + length]
            at += length
    blob, places = coded, {}
    for name, table in [*enumerate(quantization), *((f"{key:02x}", codes[key]) for key in codes)]:
        places[name] = 8 + len(blob)
        blob += table
    which = [0] if mode == "L" else [0, 1, 1]
    tags = {
        "STRIP_OFFSETS": 8, "STRIP_BYTES": len(coded), "ROWS_PER_STRIP": 72,
        "JPEG_QUANTIZATION": tuple(places[n] for n in which),
        "JPEG_DC": tuple(places[f"0{n}"] for n in which),
        "JPEG_AC": tuple(places[f"1{n}"] for n in which),
    }  # fmt: skip
    made = tiff(mode, blob, **tags)
    assert np.array_equal(luma_of(made), luma_of(data))
    tags = {name: number for name, number in tags.items() if name != "JPEG_AC"}
    reason = r"its packing \(old-style JPEG, compression 6\) is not read; .*ImageMagick.* save it"
    with pytest.raises(UnsupportedPhoto, match=reason):
        read(tiff(mode, blob, **tags))


@pytest.mark.parametrize("with_strips", [False, True])
def test_several_pages(with_strips):
    pictures = [np.roll(PICTURE, 9 * number, axis=1)[..., 0] for number in range(3)]
    out = bytearray(b"II*\0" + bytes(4))
    link = 4
    streams = []
    for picture in pictures:
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "JPEG")
        data = buffer.getvalue()
        streams.append(data)
        start = len(out)
        tags = {"JPEG_STREAM": start, "JPEG_STREAM_BYTES": len(data)}
        if with_strips:
            tags |= {"STRIP_OFFSETS": start, "STRIP_BYTES": len(data), "ROWS_PER_STRIP": 72}
        data += bytes(len(data) % 2)
        out += page("L", data, start=start, **tags)
        struct.pack_into("<I", out, link, start + len(data))
        link = start + len(data) + 2 + 12 * struct.unpack_from("<H", out, start + len(data))[0]
    photos = list(read_pages(bytes(out)))
    assert len(photos) == 3
    for photo, data in zip(photos, streams, strict=True):
        assert np.array_equal(photo.luma, luma_of(data))


def test_white_may_be_zero_and_pages_may_lie_on_their_side():
    data = jpeg("L")
    upright = luma_of(data)
    tags = {"JPEG_STREAM": 8, "JPEG_STREAM_BYTES": len(data)}
    made = bytearray(tiff("L", data, **tags))
    at = made.index(struct.pack("<HHIH", tiff_tags.PHOTOMETRIC, SHORT, 1, 1))
    made[at + 8] = 0
    assert np.array_equal(luma_of(bytes(made)), 255 - upright)
    blob = data + bytes(len(data) % 2)
    entries = {274: Value(LONG, 1, struct.pack("<I", 6))}
    for tag, number in {256: 100, 257: 72, 258: 8, 259: 6, 262: 1, 277: 1, 513: 8}.items():
        entries[tag] = longs(number)
    head = b"II*\0" + struct.pack("<I", 8 + len(blob))
    turned = head + blob + write_directory(entries, "<", 8 + len(blob))
    assert np.array_equal(luma_of(turned), np.rot90(upright, -1))


def test_a_short_or_foreign_stream_is_refused():
    data = jpeg("L")
    for piece in (data[: len(data) // 2], data[:-40]):
        made = tiff("L", piece, JPEG_STREAM=8, JPEG_STREAM_BYTES=len(data))
        with pytest.raises((UnreadablePhoto, UnsupportedPhoto)):
            read(made)
    larger = io.BytesIO()
    Image.new("L", (5000, 5000)).save(larger, "JPEG")
    with pytest.raises(UnreadablePhoto, match="a page of 100 x 72 pixels holds a picture of 5000"):
        read(tiff("L", larger.getvalue(), JPEG_STREAM=8))
    with pytest.raises(UnsupportedPhoto, match="old-style JPEG, compression 6"):
        read(tiff("L", bytes(300), JPEG_STREAM=8, JPEG_STREAM_BYTES=300))
