"""How a result says that its colors were made by a model: EXIF ``Software`` and an XMP packet.

Sources: IPTC Photo Metadata (DigitalSourceType, NewsCodes), ISO 16684-1 (XMP).
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.dom.minidom import Document, Element

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
PHOTOCHROM = "https://ns.photochrom.dev/1.0/"
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"

_HEAD = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_TAIL = '\n<?xpacket end="w"?>'
_EMPTY = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}"/></x:xmpmeta>'
_MOST_BYTES = 4 << 20
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Provenance:
    """Who colored the photo: software ("photochrom 0.1.0"), model, its version, settings."""

    software: str
    model: str
    version: str
    settings: str


def stamped_xmp(xmp: bytes | None, provenance: Provenance) -> bytes:
    """An XMP packet that states the provenance, merged into the photo's own packet.

    A packet that is malformed, huge, or has a document type (the door of entity bombs) is left out
    and ours stands alone.
    """
    document = _parsed(xmp) if xmp is not None else None
    if document is None:
        document = _document(_EMPTY)
    try:
        _state(document, provenance)
        body = "".join(
            node.toxml()
            for node in document.childNodes
            if node.nodeType != node.PROCESSING_INSTRUCTION_NODE
        )
    except RecursionError:
        return stamped_xmp(None, provenance)
    return (_HEAD + body + _TAIL).encode("utf-8", "replace")


def _parsed(xmp: bytes) -> Document | None:
    """The packet as a document that holds RDF, or None."""
    from xml.parsers.expat import ExpatError

    if len(xmp) > _MOST_BYTES:
        return None
    encoding = next((name for bom, name in _BOMS if xmp.startswith(bom)), "utf-8-sig")
    try:
        text = xmp.decode(encoding).strip("\0 \t\r\n\ufeff")
        # Checked after decoding: in UTF-16 the bytes would hide it.
        if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
            return None
        document = _document(text)
        return document if document.getElementsByTagNameNS(RDF, "RDF") else None
    except (ExpatError, ValueError, RecursionError, MemoryError):
        return None


def _document(text: str) -> Document:
    from xml.dom import minidom

    return minidom.parseString(text.encode("utf-8"))


def _state(document: Document, provenance: Provenance) -> None:
    """Put our properties into the document in place of earlier ones."""
    rdf = document.getElementsByTagNameNS(RDF, "RDF")[0]
    properties = {
        (IPTC, "Iptc4xmpExt", "DigitalSourceType"): SOURCE_TYPE,
        (PHOTOCHROM, "photochrom", "Model"): provenance.model,
        (PHOTOCHROM, "photochrom", "ModelVersion"): provenance.version,
        (PHOTOCHROM, "photochrom", "Settings"): provenance.settings,
    }
    about = ""
    for description in rdf.getElementsByTagNameNS(RDF, "Description"):
        if description.parentNode is rdf:
            about = about or description.getAttributeNS(RDF, "about")
            for uri, _, name in properties:
                _remove(description, uri, name)
    ours = document.createElementNS(RDF, "rdf:Description")
    ours.setAttribute("xmlns:rdf", RDF)
    ours.setAttributeNS(RDF, "rdf:about", about)
    for (uri, prefix, name), value in properties.items():
        ours.setAttribute(f"xmlns:{prefix}", uri)
        ours.setAttributeNS(uri, f"{prefix}:{name}", _writable(value))
    rdf.appendChild(ours)


def _remove(description: Element, uri: str, name: str) -> None:
    """Remove a property, whether attribute or element."""
    if description.hasAttributeNS(uri, name):
        description.removeAttributeNS(uri, name)
    for child in list(description.childNodes):
        if child.nodeType == child.ELEMENT_NODE and (child.namespaceURI, child.localName) == (
            uri,
            name,
        ):
            description.removeChild(child)


def _writable(text: str) -> str:
    """Text without what XML 1.0 cannot hold."""
    return "".join(c if c >= " " and not "\ud800" <= c <= "\udfff" else " " for c in text)
