"""PNGs whose packed bytes end as they should but hold too few rows, which Pillow leaves black."""

import struct
import zlib

import pytest
from PIL import Image

from photochrom.errors import UnreadablePhoto
from photochrom.photo.decode import read
from photochrom.photo.png import SIGNATURE, chunk


def png_of_fewer_rows(whole: bytes, missing: int) -> bytes:
    """The PNG with so many bytes less in its stream, which ends as a whole one does."""
    packed = b"".join(payload for kind, payload in png_chunks(whole) if kind == b"IDAT")
    head = next(payload for kind, payload in png_chunks(whole) if kind == b"IHDR")
    others = [c for c in png_chunks(whole) if c[0] in (b"PLTE", b"tRNS")]
    filtered = zlib.decompress(packed)
    rows = chunk(b"IDAT", zlib.compress(filtered[: len(filtered) - missing]))
    middle = b"".join(chunk(kind, payload) for kind, payload in others)
    return whole[:8] + chunk(b"IHDR", head) + middle + rows + chunk(b"IEND", b"")


def png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        found.append((kind, data[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(45, 31), (1, 1), (9, 2), (3, 40)])
def test_a_png_of_too_few_rows_is_cut(saved, mode, size):
    width, height = size
    light = Image.new("L", size, 200)
    image = Image.new(mode, size, 50_000) if mode == "I;16" else light.convert(mode)
    whole = saved(image, "PNG")
    assert read(png_of_fewer_rows(whole, 0)).luma.shape == (height, width)
    for missing in (1, len(whole)):
        with pytest.raises(UnreadablePhoto, match="it is cut short"):
            read(png_of_fewer_rows(whole, missing))
    black = saved(Image.new(mode, size), "PNG")
    assert read(black).luma.max() == 0


@pytest.mark.parametrize(
    "size", [(45, 31), (1, 1), (2, 1), (1, 2), (4, 4), (5, 3), (8, 9), (16, 8)]
)
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_an_interlaced_png_of_too_few_rows_is_cut(mode, size):
    bits = {"1": 1, "L": 8, "RGB": 24}[mode]
    color = {"1": (1, 0), "L": (8, 0), "RGB": (8, 2)}[mode]
    rows = b""
    # The passes as Adam7 has them, from each pixel's place in a square of eight.
    order = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656"]
    order += ["77777777"]
    width, height = size
    for number in "1234567":
        for y in range(height):
            columns = sum(order[y % 8][x % 8] == number for x in range(width))
            rows += b"\0" + b"\xc8" * ((columns * bits + 7) // 8) if columns else b""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, *color, 0, 0, 1))
    whole = SIGNATURE + head + chunk(b"IDAT", zlib.compress(rows))
    whole += chunk(b"IEND", b"")
    assert read(whole).luma.shape == (height, width)
    with pytest.raises(UnreadablePhoto, match="it is cut short"):
        read(png_of_fewer_rows(whole, 1))
