"""EXIF, XMP and IPTC of a PNG: in chunks of their own or as text, before or behind the picture."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from photochrom.errors import UnreadablePhoto
from photochrom.photo.decode import read
from photochrom.photo.iptc import resources_of_iptc
from photochrom.photo.png import XMP_KEYWORD, chunk
from photochrom.photo.png_texts import data_of_text

imagecodecs = pytest.importorskip("imagecodecs")

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" tiff:Orientation="8" dc:creator="Gr\xc3\xa4fin"/>'
UPRIGHT_XMP = XMP.replace(b"8", b"1")
IPTC = struct.pack(">BBBH", 0x1C, 2, 5, 7) + b"Grandma"
NAMES = ("gray, 8 bits", "RGB, 8 bits", "gray, 16 bits", "RGB, 16 bits", "gray and alpha, 16 bits")


def exif() -> bytes:
    block = Image.Exif()
    block[0x0112], block[0x010F], block[0x011A], block[0x011B] = 6, "A camera", 300.0, 150.0
    block[0x0128] = 2
    block.get_ifd(0x8769)[0x9003] = "1932:05:01 12:00:00"
    return block.tobytes()


def png(kind: str, extra: bytes, *, behind: bool) -> bytes:
    """A picture of 5 rows and 7 columns with these chunks before or behind its pixels."""
    dtype = np.uint16 if "16" in kind else np.uint8
    levels = np.arange(35).reshape(5, 7).astype(dtype) * (1500 if "16" in kind else 7)
    channels = {"RGB": 3, "gray and alpha": 2, "gray": 1}[kind.split(",")[0]]
    data = imagecodecs.png_encode(np.stack([levels] * channels, -1).squeeze())
    at = len(data) - 12 if behind else 33
    return data[:at] + extra + data[at:]


def raw_profile(name: str, data: bytes, *, packed: bool) -> bytes:
    """As ImageMagick writes it: lines of 72 digits behind a name and a length."""
    digits = data.hex()
    lines = [digits[start : start + 72] for start in range(0, len(digits), 72)]
    text = "\n".join(("", name.lower(), f"{len(data):8}", *lines, "")).encode()
    keyword = f"Raw profile type {name}".encode() + b"\0"
    if packed:
        return chunk(b"zTXt", keyword + b"\0" + zlib.compress(text))
    return chunk(b"tEXt", keyword + text)


def international(xmp: bytes, *, packed: bool) -> bytes:
    head = XMP_KEYWORD.encode() + (b"\0\1\0\0\0" if packed else bytes(5))
    return chunk(b"iTXt", head + (zlib.compress(xmp) if packed else xmp))


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("kind", NAMES)
def test_exif_is_kept_and_turns(kind, behind):
    forms = {
        "a chunk": chunk(b"eXIf", exif()[6:]),
        "text": raw_profile("exif", exif(), packed=False),
        "packed text": raw_profile("exif", exif(), packed=True),
        "bare text": raw_profile("exif", exif()[6:], packed=False),
        "a JPEG's segment": raw_profile("APP1", exif(), packed=True),
    }
    stored = read(png(kind, b"", behind=False)).luma
    for form, extra in forms.items():
        photo = read(png(kind, extra, behind=behind))
        assert np.array_equal(photo.luma, np.rot90(stored, -1)), form
        kept = Image.Exif()
        kept.load(photo.metadata.exif)
        assert (kept[0x0112], kept[0x010F]) == (1, "A camera"), form
        assert kept.get_ifd(0x8769)[0x9003] == "1932:05:01 12:00:00", form
        assert photo.metadata.dpi == (150, 300), form


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("kind", NAMES)
def test_xmp_is_kept_and_turns(kind, behind):
    stored = read(png(kind, b"", behind=False)).luma
    address = b"http://ns.adobe.com/xap/1.0/\0"
    forms = {
        "plain": international(XMP, packed=False),
        "packed": international(XMP, packed=True),
        "text": raw_profile("xmp", XMP, packed=False),
        "packed text": raw_profile("xmp", XMP, packed=True),
        "a JPEG's segment": raw_profile("APP1", address + XMP, packed=True),
        "a segment by its name": raw_profile("xmp", address + XMP, packed=True),
    }
    for form, extra in forms.items():
        photo = read(png(kind, extra, behind=behind))
        assert photo.metadata.xmp == UPRIGHT_XMP, form
        assert np.array_equal(photo.luma, np.rot90(stored, 1)), form


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("kind", NAMES)
def test_iptc_is_kept(kind, behind):
    for name, data in (("iptc", IPTC), ("8bim", resources_of_iptc(IPTC))):
        for packed in (False, True):
            extra = raw_profile(name, data, packed=packed)
            assert read(png(kind, extra, behind=behind)).metadata.iptc == IPTC, (name, packed)


@pytest.mark.parametrize("kind", NAMES)
def test_a_chunk_of_its_own_comes_first(kind):
    other = XMP.replace(b"8", b"3")
    extra = chunk(b"eXIf", exif()[6:]) + raw_profile("exif", exif()[:-4], packed=True)
    extra += international(XMP, packed=False) + raw_profile("xmp", other, packed=True)
    metadata = read(png(kind, extra, behind=True)).metadata
    assert metadata.xmp == UPRIGHT_XMP
    assert metadata.exif.startswith(exif()[6:10])
    assert exif()[-4:] in metadata.exif


@pytest.mark.parametrize("kind", NAMES)
def test_text_that_unpacks_to_much_is_refused_behind_the_picture_too(kind):
    bomb = zlib.compress(bytes(8_000_000))
    for extra in (
        chunk(b"zTXt", b"Raw profile type exif\0\0" + bomb),
        chunk(b"iTXt", XMP_KEYWORD.encode() + b"\0\1\0\0\0" + bomb),
    ):
        for behind in (False, True):
            with pytest.raises(UnreadablePhoto):
                read(png(kind, extra, behind=behind))


@pytest.mark.parametrize("kind", NAMES)
def test_what_follows_the_end_is_not_the_files(kind):
    data = png(kind, b"", behind=True) + raw_profile("exif", exif(), packed=True)
    assert read(data).metadata.exif is None


@pytest.mark.parametrize("kind", NAMES)
def test_texts_that_hold_nothing_are_no_matter(kind):
    for rest in (b"", b"4", b"4\nxyz", b"2\nabc", b"2\n4949"):
        text = b"\nexif\n" + rest
        for name in (b"exif", b"APP1", b"xmp", b"iptc"):
            extra = chunk(b"tEXt", b"Raw profile type " + name + b"\0" + text)
            photo = read(png(kind, extra, behind=False))
            assert photo.luma.shape == (5, 7)
            assert photo.metadata.exif is None


def test_what_is_a_profile_as_text():
    assert data_of_text("\nexif\n       4\n0aFF\n10\n20\n") == b"\x0a\xff\x10\x20"
    assert data_of_text("\ngeneric profile\n       2\n0aff\n") == b"\x0a\xff"
    for other in (None, b"\nexif\n 1\n00\n", "", "exif", "\nexif\nmany\n00", "\nexif\n 1\n\u00e9"):
        assert data_of_text(other) is None


def test_endless_blanks_are_no_hang():
    """Of two runs of them, which a pattern would try in every way."""
    blanks = " " * 200_000
    assert data_of_text(f"\niptc{blanks}1{blanks}x") is None
    assert data_of_text(f"\niptc\n{blanks}1\n{blanks}x") is None


def test_behind_the_frames_of_a_moving_picture(saved):
    frames = [Image.new("L", (7, 5), level) for level in (40, 90)]
    data = saved(frames[0], "PNG", save_all=True, append_images=frames[1:])
    extra = raw_profile("exif", exif(), packed=True) + raw_profile("iptc", IPTC, packed=True)
    photo = read(data[:-12] + extra + data[-12:])
    assert photo.frames == 2
    assert photo.luma.shape == (7, 5)
    assert photo.metadata.iptc == IPTC


def test_a_picture_that_pillow_turned_is_not_turned_again():
    extra = raw_profile("exif", exif(), packed=True) + raw_profile("xmp", XMP, packed=True)
    image = Image.open(io.BytesIO(png("RGB, 8 bits", extra, behind=False)))
    turned = ImageOps.exif_transpose(image)
    assert read(turned).luma.shape == (7, 5)
    assert read(image).luma.shape == (7, 5)
