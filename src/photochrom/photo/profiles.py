"""Color profiles: which kind one is, and gray or CMYK pixels brought to sRGB through it.

A profile of RGB pixels is kept as it is. One of gray or CMYK pixels cannot stay with an RGB file,
so its pixels are converted (by Little CMS, in Pillow) and it is let go.
Source: ICC.1:2010 for the layout of a profile.
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from PIL import ImageCms

_WHITE = struct.pack(">iii", 0xF6D6, 0x10000, 0xD32D)  # D50, the profile connection space's


def space_of(icc: bytes | None) -> str:
    """Color space of a profile: "RGB", "GRAY", "CMYK", ...; "" for no profile or no real one."""
    if icc is None or len(icc) < 132 or icc[36:40] != b"acsp":
        return ""
    return icc[16:20].decode("latin-1").strip()


def gray_table(icc: bytes) -> np.ndarray | None:
    """What each 16-bit level of a gray profile is in sRGB: (65536,) uint16.

    None when the profile cannot be used.
    """
    from PIL import ImageCms

    ramp = Image.fromarray(np.arange(65536, dtype=np.uint16).reshape(256, 256))
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.ImageCmsProfile(io.BytesIO(_gray_srgb_profile())),
            "I;16",
            "I;16",
        )
        return np.asarray(transform.apply(ramp)).astype(np.uint16).reshape(65536)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def through_table(luma: np.ndarray, table: np.ndarray) -> np.ndarray:
    """``luma`` (uint8 or uint16, any shape) through a table of 16-bit levels."""
    if luma.dtype == np.uint16:
        return np.take(table, luma)
    small = ((table[::257].astype(np.uint32) + 128) // 257).astype(np.uint8)
    return np.take(small, luma)


def cmyk_transform(icc: bytes | None) -> ImageCms.ImageCmsTransform | None:
    """A transform from this CMYK profile to sRGB; None without a usable one."""
    if icc is None or space_of(icc) != "CMYK":
        return None
    from PIL import ImageCms

    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        return ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), "CMYK", "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _gray_srgb_profile() -> bytes:
    """A gray profile with the sRGB curve: Little CMS turns gray into gray only between two such."""
    # Parametric curve of type 3: (a x + b)^g from d on, c x below.
    numbers = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0)
    curve += b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"gray\0" + bytes(78),
        b"cprt": b"text" + bytes(4) + b"none\0",
        b"wtpt": b"XYZ " + bytes(4) + _WHITE,
        b"kTRC": curve,
    }
    table, body = struct.pack(">I", len(tags)), b""
    offset = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", offset + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4xI4s4s4s", offset + len(body), 0x02100000, b"mntr", b"GRAY", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + _WHITE
    return head.ljust(128, b"\0") + table + body
