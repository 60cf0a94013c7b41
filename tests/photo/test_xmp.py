"""Packets of any encoding, and texts that come back as they were."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photochrom.photo.provenance import Provenance, stamped_xmp
from photochrom.photo.xmp import RDF, decoded, empty, encoded, packet, parsed

ODD = "urn:odd"
OURS = Provenance("photochrom 0", "m", "1", "s")
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]


def packet_of(note: str, text: str) -> bytes:
    inside = f'<r:Description xmlns:o="{ODD}" o:note="{note}"><o:text>{text}</o:text>'
    return f'<r:RDF xmlns:r="{RDF}">{inside}</r:Description></r:RDF>'.encode()


def stated(xmp: bytes) -> tuple[str, str]:
    first = next(ElementTree.fromstring(xmp).iter(f"{{{RDF}}}Description"))
    return first.get(f"{{{ODD}}}note"), first.find(f"{{{ODD}}}text").text or ""


@given(
    st.lists(st.sampled_from(["&#xA;", "&#10;", "&#x00d;", "&#13;", "&#x9;", "&#09;", "a", "&#65;",
                              "&amp;#10;", "&lt;", "&quot;", "\u00e4"]), max_size=8),
    st.lists(st.sampled_from(["&#xA;", "&#xD;", "&#x9;", "\n", "\t", "b", "&gt;",
                              "<![CDATA[&#10;]]>"]), max_size=8),
)  # fmt: skip
def test_line_breaks_and_tabs_survive(note, text):
    xmp = packet_of("".join(note), "".join(text))
    again = packet(parsed(xmp))
    assert stated(again) == stated(xmp)
    assert packet(parsed(again)) == again


def test_instructions_of_two_lines_survive_our_statement():
    xmp = stamped_xmp(packet_of("line one&#xA;line&#9;two", "x&#xD;y"), OURS)
    assert stated(xmp) == ("line one\nline\ttwo", "x\ry")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_is_known_and_kept(encoding):
    xmp = packet_of("\u00e4 \U0001d11e", "y").decode().encode(encoding)
    text, name = decoded(xmp)
    assert "\u00e4 \U0001d11e" in text
    assert encoded(text, name) == xmp
    assert parsed(xmp) is not None


@given(st.binary(max_size=30), st.sampled_from([b"", "<".encode("utf-16-le"), b"\xff\xfe"]))
def test_bytes_that_are_no_text_are_kept(data, start):
    assert encoded(*decoded(start + data)) == start + data


def test_nothing_is_stated_by_an_empty_document():
    assert parsed(packet(empty())) is not None
