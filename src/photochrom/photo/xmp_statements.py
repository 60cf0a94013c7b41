"""Properties stated of the picture in an XMP packet, beside what that says already.

Source: ISO 16684-1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from photochrom.photo.xmp import RDF, about_of, describe, descriptions, writable

if TYPE_CHECKING:
    from xml.dom.minidom import Document, Element


@dataclass(frozen=True)
class Property:
    """A property by its namespace, its name, and what holds its values: "Alt", "Seq" or nothing."""

    uri: str
    prefix: str
    name: str
    form: str = ""


def state(document: Document, wanted: Property, text: str, language: str = "x-default") -> bool:
    """State a text of the picture; whether the document now does.

    What it says already stays: only another language, or another item of a list, goes beside it.
    """
    text = writable(text)
    for description in descriptions(document):
        if description.hasAttributeNS(wanted.uri, wanted.name):
            return bool(description.getAttributeNS(wanted.uri, wanted.name) == text)
        for stated in description.getElementsByTagNameNS(wanted.uri, wanted.name):
            if stated.parentNode is description:
                return _joins(document, stated, wanted.form, text, language)
    ours = describe(document, about_of(document))
    ours.setAttribute(f"xmlns:{wanted.prefix}", wanted.uri)
    stated = document.createElementNS(wanted.uri, f"{wanted.prefix}:{wanted.name}")
    ours.appendChild(stated)
    if not wanted.form:
        stated.appendChild(document.createTextNode(text))
        return True
    container = document.createElementNS(RDF, f"rdf:{wanted.form}")
    container.setAttribute("xmlns:rdf", RDF)
    stated.appendChild(container)
    # The first of several languages is what programs show that know none.
    return _joins(document, stated, wanted.form, text, "x-default")


def _joins(document: Document, stated: Element, form: str, text: str, language: str) -> bool:
    """Whether a property that is there says the text, alone or now beside others."""
    items = stated.getElementsByTagNameNS(RDF, "li")
    if any(_text_in(item) == text for item in items or [stated]):
        return True
    containers = stated.getElementsByTagNameNS(RDF, form) if form else []
    languages = {item.getAttribute("xml:lang") for item in items}
    if not containers or (form == "Alt" and language in languages):
        return False
    item = document.createElementNS(RDF, "rdf:li")
    item.setAttribute("xmlns:rdf", RDF)
    if form == "Alt":
        item.setAttribute("xml:lang", language)
    item.appendChild(document.createTextNode(text))
    containers[0].appendChild(item)
    return True


def _text_in(element: Element) -> str:
    return "".join(child.nodeValue or "" for child in element.childNodes).strip()
