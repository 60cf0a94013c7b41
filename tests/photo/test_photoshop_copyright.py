"""Photoshop's word on the copyright: kept, and stated in XMP."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom.photo.decode import read
from photochrom.photo.encode import FORMATS
from photochrom.photo.iptc import bytes_of_resources, resources_of, resources_of_iptc
from photochrom.photo.photo import Metadata
from photochrom.photo.texts import fitted
from tests.photo.texts_made import GRAY, RIGHTS, colored, png, text_of, xmp_of

FLAG, ADDRESS = (0x040A, b"\1"), (0x040B, b"https://archive.example/12")


@pytest.mark.parametrize("source", ["JPEG", "TIFF", "PNG"])
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("iptc", [None, b"\x1c\2\5\0\7Grandma"])
def test_photoshops_word_on_the_copyright_is_kept(tint, saved, source, format, iptc):
    others = [(0x03ED, bytes(16)), FLAG, (0x0409, b"a thumbnail"), ADDRESS]
    payload = resources_of_iptc(iptc, others)
    if source == "JPEG":
        plain = saved(GRAY, "JPEG")
        data = plain[:2] + struct.pack(">HH", 0xFFED, len(payload) + 2) + payload + plain[2:]
    elif source == "TIFF":
        data = saved(GRAY, "TIFF", tiffinfo={34377: payload[14:]})
    else:
        lines = f"\n8bim\n{len(payload):8}\n{payload.hex()}\n"
        data = png(text_of("Raw profile type 8bim", lines, "zTXt"))
    result = colored(tint, data, format)
    stated = xmp_of(result)
    assert stated[RIGHTS + "Marked"] == [("", "True")]
    assert stated[RIGHTS + "WebStatement"] == [("", ADDRESS[1].decode())]
    image = Image.open(io.BytesIO(result))
    if format == "JPEG":
        held = image.info["photoshop"]
        assert (held[0x040A], held[0x040B]) == (b"\1", ADDRESS[1])
        assert held.get(0x0404) == iptc
    if format == "TIFF":
        assert resources_of(image.tag_v2[34377]) == dict([FLAG, ADDRESS])
    assert b"a thumbnail" not in result
    assert read(result).metadata.iptc == iptc


def test_a_picture_that_is_not_marked_is_not_marked():
    xmp = fitted(Metadata(resources=((0x040A, b"\0"), (0x040B, b""))), "WEBP")[0].xmp
    assert xmp is None


@given(st.lists(st.tuples(st.integers(0, 65_535), st.binary(max_size=40)), max_size=6))
@settings(max_examples=50, deadline=None)
def test_resources_there_and_back(resources):
    first = dict(reversed(resources))
    assert resources_of(bytes_of_resources(resources)) == first
