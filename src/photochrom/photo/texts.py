"""Descriptive texts outside of EXIF, XMP and IPTC: a PNG's texts, the comments of other formats.

A result keeps them as its format does. What that has no place for is stated in XMP, as is whether
Photoshop called the picture copyrighted, and where it says more on that.
Sources: PNG, third edition (keywords); ISO 16684-1 and the IPTC Photo Metadata Standard
(properties).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from photochrom.photo.iptc import COPYRIGHTED, URL, resources_of_iptc
from photochrom.photo.photo import Metadata, Text
from photochrom.photo.xmp import MOST_BYTES, empty, packet, parsed
from photochrom.photo.xmp_statements import Property, state

COMMENT = "Comment"
"""The keyword of what a format has without one."""

_MOST_COMMENT = _MOST_RESOURCES = 65533  # what a segment of a JPEG holds
_DC, _EXIF = "http://purl.org/dc/elements/1.1/", "http://ns.adobe.com/exif/1.0/"
_RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
_TITLE = Property(_DC, "dc", "title", "Alt")
_CREATOR = Property(_DC, "dc", "creator", "Seq")
_COPYRIGHT = Property(_DC, "dc", "rights", "Alt")
_DESCRIPTION = Property(_DC, "dc", "description", "Alt")
_USER_COMMENT = Property(_EXIF, "exif", "UserComment", "Alt")
_PROPERTIES = {
    "title": (_TITLE,),
    "author": (_CREATOR,),
    "artist": (_CREATOR,),
    "creator": (_CREATOR,),
    "copyright": (_COPYRIGHT,),
    "rights": (_COPYRIGHT,),
    "description": (_DESCRIPTION,),
    "caption": (_DESCRIPTION,),
    "comment": (_DESCRIPTION, _USER_COMMENT),
    "disclaimer": (Property(_RIGHTS, "xmpRights", "UsageTerms", "Alt"),),
    "source": (Property(_DC, "dc", "source"),),
    "software": (Property("http://ns.adobe.com/xap/1.0/", "xmp", "CreatorTool"),),
}
"""Where XMP states a text of this keyword: in the first of these that says nothing else yet."""

_MARKED = Property(_RIGHTS, "xmpRights", "Marked")
_STATEMENT = Property(_RIGHTS, "xmpRights", "WebStatement")
_OF_THE_FILE = ("date:", "thumb::")
"""So begin keywords of what programs say of the file that it was, and nobody of the picture."""


def comments_of(blocks: Iterable[bytes]) -> tuple[Text, ...]:
    """Comments of any bytes, which :func:`bytes_of` gives back as they were."""
    return tuple(Text(COMMENT, block.decode("utf-8", "surrogateescape")) for block in blocks)


def bytes_of(comment: Text) -> bytes:
    """The bytes of a comment: those that it had, else UTF-8."""
    try:
        return comment.text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return comment.text.encode("utf-8", "replace")


def plain(text: Text) -> str:
    """The text without null characters; bytes that are no UTF-8 are taken for Western European."""
    data = bytes_of(text)
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding).replace("\0", "")
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1").replace("\0", "")


def readable(text: Text) -> str:
    """The text as people read it: lines that end in one way, and nothing around them."""
    return plain(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def fitted(metadata: Metadata, kind: str) -> tuple[Metadata, tuple[str, ...]]:
    """The metadata as a file of this kind ("JPEG", "PNG", ...) holds its texts and resources.

    Also what cannot be kept, by keyword.
    """
    is_short = kind != "JPEG" or _fits_jpeg(metadata)
    if not (metadata.texts or metadata.resources or metadata.unread) and is_short:
        return metadata, ()
    own = tuple(text for text in metadata.texts if _is_own(text, kind))
    others = _joined(text for text in metadata.texts if text not in own)
    xmp, left = _stated(metadata, others)
    if kind == "JPEG":
        said = tuple(Text(COMMENT, f"{text.keyword}: {readable(text)}") for text in left)
        own += tuple(text for text in said if _is_own(text, kind))
        left = [text for text, line in zip(left, said, strict=True) if line not in own]
    iptc = metadata.iptc if is_short else None
    lost = (*(text.keyword for text in left), *metadata.unread, *(() if is_short else ("IPTC",)))
    resources = metadata.resources if kind in ("JPEG", "TIFF") else ()
    changed = replace(metadata, texts=own, xmp=xmp, resources=resources, iptc=iptc, unread=())
    return changed, tuple(dict.fromkeys(lost))


def _fits_jpeg(metadata: Metadata) -> bool:
    """Whether a JPEG has room for IPTC, which shares a segment with the resources."""
    resources = resources_of_iptc(metadata.iptc, metadata.resources)
    return metadata.iptc is None or len(resources) <= _MOST_RESOURCES


def _is_own(text: Text, kind: str) -> bool:
    """Whether the format has a place for it."""
    is_comment = text.keyword == COMMENT and not text.language
    return kind == "PNG" or (
        kind == "JPEG" and is_comment and 0 < len(bytes_of(text)) <= _MOST_COMMENT
    )


def _joined(texts: Iterable[Text]) -> list[Text]:
    """The texts that say something of the picture, comments as one."""
    said = [text for text in texts if readable(text)]
    said = [text for text in said if not text.keyword.lower().startswith(_OF_THE_FILE)]
    comments = dict.fromkeys(readable(text) for text in said if text.keyword == COMMENT)
    others = [text for text in said if text.keyword != COMMENT]
    return others + ([Text(COMMENT, "\n".join(comments))] if comments else [])


def _stated(metadata: Metadata, texts: list[Text]) -> tuple[bytes | None, list[Text]]:
    """The packet that states these texts and the rights, and the texts that it cannot state."""
    document = empty() if metadata.xmp is None else parsed(metadata.xmp)
    if document is None:
        return metadata.xmp, texts
    room = MOST_BYTES // 2 - len(metadata.xmp or b"")
    left, changed = [], False
    for text in texts:
        said, places = readable(text), _PROPERTIES.get(text.keyword.lower(), ())
        room -= len(said.encode("utf-8", "replace"))
        is_there = room > 0 and any(
            state(document, place, said, text.language or "x-default") for place in places
        )
        changed = changed or is_there
        if not is_there:
            left.append(text)
    resources = dict(metadata.resources)
    if any(resources.get(COPYRIGHTED, b"")):
        changed = state(document, _MARKED, "True") or changed
    (url,) = comments_of([resources.get(URL, b"")])
    if readable(url):
        changed = state(document, _STATEMENT, readable(url)) or changed
    try:
        return (packet(document) if changed else metadata.xmp), left
    except RecursionError:
        return metadata.xmp, texts
