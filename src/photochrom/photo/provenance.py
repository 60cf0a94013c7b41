"""How a result says that its colors were made by a model: EXIF ``Software`` and an XMP packet.

Sources: IPTC Photo Metadata (DigitalSourceType, NewsCodes), ISO 16684-1 (XMP).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from photochrom.photo.xmp import (
    about_of,
    describe,
    descriptions,
    empty,
    packet,
    parsed,
    remove,
    writable,
)

if TYPE_CHECKING:
    from xml.dom.minidom import Document

IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
PHOTOCHROM = "https://ns.photochrom.dev/1.0/"
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


@dataclass(frozen=True)
class Provenance:
    """Who colored the photo: software ("photochrom 0.1.0"), model, its version, settings."""

    software: str
    model: str
    version: str
    settings: str


def stamped_xmp(xmp: bytes | None, provenance: Provenance) -> bytes:
    """An XMP packet that states the provenance, merged into the photo's own packet.

    A packet that cannot be :func:`~photochrom.photo.xmp.parsed` is left out and ours stands alone.
    """
    document = (parsed(xmp) if xmp is not None else None) or empty()
    try:
        _state(document, provenance)
        return packet(document)
    except RecursionError:
        return stamped_xmp(None, provenance)


def _state(document: Document, provenance: Provenance) -> None:
    """Put our properties into the document in place of earlier ones."""
    properties = {
        (IPTC, "Iptc4xmpExt", "DigitalSourceType"): SOURCE_TYPE,
        (PHOTOCHROM, "photochrom", "Model"): provenance.model,
        (PHOTOCHROM, "photochrom", "ModelVersion"): provenance.version,
        (PHOTOCHROM, "photochrom", "Settings"): provenance.settings,
    }
    for description in descriptions(document):
        for uri, _, name in properties:
            remove(description, uri, name)
    ours = describe(document, about_of(document))
    for (uri, prefix, name), value in properties.items():
        ours.setAttribute(f"xmlns:{prefix}", uri)
        ours.setAttributeNS(uri, f"{prefix}:{name}", writable(value))
