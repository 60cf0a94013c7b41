"""XMP that speaks of parts of a file which its colored result does not have: what it says goes.

Such parts are previews, the video of a motion photo, a gain map, and whatever else lies behind a
JPEG's picture. A preview inside the packet goes, too: it would show the gray picture.
Sources: ISO 16684-1 (thumbnails); Google's Motion Photo format 1.0 and its forerunner Micro Video,
Dynamic Depth 1.0 and depth map metadata; Adobe's gain map specification 1.0.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from photochrom.photo.xmp import decoded, packet, parsed, rdf_of

if TYPE_CHECKING:
    from xml.dom.minidom import Attr, Document, Element

_ALL = ("",)
_GOOGLE = "http://ns.google.com/photos/"
_GONE = {
    "http://ns.adobe.com/xap/1.0/": ("Thumbnails", "PageInfo"),
    "http://ns.adobe.com/xap/1.0/g/img/": _ALL,
    "http://ns.adobe.com/xmp/note/": ("HasExtendedXMP",),
    "http://ns.adobe.com/hdr-gain-map/1.0/": _ALL,
    "http://ns.apple.com/HDRGainMap/1.0/": _ALL,
    "http://ns.apple.com/pixeldatainfo/1.0/": _ALL,
    f"{_GOOGLE}1.0/container/": _ALL,
    f"{_GOOGLE}1.0/container/item/": _ALL,
    f"{_GOOGLE}1.0/image/": _ALL,
    "http://ns.oplus.com/photos/1.0/camera/": ("OLivePhoto", "VideoLength"),
}
"""Namespaces, and how the names begin of those properties in them that go."""

_GONE_BELOW = f"{_GOOGLE}dd/"  # Dynamic Depth: each of its structures has a namespace of its own
_GONE_ANYWHERE = ("MotionPhoto", "MicroVideo")  # makers have these in namespaces of theirs
_XMLNS = "http://www.w3.org/2000/xmlns/"

# Most packets have none of it, and are not parsed.
_HINTS = (
    "Thumbnails", "PageInfo", "/g/img/", "HasExtendedXMP", "hdr-gain-map", "HDRGainMap",
    "pixeldatainfo", "1.0/container/", "1.0/image/", "photos/dd/", "OLivePhoto", "VideoLength",
    *_GONE_ANYWHERE,
)  # fmt: skip
# A reference may hide a namespace's name.
_HIDDEN = re.compile(r"""xmlns(?::[\w.-]{1,99})?\s{0,9}=\s{0,9}(?:"[^"]*&|'[^']*&)""")


def without_lost_parts(xmp: bytes | None) -> bytes | None:
    """The packet without what it says of parts that a result does not have.

    The same bytes where it says nothing of them. None where it does and cannot be parsed.
    """
    if xmp is None:
        return None
    text, _ = decoded(xmp)
    if not any(hint in text for hint in _HINTS) and not _HIDDEN.search(text):
        return xmp
    document = parsed(xmp)
    if document is None:
        return None
    try:
        return packet(document) if _remove_lost(document) else xmp
    except RecursionError:
        return None


def _remove_lost(document: Document) -> bool:
    """Remove such properties, however they are written and nested; whether there were any."""
    found = False
    for element in rdf_of(document).getElementsByTagName("*"):
        if _is_gone(element) and (owner := element.parentNode) is not None:
            owner.removeChild(element)
            found = True
        for stated in list(element.attributes.values()):
            if _is_gone(stated):
                element.removeAttributeNode(stated)
                found = True
    if found:
        _remove_unused_names(document)
    return found


def _is_gone(node: Element | Attr) -> bool:
    uri, name = node.namespaceURI or "", node.localName or ""
    if uri == _XMLNS:
        return False
    starts = _GONE.get(uri, ())
    return uri.startswith(_GONE_BELOW) or name.startswith((*starts, *_GONE_ANYWHERE))


def _remove_unused_names(document: Document) -> None:
    """Take back the prefixes of namespaces that have nothing left: they are a claim, too."""
    elements = document.getElementsByTagName("*")
    stated = [one for element in elements for one in element.attributes.values()]
    used = {node.namespaceURI for node in (*elements, *stated)}
    for element in elements:
        for one in list(element.attributes.values()):
            uri = one.value
            ours = uri in _GONE or uri.startswith(_GOOGLE)
            if one.namespaceURI == _XMLNS and ours and uri not in used:
                element.removeAttributeNode(one)
