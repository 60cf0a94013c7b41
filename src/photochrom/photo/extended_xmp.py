"""XMP too long for one segment of a JPEG: the rest follows in segments of their own.

Source: ISO 16684-3, XMP in JPEG files: the main packet names the MD5 of the extension, whose parts
each state that name, the whole length and their place.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from typing import TYPE_CHECKING

from photochrom.photo.xmp import (
    MOST_BYTES,
    about_of,
    body,
    describe,
    descriptions,
    empty,
    packet,
    parsed,
    rdf_of,
    remove,
)

if TYPE_CHECKING:
    from xml.dom.minidom import Document, Element

_NOTE = "http://ns.adobe.com/xmp/note/"
_NAMED = "HasExtendedXMP"
_PLACE = struct.Struct(">32sII")
_PART = 65_000


def joined_xmp(main: bytes, parts: Iterable[bytes]) -> bytes:
    """One packet from the main one and the parts that stand in segments, without their mark.

    The main packet as it is if it names no extension, or one that is damaged or not all there.
    """
    document = parsed(main)
    name = _name_in(document) if document is not None else ""
    rest = parsed(_assembled(name.encode("ascii", "replace"), parts)) if name else None
    if document is None or rest is None:
        return main
    try:
        for description in descriptions(document):
            remove(description, _NOTE, _NAMED)
        for description in descriptions(rest):
            _inherit_namespaces(description)
            rdf_of(document).appendChild(document.importNode(description, True))
        return packet(document)
    except RecursionError:
        return main


def split_xmp(xmp: bytes, most: int) -> tuple[bytes, list[bytes]]:
    """A main packet of at most ``most`` bytes, and the parts of the extension that holds the rest.

    The longest descriptions move first. Raises :class:`ValueError` if that is no help.
    """
    document = parsed(xmp) if len(xmp) > most else None
    if document is None:
        return _fitting(xmp, most), []
    try:
        return _split(document, most)
    except RecursionError as error:
        message = "XMP is nested too deeply"
        raise ValueError(message) from error


def _split(document: Document, most: int) -> tuple[bytes, list[bytes]]:
    rest = empty()
    about = about_of(document)
    for description in sorted(descriptions(document), key=lambda d: -len(d.toxml())):
        _inherit_namespaces(description)
        rdf_of(rest).appendChild(rest.importNode(description, True))
        rdf_of(document).removeChild(description)
        if len(packet(document)) + 500 <= most:
            break
    extension = body(rest).encode("utf-8", "replace")
    name = hashlib.md5(extension, usedforsecurity=False).hexdigest().upper()
    noted = describe(document, about)
    noted.setAttribute("xmlns:xmpNote", _NOTE)
    noted.setAttributeNS(_NOTE, f"xmpNote:{_NAMED}", name)
    parts = [
        _PLACE.pack(name.encode(), len(extension), start) + extension[start : start + _PART]
        for start in range(0, len(extension), _PART)
    ]
    return _fitting(packet(document), most), parts


def _fitting(xmp: bytes, most: int) -> bytes:
    if len(xmp) > most:
        message = f"XMP of {len(xmp)} bytes has no parts that could stand elsewhere"
        raise ValueError(message)
    return xmp


def _name_in(document: Document) -> str:
    """The name of the extension, or nothing."""
    for description in descriptions(document):
        stated: str = description.getAttributeNS(_NOTE, _NAMED)
        for element in description.getElementsByTagNameNS(_NOTE, _NAMED):
            stated = stated or "".join(child.nodeValue or "" for child in element.childNodes)
        if stated.strip():
            return stated.strip()
    return ""


def _assembled(name: bytes, parts: Iterable[bytes]) -> bytes:
    """The named extension; nothing if a part is missing or it is longer than could be parsed."""
    whole, there = bytearray(), 0
    for labeled in parts:
        if len(labeled) < _PLACE.size:
            continue
        stated, length, start = _PLACE.unpack_from(labeled)
        part = labeled[_PLACE.size :]
        if stated.upper() != name.upper() or length > MOST_BYTES or start + len(part) > length:
            continue
        whole = whole or bytearray(length)
        if len(whole) == length:
            whole[start : start + len(part)] = part
            there += len(part)
    return bytes(whole) if there == len(whole) else b""


def _inherit_namespaces(description: Element) -> None:
    """State on the description the prefixes that it takes from the elements around it."""
    outer = description.parentNode
    while outer is not None and outer.nodeType == outer.ELEMENT_NODE:
        for name, value in outer.attributes.items():
            if name.startswith("xmlns:") and not description.hasAttribute(name):
                description.setAttribute(name, value)
        outer = outer.parentNode
