"""Files with texts outside of EXIF, XMP and IPTC, and what their results say."""

from __future__ import annotations

import io
import struct
import zlib
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from photochrom.photo.decode import read
from photochrom.photo.encode import write
from photochrom.photo.png import chunk
from photochrom.photo.provenance import Provenance

PROVENANCE = Provenance("photochrom 0.0", "photochrom", "0", "vividness=0.5")
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC, RIGHTS = "{http://purl.org/dc/elements/1.1/}", "{http://ns.adobe.com/xap/1.0/rights/}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
GRAY = Image.fromarray(np.arange(20, 232, 4, dtype=np.uint8)[None].repeat(31, 0))


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
