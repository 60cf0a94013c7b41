"""Segments of a JPEG file that carry metadata, put into a file that has only the picture.

Sources: JFIF 1.02 (density), EXIF 2.32 (APP1), ISO 16684-3 (XMP in APP1), ICC.1 annex B.4 (APP2).
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from photochrom.photo.exif import MARKER
from photochrom.photo.iptc import resources_of_iptc
from photochrom.photo.photo import Metadata
from photochrom.photo.texts import bytes_of
from photochrom.photo.xmp import SEGMENT

ROOM = 65533
"""Bytes of a segment: its length field counts itself."""

XMP_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_ICC = b"ICC_PROFILE\0"
MOST_EXIF = ROOM - len(MARKER)
_MOST_XMP = ROOM - len(SEGMENT)
_FRAMES, _SCAN = (b"\xff\xc0", b"\xff\xc1", b"\xff\xc2"), b"\xff\xda"
_ICC_CHUNK = ROOM - len(_ICC) - 2


def insert_segments(coded: bytes, file: BinaryIO, metadata: Metadata) -> None:
    """Write a coded JPEG with its metadata behind the JFIF header.

    XMP longer than a segment goes into several. EXIF and IPTC longer than one, and profiles longer
    than 255, are left out: the format cannot hold them.
    """
    rest = 2
    if coded[2:4] == b"\xff\xe0":  # replace the encoder's JFIF header: ours has the density
        rest += 2 + struct.unpack(">H", coded[4:6])[0]
    file.write(coded[:2])
    file.write(_jfif(metadata.dpi))
    if metadata.exif is not None and len(metadata.exif) <= MOST_EXIF:
        file.write(_segment(0xE1, MARKER + metadata.exif))
    for payload in _xmp(metadata.xmp):
        file.write(_segment(0xE1, payload))
    if metadata.iptc is not None or metadata.resources:
        resources = resources_of_iptc(metadata.iptc, metadata.resources)
        if len(resources) <= ROOM:
            file.write(_segment(0xED, resources))
    if metadata.icc is not None:
        for segment in _profile(metadata.icc):
            file.write(segment)
    for comment in metadata.texts:
        file.write(_segment(0xFE, bytes_of(comment)[:ROOM]))
    file.write(memoryview(coded)[rest:])


def with_size(coded: bytes, height: int, width: int) -> bytes:
    """A coded JPEG whose frame header states another size, of as many coded blocks.

    ValueError where no such header is found.
    """
    position = 2
    while (marker := coded[position : position + 2]) not in _FRAMES:
        if marker == b"\xff\xff":  # a fill byte
            position += 1
            continue
        if marker[:1] != b"\xff" or marker == _SCAN:
            message = "no frame header"
            raise ValueError(message)
        position += 2 + int.from_bytes(coded[position + 2 : position + 4])
    size = struct.pack(">HH", height, width)
    if coded[position + 5 : position + 9] == size:
        return coded
    return coded[: position + 5] + size + coded[position + 9 :]


def _segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def _jfif(dpi: tuple[float, float] | None) -> bytes:
    """JFIF header with the density, or with square pixels when it is unknown."""
    unit, x, y = (0, 1, 1)
    if dpi is not None:
        unit, x, y = 1, *(min(max(round(number), 1), 65535) for number in dpi)
    return _segment(0xE0, struct.pack(">5sHBHHBB", b"JFIF\0", 0x0101, unit, x, y, 0, 0))


def _xmp(xmp: bytes | None) -> list[bytes]:
    """What segments are to hold the packet; none if it can neither fit in one nor be split."""
    if xmp is None:
        return []
    if len(xmp) <= _MOST_XMP:
        return [SEGMENT + xmp]
    from photochrom.photo.extended_xmp import split_xmp

    try:
        main, parts = split_xmp(xmp, _MOST_XMP)
    except ValueError:
        return []
    return [SEGMENT + main, *(XMP_EXTENSION + part for part in parts)]


def _profile(icc: bytes) -> list[bytes]:
    """The profile in numbered segments."""
    chunks = [icc[start : start + _ICC_CHUNK] for start in range(0, len(icc), _ICC_CHUNK)]
    if len(chunks) > 255:
        return []
    return [
        _segment(0xE2, _ICC + bytes((number, len(chunks))) + chunk)
        for number, chunk in enumerate(chunks, start=1)
    ]
