"""Texts outside of EXIF, XMP and IPTC: kept by each format as it can, else stated in XMP."""

from __future__ import annotations

import io
import struct
import zlib
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from photochrom.photo.decode import read
from photochrom.photo.encode import FORMATS, write
from photochrom.photo.iptc import bytes_of_resources, resources_of, resources_of_iptc
from photochrom.photo.photo import Metadata, Text
from photochrom.photo.png import chunk
from photochrom.photo.provenance import Provenance
from photochrom.photo.texts import bytes_of, comments_of, fitted

PROVENANCE = Provenance("photochrom 0.0", "photochrom", "0", "vividness=0.5")
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC, RIGHTS = "{http://purl.org/dc/elements/1.1/}", "{http://ns.adobe.com/xap/1.0/rights/}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
GRAY = Image.fromarray(np.arange(20, 232, 4, dtype=np.uint8)[None].repeat(31, 0))
IN_XMP = {"JPEG": True, "TIFF": True, "WEBP": True, "AVIF": True, "PNG": False}


def png(*chunks: bytes, behind: bool = False, deep: bool = False) -> bytes:
    """A gray PNG with chunks before or behind its pixels."""
    buffer = io.BytesIO()
    if deep:
        imagecodecs = pytest.importorskip("imagecodecs")
        buffer.write(imagecodecs.png_encode(np.full((5, 7, 3), 30_000, np.uint16)))
    else:
        GRAY.save(buffer, "PNG")
    data = buffer.getvalue()
    at = len(data) - 12 if behind else 33
    return data[:at] + b"".join(chunks) + data[at:]


def jpeg(*comments: bytes) -> bytes:
    """A gray JPEG with comments."""
    buffer = io.BytesIO()
    GRAY.save(buffer, "JPEG")
    data = buffer.getvalue()
    segments = b"".join(struct.pack(">HH", 0xFFFE, len(c) + 2) + c for c in comments)
    return data[:2] + segments + data[2:]


def gif(*comments: bytes, behind: bool = False, others: bytes = b"") -> bytes:
    """A gray GIF with comments of any length before or behind its picture."""
    buffer = io.BytesIO()
    GRAY.save(buffer, "GIF")
    data, extra = buffer.getvalue(), others
    for comment in comments:
        blocks = (comment[start : start + 255] for start in range(0, len(comment), 255))
        extra += b"!\xfe" + b"".join(bytes((len(b),)) + b for b in blocks) + b"\0"
    colors = 13 + (3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0)
    at = len(data) - 1 if behind else colors
    return data[:at] + extra + data[at:]


def text_of(keyword: str, text: str, kind: str = "tEXt") -> bytes:
    """A chunk of one of PNG's three kinds."""
    start, body = keyword.encode("latin-1") + b"\0", text.encode("latin-1", "replace")
    if kind == "zTXt":
        return chunk(b"zTXt", start + b"\0" + zlib.compress(body))
    if kind == "tEXt":
        return chunk(b"tEXt", start + body)
    packed = kind == "packed iTXt"
    body = zlib.compress(text.encode()) if packed else text.encode()
    return chunk(b"iTXt", start + bytes((packed, 0)) + b"no\0n\xc3\xb8kkel\0" + body)


def colored(tint, data: bytes, format: str, *, provenance: Provenance | None = PROVENANCE) -> bytes:
    """The result of a photograph; only its luma is looked at where it is deep."""
    photo = read(data)
    buffer = io.BytesIO()
    write(tint(photo.luma), buffer, format=format, metadata=photo.metadata, provenance=provenance)
    return buffer.getvalue()


def pil_texts(data: bytes) -> dict[str, str]:
    """A PNG's texts as Pillow reads them, but for XMP."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return {key: str(text) for key, text in image.text.items() if not key.startswith("XML:")}


def pil_comments(data: bytes) -> list[bytes]:
    return [payload for name, payload in Image.open(io.BytesIO(data)).applist if name == "COM"]


def xmp_of(data: bytes) -> dict[str, list[tuple[str, str]]]:
    """Property -> (language, text) of each value, as another parser reads the packet."""
    image = Image.open(io.BytesIO(data))
    image.load()
    xmp = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    xmp = xmp if isinstance(xmp, bytes) else xmp.encode()
    found: dict[str, list[tuple[str, str]]] = {}
    if not xmp:
        return found
    for description in ElementTree.fromstring(xmp.strip(b"\0 \n")).iter(f"{RDF}Description"):
        for stated in description:
            values = list(stated.iter(f"{RDF}li")) or [stated]
            found.setdefault(stated.tag, []).extend(
                (value.get(LANGUAGE, ""), value.text or "") for value in values
            )
    return found


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
