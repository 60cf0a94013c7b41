"""IPTC-IIM, the captions and credits of press and archive, in each format's own place.

JPEG keeps it as a resource of Photoshop's in APP13, TIFF in a tag of its own, and our PNG, WebP and
AVIF in that tag of their EXIF, which has no other place for it; PNG files of other programs hold it
as hexadecimal text.
Sources: IPTC-NAA IIM 4.2; Adobe Photoshop file formats (image resource blocks).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

from photochrom.photo.png_texts import data_of_text

_PHOTOSHOP = b"Photoshop 3.0\0"
_RESOURCE = b"8BIM"
IPTC_RESOURCE, COPYRIGHTED, URL = 0x0404, 0x040A, 0x040B


def resources_of(data: bytes | None) -> dict[int, bytes]:
    """Photoshop's image resources by their numbers, with or without their mark before them."""
    data, position = (data or b"").removeprefix(_PHOTOSHOP), 0
    found: dict[int, bytes] = {}
    while data[position : position + 4] == _RESOURCE and position + 12 <= len(data):
        (kind, name) = struct.unpack(">HB", data[position + 4 : position + 7])
        at = position + 6 + (name + 2) // 2 * 2  # a counted name, padded to an even length
        if at + 4 > len(data):
            break
        (length,) = struct.unpack(">I", data[at : at + 4])
        found.setdefault(kind, data[at + 4 : at + 4 + length])
        position = at + 4 + (length + 1) // 2 * 2
    return found


def iptc_of_resources(resources: bytes | None) -> bytes | None:
    """The IPTC block among Photoshop's image resources; None when there is none."""
    return resources_of(resources).get(IPTC_RESOURCE) or None


def on_copyright(resources: Mapping[int, object]) -> tuple[tuple[int, bytes], ...]:
    """The resources that speak of the copyright, which Photoshop has nowhere else."""
    found = ((kind, resources.get(kind)) for kind in (COPYRIGHTED, URL))
    return tuple((kind, data) for kind, data in found if isinstance(data, bytes) and data)


def bytes_of_resources(resources: Iterable[tuple[int, bytes]]) -> bytes:
    """The resources as Photoshop stores them one after the other, without their mark."""
    return b"".join(
        _RESOURCE + struct.pack(">HHI", kind, 0, len(data)) + data + bytes(len(data) % 2)
        for kind, data in resources
    )


def resources_of_iptc(iptc: bytes | None, others: Iterable[tuple[int, bytes]] = ()) -> bytes:
    """The payload of a JPEG's APP13 segment that holds this block, and other resources."""
    own = [] if iptc is None else [(IPTC_RESOURCE, iptc)]
    return _PHOTOSHOP + bytes_of_resources([*own, *others])


def iptc_of_text(text: object) -> bytes | None:
    """The block of a PNG's text "Raw profile type iptc" (or 8bim); None when it is none."""
    data = data_of_text(text)
    is_resources = data is not None and data.startswith((_RESOURCE, _PHOTOSHOP))
    return iptc_of_resources(data) if is_resources else data
