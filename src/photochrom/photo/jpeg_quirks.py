"""Headers of JPEG files that are odd but harmless: libjpeg says so and decodes the whole picture.

They are put right before the decoder sees them, as it tells only the first oddity that it meets:
one that is harmless would hide damage behind it.
Source: libjpeg-turbo, jdmarker.c, jdapimin.c, jdhuff.c and jdicc.c.
"""

from __future__ import annotations

import struct

from photochrom.photo.jpeg_luma import segments_of

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
