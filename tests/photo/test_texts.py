"""Texts outside of EXIF, XMP and IPTC: kept by each format as it can, else stated in XMP."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from photochrom.photo.decode import read
from photochrom.photo.encode import FORMATS, write
from photochrom.photo.photo import Metadata, Text
from photochrom.photo.png import chunk
from photochrom.photo.texts import bytes_of, comments_of, fitted
from tests.photo.texts_made import (
    DC,
    GRAY,
    PROVENANCE,
    colored,
    gif,
    jpeg,
    png,
    text_of,
    xmp_of,
)

IN_XMP = {"JPEG": True, "TIFF": True, "WEBP": True, "AVIF": True, "PNG": False}


def pil_texts(data: bytes) -> dict[str, str]:
    """A PNG's texts as Pillow reads them, but for XMP."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return {key: str(text) for key, text in image.text.items() if not key.startswith("XML:")}


def pil_comments(data: bytes) -> list[bytes]:
    return [payload for name, payload in Image.open(io.BytesIO(data)).applist if name == "COM"]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kind", ["tEXt", "zTXt", "iTXt", "packed iTXt"])
@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("deep", [False, True])
def test_what_a_png_says_is_kept(tint, format, kind, behind, deep):
    said = {"Title": "Brygga i Bergen ø", "Author": "Anna Berg", "Copyright": "© the family",
            "Description": "Album\npage 12"}  # fmt: skip
    chunks = [text_of(key, text, kind) for key, text in said.items()]
    result = colored(tint, png(*chunks, behind=behind, deep=deep), format)
    stated = xmp_of(result)
    assert (DC + "title" in stated) == IN_XMP[format]
    if not IN_XMP[format]:
        assert pil_texts(result) == said
        return
    assert [text for _, text in stated[DC + "title"]] == [said["Title"]]
    assert stated[DC + "title"][0][0] == "x-default"
    assert stated[DC + "creator"] == [("", "Anna Berg")]
    assert [text for _, text in stated[DC + "rights"]] == [said["Copyright"]]
    assert [text for _, text in stated[DC + "description"]] == [said["Description"]]


def test_png_to_png_keeps_every_text_of_any_keyword(tint):
    image = Image.open(
        io.BytesIO(
            colored(
                tint,
                png(
                    text_of("Anything at all", "one"),
                    text_of("Comment", "first"),
                    text_of("Comment", "second", "zTXt"),
                    text_of("Tittel", "Kjøkken 台所", "iTXt"),
                    text_of("Empty", ""),
                    behind=True,
                ),
                "PNG",
            )
        )
    )
    image.load()
    assert (image.text["Anything at all"], image.text["Empty"]) == ("one", "")
    assert (image.text["Tittel"], image.text["Tittel"].lang, image.text["Tittel"].tkey) == (
        "Kjøkken 台所", "no", "nøkkel",
    )  # fmt: skip
    kept = read(colored(tint, png(*[text_of("Comment", c) for c in ("a", "b", "a")]), "PNG"))
    assert [text.text for text in kept.metadata.texts] == ["a", "b", "a"]


COMMENTS = [b"Family album page 12", "Bergen, brygga \N{SNOWMAN}".encode(), b"caf\xe9 \x93x\x94",
            bytes(range(256)), b"trailing\0", b"y" * 65_533]  # fmt: skip


@pytest.mark.parametrize("provenance", [None, PROVENANCE])
def test_a_jpegs_comments_stay_byte_for_byte(tint, provenance):
    result = colored(tint, jpeg(*COMMENTS), "JPEG", provenance=provenance)
    assert pil_comments(result) == COMMENTS
    assert DC + "description" not in xmp_of(result)


def test_a_jpegs_comments_become_a_pngs(tint):
    texts = [str(t.text) for t in read(colored(tint, jpeg(*COMMENTS), "PNG")).metadata.texts]
    assert texts[:3] == ["Family album page 12", "Bergen, brygga \N{SNOWMAN}", "café “x”"]
    assert (texts[4], len(texts)) == ("trailing", len(COMMENTS))
    assert not any("\0" in text for text in texts)


@pytest.mark.parametrize("format", ["TIFF", "WEBP", "AVIF"])
def test_comments_are_descriptions_elsewhere(tint, format):
    stated = xmp_of(colored(tint, jpeg(*COMMENTS[:3]), format))
    said = "Family album page 12\nBergen, brygga \N{SNOWMAN}\ncafé “x”"
    assert stated[DC + "description"] == [("x-default", said)]


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_gifs_comments_are_kept(tint, format, behind):
    long = b"album " * 100
    result = colored(tint, gif(b"Bergen 1931", long, behind=behind), format)
    if format == "JPEG":
        assert pil_comments(result) == [b"Bergen 1931", long]
    elif format == "PNG":
        assert pil_texts(result)["Comment"] == long.decode()
    else:
        (said,) = xmp_of(result)[DC + "description"]
        assert said[1] == f"Bergen 1931\n{long.decode().strip()}"


def test_a_gifs_xmp_is_kept(tint):
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/'
        b'22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/'
        b'1.1/"><dc:source>' + b"s" * 700 + b"</dc:source></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    trailer = bytes((1, *range(255, -1, -1), 0))
    extension = b"!\xff\x0bXMP DataXMP" + packet + trailer
    data = gif(b"and a comment", others=extension)
    assert read(data).metadata.xmp == packet
    result = colored(tint, data, "PNG")
    assert xmp_of(result)[DC + "source"] == [("", "s" * 700)]
    assert pil_texts(result) == {"Comment": "and a comment"}


@pytest.mark.parametrize("kind", [b"P1", b"P2", b"P3", b"P4", b"P5", b"P6"])
@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF"])
def test_the_comments_of_a_netpbm_file_are_kept(tint, kind, format):
    highest, pixels = b"", {b"P1": b"0 1 " * 8, b"P4": bytes(8)}.get(kind, b"")
    if not pixels:
        highest, plain = b"# third\n255\n", kind in (b"P2", b"P3")
        count = 32 * (3 if kind in (b"P3", b"P6") else 1)
        pixels = b"128 " * count if plain else bytes(range(100, 100 + count))
    else:
        pixels = b"0 1 " * 16 if kind == b"P1" else bytes(8)
    data = kind + b"\n# Bergen 1931\n8 # second \r\n4\n" + highest + pixels
    expected = ["Bergen 1931", "second", *(["third"] if highest else [])]
    result = colored(tint, data, format)
    if format == "PNG":
        assert [text.text for text in read(result).metadata.texts] == expected
    elif format == "JPEG":
        assert [comment.decode() for comment in pil_comments(result)] == expected
    else:
        assert xmp_of(result)[DC + "description"] == [("x-default", "\n".join(expected))]


def test_what_xmp_says_already_stays(tint):
    """And what differs from it goes where else there is room, or is told."""
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        b' xmlns:d="http://purl.org/dc/elements/1.1/"><r:RDF><r:Description r:about="">'
        b'<d:title><r:Alt><r:li xml:lang="x-default">Older</r:li></r:Alt></d:title><d:creator>'
        b"<r:Seq><r:li>Anna Berg</r:li></r:Seq></d:creator></r:Description>"
        b'<r:Description r:about="" d:rights="The archive"/></r:RDF></x:xmpmeta>'
    )
    texts = (Text("Title", "Newer"), Text("Author", "Anna Berg"), Text("Author", "Per Dahl"),
             Text("Copyright", "The archive"), Text("Title", "Eldre", "no"))  # fmt: skip
    metadata = Metadata(xmp=xmp, texts=texts)
    assert fitted(metadata, "WEBP")[1] == ("Title",)
    assert fitted(metadata, "PNG") == (metadata, ())
    changed, lost = fitted(metadata, "JPEG")
    assert (lost, [bytes_of(text) for text in changed.texts]) == ((), [b"Title: Newer"])
    buffer = io.BytesIO()
    write(tint(np.asarray(GRAY)), buffer, format="JPEG", metadata=metadata, provenance=PROVENANCE)
    stated = xmp_of(buffer.getvalue())
    assert stated[DC + "title"] == [("x-default", "Older"), ("no", "Eldre")]
    assert stated[DC + "creator"] == [("", "Anna Berg"), ("", "Per Dahl")]
    assert buffer.getvalue().count(b"The archive") == 1


def test_texts_without_a_counterpart(tint):
    """A JPEG has comments for them; another format says that it has no place."""
    metadata = read(png(text_of("Album", "12"), text_of("date:create", "2020"))).metadata
    changed, lost = fitted(metadata, "JPEG")
    assert ([text.text for text in changed.texts], lost) == (["Album: 12"], ())
    for kind in ("TIFF", "WEBP", "AVIF"):
        assert fitted(metadata, kind)[1] == ("Album",)
        assert fitted(metadata, kind)[0].texts == ()


def test_what_is_too_long_is_told(tint, luma8):
    """For a JPEG's comment, for XMP, and for any reader: a text that unpacks to much."""
    long = Text("Comment", "x" * 70_000)
    changed, lost = fitted(Metadata(texts=(long,)), "JPEG")
    assert (changed.texts, lost) == ((), ())
    assert b"x" * 70_000 in changed.xmp
    buffer = io.BytesIO()
    write(tint(luma8), buffer, format="JPEG", metadata=changed, provenance=PROVENANCE)
    assert b"x" * 60_000 in buffer.getvalue()
    assert fitted(Metadata(texts=(Text("Album", "x" * 70_000),)), "JPEG")[1] == ("Album",)
    assert fitted(Metadata(texts=(Text("Title", "x" * 5_000_000),)), "TIFF")[1] == ("Title",)
    assert fitted(Metadata(iptc=bytes(70_000)), "JPEG")[1] == ("IPTC",)
    bomb = zlib.compress(bytes(8_000_000))
    for behind in (False, True):
        for deep in (False, True):
            data = png(chunk(b"zTXt", b"Story\0\0" + bomb), text_of("Title", "kept"),
                       behind=behind, deep=deep)  # fmt: skip
            photo = read(data)
            assert [text.keyword for text in photo.metadata.texts] == ["Title"]
            assert fitted(photo.metadata, "PNG")[1] == ("Story",)
            assert np.array_equal(photo.luma, read(png(deep=deep)).luma)


@pytest.mark.parametrize("damage", [b"", b"no zero", b"Title\0\0not zlib", b"\0\0", b"Title\0\1"])
@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
def test_damaged_texts_cost_no_photograph(tint, kind, damage):
    colored(tint, png(chunk(kind, damage), text_of("Author", "Anna")), "JPEG")


@given(st.lists(st.tuples(st.text(max_size=90), st.text(max_size=60)), max_size=6))
@settings(max_examples=15, deadline=None)
def test_any_text_is_written(texts):
    luma = np.asarray(GRAY)
    metadata = Metadata(texts=tuple(Text(*text) for text in texts))
    from tests.photo.conftest import EvenTint

    for format in ("PNG", "JPEG", "TIFF", "WEBP"):
        buffer = io.BytesIO()
        write(EvenTint(luma), buffer, format=format, metadata=metadata, provenance=PROVENANCE)
        kept = read(buffer.getvalue()).metadata
        assert b"photochrom:Model" in kept.xmp
        if format == "PNG":
            assert len(kept.texts) == len(texts)


@given(st.binary(max_size=50))
@settings(max_examples=50, deadline=None)
def test_comments_give_their_bytes_back(data):
    (comment,) = comments_of([data])
    assert bytes_of(comment) == data


def test_pictures_that_pillow_opened_have_their_texts(tint):
    info = PngImagePlugin.PngInfo()
    info.add_text("Title", "Bergen")
    buffer = io.BytesIO()
    GRAY.save(buffer, "PNG", pnginfo=info)
    assert read(Image.open(buffer)).metadata.texts == (Text("Title", "Bergen"),)
    for data in (jpeg(b"first", b"album 12"), gif(b"album 12")):
        texts = read(Image.open(io.BytesIO(data))).metadata.texts
        assert texts[-1] == Text("Comment", "album 12")
        assert read(Image.open(io.BytesIO(data)).convert("L")).metadata.texts[-1] == texts[-1]
