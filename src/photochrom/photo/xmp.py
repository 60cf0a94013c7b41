"""XMP packets as documents: parsed with care, and written.

Source: ISO 16684-1.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.dom.minidom import Document, Element

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

SEGMENT = b"http://ns.adobe.com/xap/1.0/\0"
"""What stands before a packet in a JPEG's segment."""

MOST_BYTES = 4 << 20
"""Packets above are not parsed."""

_EMPTY = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}"/></x:xmpmeta>'
_HEAD = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_TAIL = '\n<?xpacket end="w"?>'
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")  # 16 after 32, which begins alike
_STARTS = tuple((start.encode(name), name) for name in _WIDE for start in ("\ufeff", "<"))

# Line breaks and tabs of a text, which only survive as references: minidom writes them bare, and
# the next reader takes them for spaces. In a document they are characters that no text has.
_REFERENCES = {"\ufdd0": "&#9;", "\ufdd1": "&#10;", "\ufdd2": "&#13;"}
_STAND_INS = {int(reference[2:-1]): sign for sign, reference in _REFERENCES.items()}
_NO_TEXT = re.compile("[\0-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile("&#(?:0*(9|10|13)|x0*([9aAdD]));")


def parsed(xmp: bytes) -> Document | None:
    """The packet as a document that holds RDF.

    None if it is malformed, huge, or has a document type (the door of entity bombs).
    """
    from xml.parsers.expat import ExpatError

    if len(xmp) > MOST_BYTES:
        return None
    try:
        text = xmp.decode(_encoding_of(xmp)).strip("\0 \t\r\n\ufeff")
        # Checked after decoding: in UTF-16 the bytes would hide it.
        if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
            return None
        document = _document(text)
        return document if document.getElementsByTagNameNS(RDF, "RDF") else None
    except (ExpatError, ValueError, RecursionError, MemoryError):
        return None


def decoded(xmp: bytes) -> tuple[str, str]:
    """The packet's text and encoding, for :func:`encoded`; bytes that are no text are kept."""
    encoding = _encoding_of(xmp)
    try:
        return xmp.decode(encoding, "surrogatepass"), encoding
    except UnicodeDecodeError:
        return xmp.decode("latin-1"), "latin-1"


def encoded(text: str, encoding: str) -> bytes:
    """The packet of such a text."""
    return text.encode(encoding, "surrogatepass")


def _encoding_of(xmp: bytes) -> str:
    """By a byte order mark or the first angle bracket."""
    return next((name for start, name in _STARTS if xmp.startswith(start)), "utf-8")


def empty() -> Document:
    """A document that states nothing."""
    return _document(_EMPTY)


def packet(document: Document) -> bytes:
    """The document between the marks by which programs find a packet in any file."""
    return (_HEAD + body(document) + _TAIL).encode("utf-8", "replace")


def body(document: Document) -> str:
    """The document without them."""
    text = "".join(
        node.toxml()
        for node in document.childNodes
        if node.nodeType != node.PROCESSING_INSTRUCTION_NODE
    )
    for sign, reference in _REFERENCES.items():
        text = text.replace(sign, reference)
    return text


def rdf_of(document: Document) -> Element:
    """The element that holds the descriptions."""
    rdf: Element = document.getElementsByTagNameNS(RDF, "RDF")[0]
    return rdf


def descriptions(document: Document) -> list[Element]:
    """What is stated of the picture; nested descriptions are parts of those."""
    rdf = rdf_of(document)
    found = rdf.getElementsByTagNameNS(RDF, "Description")
    return [description for description in found if description.parentNode is rdf]


def remove(description: Element, uri: str, name: str) -> None:
    """Remove a property, whether attribute or element."""
    if description.hasAttributeNS(uri, name):
        description.removeAttributeNS(uri, name)
    for child in list(description.childNodes):
        if child.nodeType == child.ELEMENT_NODE and (child.namespaceURI, child.localName) == (
            uri,
            name,
        ):
            description.removeChild(child)


def writable(text: str) -> str:
    """Text without what XML 1.0 cannot hold."""
    return _NO_TEXT.sub(" ", text)


def describe(document: Document, about: str) -> Element:
    """A new description at the end, of the picture that is called ``about``."""
    ours = document.createElementNS(RDF, "rdf:Description")
    ours.setAttribute("xmlns:rdf", RDF)
    ours.setAttributeNS(RDF, "rdf:about", about)
    rdf_of(document).appendChild(ours)
    return ours


def about_of(document: Document) -> str:
    """What the descriptions call the picture; mostly nothing."""
    return next(filter(None, (d.getAttributeNS(RDF, "about") for d in descriptions(document))), "")


def _document(text: str) -> Document:
    from xml.dom import minidom

    text = _REFERENCE.sub(lambda found: _STAND_INS[int(found[1] or f"0x{found[2]}", 0)], text)
    return minidom.parseString(text.encode("utf-8"))
