"""IPTC-IIM, the captions and credits of press and archive, in each format's own place.

JPEG keeps it as a resource of Photoshop's in APP13, TIFF in a tag of its own, and our PNG, WebP and
AVIF in that tag of their EXIF, which has no other place for it; PNG files of other programs hold it
as hexadecimal text.
Sources: IPTC-NAA IIM 4.2; Adobe Photoshop file formats (image resource blocks).
"""

from __future__ import annotations

import struct

from photochrom.photo.png_texts import data_of_text

_PHOTOSHOP = b"Photoshop 3.0\0"
_RESOURCE = b"8BIM"
IPTC_RESOURCE = 0x0404


def iptc_of_resources(resources: bytes | None) -> bytes | None:
    """The IPTC block among Photoshop's image resources; None when there is none."""
    data, position = (resources or b"").removeprefix(_PHOTOSHOP), 0
    while data[position : position + 4] == _RESOURCE and position + 12 <= len(data):
        (kind, name) = struct.unpack(">HB", data[position + 4 : position + 7])
        at = position + 6 + (name + 2) // 2 * 2  # a counted name, padded to an even length
        if at + 4 > len(data):
            return None
        (length,) = struct.unpack(">I", data[at : at + 4])
        if kind == IPTC_RESOURCE:
            return data[at + 4 : at + 4 + length] or None
        position = at + 4 + (length + 1) // 2 * 2
    return None


def resources_of_iptc(iptc: bytes) -> bytes:
    """The payload of a JPEG's APP13 segment that holds this block alone."""
    head = _RESOURCE + struct.pack(">HHI", IPTC_RESOURCE, 0, len(iptc))
    return _PHOTOSHOP + head + iptc + bytes(len(iptc) % 2)


def iptc_of_text(text: object) -> bytes | None:
    """The block of a PNG's text "Raw profile type iptc" (or 8bim); None when it is none."""
    data = data_of_text(text)
    is_resources = data is not None and data.startswith((_RESOURCE, _PHOTOSHOP))
    return iptc_of_resources(data) if is_resources else data
