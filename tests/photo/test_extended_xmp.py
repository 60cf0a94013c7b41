"""XMP of more than 64 kB in a JPEG: nothing lost on the way in, nor on the way out."""

from __future__ import annotations

import hashlib
import io
import struct
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from photochrom.photo.decode import read
from photochrom.photo.encode import write
from photochrom.photo.extended_xmp import joined_xmp, split_xmp
from photochrom.photo.jpeg_segments import XMP_EXTENSION
from photochrom.photo.photo import Metadata
from photochrom.photo.provenance import Provenance
from photochrom.photo.xmp import RDF

PROVENANCE = Provenance("photochrom 0.0", "photochrom", "0", "vividness=0.5")
NOTE = "{http://ns.adobe.com/xmp/note/}HasExtendedXMP"
ODD = "urn:odd"


def packet_of(*values: str) -> bytes:
    """A description for each value; the prefix is stated outside of them."""
    inner = "".join(
        f'<r:Description r:about="a"><o:n{i}>{value}</o:n{i}></r:Description>'
        for i, value in enumerate(values)
    )
    head = f'<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:o="{ODD}"><r:RDF xmlns:r="{RDF}">'
    return f"{head}{inner}</r:RDF></x:xmpmeta>".encode()


def stated(xmp: bytes) -> dict[str, str]:
    return {
        child.tag.removeprefix(f"{{{ODD}}}"): child.text or ""
        for description in ElementTree.fromstring(xmp).iter(f"{{{RDF}}}Description")
        for child in description
    }


def payloads(jpeg: bytes) -> list[bytes]:
    return [payload for _, payload in Image.open(io.BytesIO(jpeg)).applist]


def test_nothing_is_lost_in_a_jpeg(tint, luma8) -> None:
    xmp = packet_of("ä" * 90_000, "short", "y" * 200_000)
    buffer = io.BytesIO()
    write(tint(luma8), buffer, format="JPEG", metadata=Metadata(xmp=xmp), provenance=PROVENANCE)
    main = Image.open(buffer).info["xmp"]
    assert b"photochrom:Model" in main
    assert "short" in stated(main).values()
    # As any other program would put it together.
    start = len(XMP_EXTENSION)
    parts = [p[start:] for p in payloads(buffer.getvalue()) if p[:start] == XMP_EXTENSION]
    names = {part[:32] for part in parts}
    whole = b"".join(part[40:] for part in parts)
    assert {struct.unpack(">I", part[32:36])[0] for part in parts} == {len(whole)}
    assert names == {hashlib.md5(whole).hexdigest().upper().encode()}
    (noted,) = [d.get(NOTE) for d in ElementTree.fromstring(main).iter() if d.get(NOTE)]
    assert {noted.encode()} == names
    kept = read(buffer.getvalue()).metadata.xmp
    assert stated(kept) == stated(xmp)
    assert b"HasExtendedXMP" not in kept
    png = io.BytesIO()
    write(tint(luma8), png, format="PNG", metadata=Metadata(xmp=kept), provenance=PROVENANCE)
    assert stated(read(png.getvalue()).metadata.xmp) == stated(xmp)


@given(st.lists(st.integers(0, 900), min_size=1, max_size=8), st.integers(1200, 3000))
@settings(max_examples=60, deadline=None)
def test_split_and_joined_is_the_same(sizes: list[int], most: int) -> None:
    xmp = packet_of(*("z" * size for size in sizes))
    main, parts = split_xmp(xmp, most)
    assert len(main) <= most
    assert bool(parts) == (len(xmp) > most)
    assert stated(joined_xmp(main, reversed(parts))) == stated(xmp)


@pytest.mark.parametrize(
    "damage",
    [
        lambda parts: parts[1:],
        lambda parts: parts[:1],
        lambda parts: [],
        lambda parts: [b"short"],
        lambda parts: [b"0" * 32 + part[32:] for part in parts],
        lambda parts: [part[:32] + b"\xff" * 8 + part[40:] for part in parts],
        lambda parts: [part.replace(b"RDF", b"<<<") for part in parts],
        lambda parts: [part[:40] + b"<!DOCTYPE".ljust(len(part) - 40) for part in parts],
    ],
)
def test_a_damaged_extension_costs_only_itself(damage) -> None:
    xmp = packet_of("y" * 70_000, "short", "z" * 70_000)
    main, parts = split_xmp(xmp, 2000)
    assert len(parts) > 2
    assert joined_xmp(main, damage(parts)) == main


def test_what_cannot_be_split_is_left_out(tint, luma8) -> None:
    with pytest.raises(ValueError, match="no parts"):
        split_xmp(b"no packet" * 10_000, 60_000)
    buffer = io.BytesIO()
    write(tint(luma8), buffer, format="JPEG", metadata=Metadata(xmp=b"no packet" * 10_000))
    assert read(buffer.getvalue()).metadata.xmp is None
    huge, buffer = packet_of("y" * (5 << 20)), io.BytesIO()
    write(tint(luma8), buffer, format="JPEG", metadata=Metadata(xmp=huge), provenance=PROVENANCE)
    assert b"photochrom:Model" in read(buffer.getvalue()).metadata.xmp
