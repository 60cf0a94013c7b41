"""JPEG files that libjpeg complains of and decodes: read, and damage behind them is still seen."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from photochrom.errors import UnreadablePhoto
from photochrom.photo.decode import read
from photochrom.photo.encode import write
from photochrom.photo.jpeg_luma import CodedLuma
from photochrom.photo.jpeg_quirks import without_quirks, without_stumps
from photochrom.photo.jpeg_steps import SteppedLuma
from photochrom.photo.profiles import srgb_profile


def jpeg(mode: str, **options: object) -> bytes:
    rng = np.random.default_rng(3)
    noise = rng.integers(60, 200, (40, 56, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(buffer, "JPEG", quality=85, **options)
    return buffer.getvalue()


def with_segment(data: bytes, marker: int, payload: bytes) -> bytes:
    """The segment behind SOI, in place of JFIF's (which would overrule Adobe's)."""
    rest = 2
    if data[2:4] == b"\xff\xe0":
        rest += 2 + int.from_bytes(data[4:6])
    return data[:2] + struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload + data[rest:]


def of_a_later_jfif(data: bytes) -> bytes:
    at = data.index(b"JFIF\0") + 5
    return data[:at] + b"\2" + data[at + 1 :]


def of_partial_scans(data: bytes) -> bytes:
    at = data.index(b"\xff\xda")
    last = at + 2 + int.from_bytes(data[at + 2 : at + 4]) - 2
    return data[:last] + b"\0" + data[last + 1 :]


def of_unknown_transform(data: bytes) -> bytes:
    return with_segment(data, 0xEE, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, 7))


def of_half_a_profile(data: bytes) -> bytes:
    return with_segment(data, 0xE2, b"ICC_PROFILE\0\2\3half a profile")


QUIRKS = [of_a_later_jfif, of_partial_scans, of_unknown_transform, of_half_a_profile]


def is_complained_of(data: bytes) -> bool:
    try:
        simplejpeg.decode_jpeg(data, "GRAY", strict=True)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("quirk", QUIRKS)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_whole_picture_is_read(tint, quirk: Callable[[bytes], bytes], mode) -> None:
    sound = jpeg(mode)
    odd = quirk(sound)
    assert is_complained_of(odd) or (mode == "L" and quirk is of_unknown_transform)
    photo = read(odd)
    assert np.array_equal(photo.luma, read(sound).luma)
    assert photo.was_color == (mode == "RGB")
    assert isinstance(photo.jpeg.luma, CodedLuma if mode == "L" else SteppedLuma)
    buffer = io.BytesIO()
    write(tint(photo.luma), buffer, format="JPEG", jpeg=photo.jpeg)
    assert not is_complained_of(buffer.getvalue())  # the oddity is not handed on


def test_inks_of_an_unknown_transform() -> None:
    """Four components are then taken for YCCK, as libjpeg and Pillow do."""
    sound = jpeg("CMYK")
    at = sound.index(b"Adobe") + 11
    odd, known = (sound[:at] + bytes((number,)) + sound[at + 1 :] for number in (7, 2))
    assert np.array_equal(read(odd).luma, read(known).luma)


@pytest.mark.parametrize("quirk", QUIRKS)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_damage_behind_it_is_still_refused(quirk: Callable[[bytes], bytes], mode) -> None:
    odd = quirk(jpeg(mode))
    for length in (len(odd) // 2, 30):
        with pytest.raises(UnreadablePhoto):
            read(odd[:length])
    with pytest.raises(UnreadablePhoto, match="cut short"):
        read(odd[: len(odd) // 2] + b"\xff\xd9")
    at = len(odd) * 2 // 3
    with pytest.raises(UnreadablePhoto, match=r"damaged|cut short"):
        read(odd[:at] + b"\xff\xd3" + odd[at + 2 :])  # a restart that nobody announced


def test_scans_in_another_order_are_a_picture_all_the_same() -> None:
    """A progressive scan of coefficients that were brought already; Pillow has the same pixels."""
    data = jpeg("L", progressive=True)
    first = data.index(b"\xff\xda")
    second = data.index(b"\xff\xc4", first)
    odd = data[:second] + data[first:second] + data[second:]
    assert is_complained_of(odd)
    photo = read(odd)
    assert np.array_equal(photo.luma, np.asarray(Image.open(io.BytesIO(odd))))
    assert photo.jpeg.luma is None  # not to be handed on


@pytest.mark.parametrize("factors", [0x31, 0x13, 0x42])
def test_the_luma_of_a_rare_subsampling_is_its_y_plane(factors) -> None:
    """Coded gray, then declared so: what is read is Y itself, not red, green and blue of it."""
    data = with_rare_sampling(factors)
    with pytest.raises(ValueError, match="subsampling"):
        simplejpeg.decode_jpeg(data, "GRAY", strict=True)
    y = Image.open(io.BytesIO(data))
    y.draft("L", None)
    photo = read(data)
    assert np.array_equal(photo.luma, np.asarray(y))
    assert not np.array_equal(photo.luma, np.asarray(Image.open(io.BytesIO(data)).convert("L")))
    assert photo.was_color


def test_the_luma_of_a_padded_file_is_its_y_plane() -> None:
    data = jpeg("RGB")
    odd = data[:-2] + b"\x12\x34" * 12 + data[-2:]
    assert is_complained_of(odd)
    assert np.array_equal(read(odd).luma, simplejpeg.decode_jpeg(data, "GRAY")[..., 0])
    assert isinstance(read(odd).jpeg.luma, SteppedLuma)


def with_rare_sampling(factors: int) -> bytes:
    """Three components in scans of their own, luma's factors being ``factors``, chroma's 1 x 1."""
    across, down = factors >> 4, factors & 15
    height, width = 24, 48
    rng = np.random.default_rng(4)
    parts = []
    for shape in ((height, width), *[(-(-height // down), -(-width // across))] * 2):
        buffer = io.BytesIO()
        plane = rng.integers(0, 256, shape, dtype=np.uint8)
        Image.fromarray(plane).save(buffer, "JPEG", quality=85)
        parts.append(buffer.getvalue())
    tables = parts[0][parts[0].index(b"\xff\xdb") : parts[0].index(b"\xff\xc0")]
    frame = struct.pack(">BBHBHHB", 0xFF, 0xC0, 17, 8, height, width, 3)
    for number, sampling in enumerate((factors, 0x11, 0x11), start=1):
        frame += bytes((number, sampling, 0))
    result = b"\xff\xd8" + tables + frame
    for number, part in enumerate(parts, start=1):
        scan = part.index(b"\xff\xda")
        huffman = part[part.index(b"\xff\xc4") : scan]
        result += huffman + part[scan : scan + 5] + bytes((number,)) + part[scan + 6 : -2]
    return result + b"\xff\xd9"


WHOLE = [
    (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
    (0xE0, b"JFXX\0\x10"),
    (0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\1\0\0\0\0\0\0"),
    (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
    (0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"a" * 40),
    (0xE2, b"ICC_PROFILE\0\1\1"),
    (0xE2, b"MPF\0MM\0*\0\0\0\x08"),
    (0xE2, b"FPXR\0"),
    (0xE8, b"SPIFF\0\1"),
    (0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\0\0\0\4abcd8BIM\3\xed\0\0\0\0\0\x10" + bytes(16)),
    (0xEE, b"Adobe\0\x64\0\0\0\0\1"),
    (0xFE, b"a comment"),
]


@pytest.mark.parametrize(("marker", "payload"), WHOLE)
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_segments_that_end_early_are_passed_over(marker: int, payload: bytes, mode) -> None:
    """Wherever they end, and whether they stand before the usual ones or behind them."""
    sound = jpeg(mode, progressive=mode == "RGB")
    expected = read(sound).luma
    behind = 4 + int.from_bytes(sound[4:6])
    for length in range(len(payload)):
        stump = struct.pack(">BBH", 0xFF, marker, length + 2) + payload[:length]
        for at in (2, behind):
            assert np.array_equal(read(sound[:at] + stump + sound[at:]).luma, expected)


def test_what_stands_before_half_a_resource_is_kept() -> None:
    caption = b"\x1c\2\x78\0\5Hello"
    whole = b"8BIM\4\4\0\0" + struct.pack(">I", len(caption)) + caption
    for end in range(1, 12):
        half = b"Photoshop 3.0\0" + whole + b"8BIM\4\x22\0\0\0\0\0\1"[:end]
        photo = read(with_segment(jpeg("L"), 0xED, half))
        assert photo.metadata.iptc == caption


def test_a_profile_beside_a_stump_of_one_is_read() -> None:
    sound = jpeg("RGB", icc_profile=srgb_profile())
    stump = struct.pack(">BBH", 0xFF, 0xE2, 15) + b"ICC_PROFILE\0\1"
    assert read(sound[:2] + stump + sound[2:]).metadata.icc == srgb_profile()


@pytest.mark.parametrize("fails", [IndexError, struct.error, KeyError, TypeError, ValueError])
def test_no_text_of_pythons_reaches_a_user(monkeypatch, fails: type[Exception]) -> None:
    def failing(*_: object) -> None:
        raise fails("unpack_from requires a buffer")

    monkeypatch.setattr("photochrom.photo.containers.read_jpeg", failing)
    with pytest.raises(UnreadablePhoto, match=r"it is damaged$"):
        read(jpeg("L"))


def test_nothing_to_put_right() -> None:
    data = jpeg("RGB", progressive=True)
    assert without_quirks(data) == data
    assert without_stumps(data) is data
    assert without_quirks(data[:2] + b"junk" + data[2:]) == data[:2] + b"junk" + data[2:]
    assert without_quirks(data[:9]) == data[:9]
