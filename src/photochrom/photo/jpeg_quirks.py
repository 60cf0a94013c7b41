"""Headers of JPEG files that are odd but harmless: libjpeg says so and decodes the whole picture.

They are put right before the decoder sees them, as it tells only the first oddity that it meets:
one that is harmless would hide damage behind it.
Source: libjpeg-turbo, jdmarker.c, jdapimin.c, jdhuff.c and jdicc.c.
"""

from __future__ import annotations

import struct

from photochrom.photo.jpeg_luma import headers_of, segments_of

HARMLESS = (
    "unknown JFIF revision",
    "Unknown Adobe color transform",
    "Invalid SOS parameters for sequential",
    "bad ICC marker",
)
"""What libjpeg says of them."""

_FRAMES, _PROGRESSIVE = (0xC0, 0xC1, 0xC2, 0xC9, 0xCA), (0xC2, 0xCA)
_APP0, _APP2, _APP14, _SOS = 0xE0, 0xE2, 0xEE, 0xDA
_JFIF, _ICC, _ADOBE = b"JFIF\0", b"ICC_PROFILE\0", b"Adobe"
_APP13, _PHOTOSHOP, _RESOURCE = 0xED, b"Photoshop 3.0\0", b"8BIM"
_LEAST = ((_APP0, _JFIF[:4], 14), (_APP14, _ADOBE, 12), (_APP2, _ICC, len(_ICC) + 2))
"""Segments, by marker and name, with the bytes below which libjpeg takes them for another's."""

_REVISION, _TRANSFORM = len(_JFIF), 11  # where in their segments
_TRANSFORMS = {3: (1, 0), 4: (2, 0)}  # by components; the first is taken for an unknown one
_WHOLE_BLOCK = bytes((0, 63, 0))  # first and last coefficient, and bits, of a sequential scan


def without_quirks(data: bytes) -> bytes:
    """The same picture with headers as the standards have them.

    Put right are an unknown revision of JFIF, an unknown color transform of Adobe's, and scans of a
    sequential picture that claim a part of its coefficients; a profile is hidden, as its pieces may
    not fit, and it is read elsewhere. The same bytes where the layout is unusual.
    """
    fixed = bytearray(data)
    components, is_sequential, transform = 0, False, None
    try:
        for segment in segments_of(data):
            payload, at = segment.payload, segment.at
            if segment.marker == _APP0 and payload.startswith(_JFIF):
                fixed[at + _REVISION] = 1
            elif segment.marker == _APP2 and payload.startswith(_ICC):
                fixed[at] = 0
            elif segment.marker == _APP14 and payload.startswith(_ADOBE):
                transform = at + _TRANSFORM
            elif segment.marker in _FRAMES:
                components, is_sequential = payload[5], segment.marker not in _PROGRESSIVE
            elif segment.marker == _SOS and is_sequential:
                end = at + len(payload)
                fixed[end - len(_WHOLE_BLOCK) : end] = _WHOLE_BLOCK
    except (ValueError, IndexError, struct.error):
        return data
    known = _TRANSFORMS.get(components)
    if transform is not None and known is not None and fixed[transform] not in known:
        fixed[transform] = known[0]
    return bytes(fixed)


def without_stumps(data: bytes) -> bytes:
    """The same picture without what is too short to say anything in segments of its header.

    libjpeg passes over JFIF's, Adobe's and a profile's segment where they end before their fields
    do, and Pillow fails on them and on half a Photoshop resource. Their names are made unreadable.
    """
    hidden: list[int] = []
    for segment in headers_of(data):
        marker, payload = segment.marker, segment.payload
        for known, name, least in _LEAST:
            if marker == known and payload.startswith(name) and len(payload) < least:
                hidden.append(segment.at)
        if marker == _APP13 and payload.startswith(_PHOTOSHOP):
            hidden += [segment.at + place for place in _half_resource(payload)]
    if not hidden:
        return data
    fixed = bytearray(data)
    for place in hidden:
        fixed[place] = 0
    return bytes(fixed)


def _half_resource(payload: bytes) -> list[int]:
    """Where the resource begins whose head is not all there, if there is one."""
    place = len(_PHOTOSHOP)
    while payload.startswith(_RESOURCE, place):
        name = place + len(_RESOURCE) + 2
        size = name + (payload[name] + 2) // 2 * 2 if name < len(payload) else len(payload)
        if size + 4 > len(payload):
            return [place]
        place = size + 4 + (int.from_bytes(payload[size : size + 4]) + 1) // 2 * 2
    return []
