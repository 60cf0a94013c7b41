import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, IptcImagePlugin
from PIL.PngImagePlugin import PngInfo

from photochrom.photo.decode import read
from photochrom.photo.encode import FORMATS, write
from photochrom.photo.iptc import iptc_of_resources, iptc_of_text, resources_of_iptc
from photochrom.photo.metadata import iptc_of
from photochrom.photo.photo import Metadata
from photochrom.photo.provenance import Provenance


def dataset(number: int, text: str) -> bytes:
    data = text.encode()
    return struct.pack(">BBBH", 0x1C, 2, number, len(data)) + data


IPTC = dataset(5, "Grandma, 1932") + dataset(80, "Gräfin") + dataset(120, "at the sea")


@pytest.mark.parametrize("format", FORMATS)
def test_kept_from_format_to_format(tint, luma8, format):
    first = io.BytesIO()
    write(tint(luma8), first, format=format, metadata=Metadata(iptc=IPTC))
    for other in FORMATS:
        photo = read(first.getvalue())
        assert photo.metadata.iptc == IPTC
        again = io.BytesIO()
        write(
            tint(photo.luma),
            again,
            format=other,
            metadata=photo.metadata,
            provenance=Provenance("photochrom", "m", "1", "s"),
        )
        kept = read(again.getvalue()).metadata
        assert kept.iptc == IPTC
        # It is not in the file twice.
        assert (iptc_of(kept.exif) is None) == (other in ("JPEG", "TIFF"))


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_pillow_finds_it_too(tint, luma8, format):
    buffer = io.BytesIO()
    write(tint(luma8), buffer, format=format, metadata=Metadata(iptc=IPTC))
    found = IptcImagePlugin.getiptcinfo(Image.open(buffer))
    assert found[(2, 5)] == b"Grandma, 1932"


def test_among_other_resources_of_photoshop(saved, color_picture):
    def resource(kind: int, name: bytes, data: bytes) -> bytes:
        counted = bytes([len(name)]) + name
        counted += bytes(len(counted) % 2)
        body = struct.pack(">I", len(data)) + data + bytes(len(data) % 2)
        return b"8BIM" + struct.pack(">H", kind) + counted + body

    block = b"Photoshop 3.0\0" + resource(0x0425, b"", b"odd") + resource(0x0404, b"name", IPTC)
    assert iptc_of_resources(block) == IPTC
    data = saved(color_picture, "JPEG")
    segment = struct.pack(">BBH", 0xFF, 0xED, len(block) + 2) + block
    assert read(data[:2] + segment + data[2:]).metadata.iptc == IPTC


@pytest.mark.parametrize("wrapped", [False, True])
def test_hexadecimal_text_of_a_png(saved, color_picture, wrapped):
    data = resources_of_iptc(IPTC) if wrapped else IPTC
    info = PngInfo()
    text = f"\niptc\n{len(data):8}\n{data.hex()}\n"
    info.add_text("Raw profile type iptc", text, zip=True)
    assert read(saved(color_picture, "PNG", pnginfo=info)).metadata.iptc == IPTC


def test_too_long_for_a_jpeg_is_left_out(tint, luma8):
    buffer = io.BytesIO()
    write(tint(luma8), buffer, format="JPEG", metadata=Metadata(iptc=IPTC * 2000))
    assert read(buffer.getvalue()).metadata.iptc is None


@given(st.binary(max_size=60))
def test_damage_is_no_matter(data):
    for block in (data, b"8BIM\x04\x04" + data, b"Photoshop 3.0\x008BIM" + data):
        assert iptc_of_resources(block) is None or iptc_of_resources(block) in block
    iptc_of_text("\niptc\n4\n" + data.decode("latin-1"))
    assert iptc_of_resources(resources_of_iptc(data)) == (data or None)
