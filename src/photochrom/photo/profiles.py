"""Color profiles: which kind one is, and pixels brought to sRGB through it.

The work is done in sRGB, and its result is sRGB: pixels of another profile are converted (by Little
CMS, in Pillow at 8 bits and in imagecodecs at 16), and sRGB's profile takes the place of theirs.
Pixels that a profile leaves as they are, within a level, keep it.
Sources: ICC.1:2010 for the layout of a profile; TIFF 6.0 section 23 and Adobe's technical notes for
the two encodings of Lab.
"""

from __future__ import annotations

import functools
import io
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from photochrom.errors import MissingExtra

if TYPE_CHECKING:
    from PIL import ImageCms

Convert = Callable[[np.ndarray], np.ndarray]
"""Samples (n, m, channels), uint8 or uint16, to sRGB (n, m, 3) of the same dtype."""

_WHITE = struct.pack(">iii", 0xF6D6, 0x10000, 0xD32D)  # D50, the profile connection space's
# g; or g, a, b, c, d: (a x + b)^g from d on, c x below.
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_SRGB_GAMMA, _SAME_GAMMA = 1 / 2.2, 0.05
_DATE, _NOON = slice(24, 36), struct.pack(">6H", 2026, 1, 1, 12, 0, 0)


def space_of(icc: bytes | None) -> str:
    """Color space of a profile: "RGB", "GRAY", "CMYK", ...; "" for no profile or no real one."""
    if icc is None or len(icc) < 132 or icc[36:40] != b"acsp":
        return ""
    return icc[16:20].decode("latin-1").strip()


def fitting(icc: bytes | None, space: str) -> bytes | None:
    """The profile if it is one of such pixels ("GRAY", "RGB", "CMYK" or "LAB"), else None.

    Browsers and libpng ignore a gray profile on colors, and so do we: what it says of gray is not
    meant of them. A profile of RGB says what its grays are, too, and stays on gray.
    """
    kind = space_of(icc).upper()
    return icc if kind == space or (kind, space) == ("RGB", "GRAY") else None


def gray_to_srgb(icc: bytes, depth: int) -> np.ndarray | None:
    """What each 16-bit level of gray stored with this profile is in sRGB: (65536,) uint16.

    None when the profile cannot be used, or is sRGB's own. Raises :class:`MissingExtra`.
    """
    space = space_of(icc)
    if space == "GRAY":
        return gray_table(icc)
    return rgb_table(icc, depth) if space == "RGB" else None


def gray_table(icc: bytes) -> np.ndarray | None:
    """What each 16-bit level of a gray profile is in sRGB: (65536,) uint16.

    None when the profile cannot be used.
    """
    from PIL import ImageCms

    ramp = Image.fromarray(np.arange(65536, dtype=np.uint16).reshape(256, 256))
    try:
        transform = ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.ImageCmsProfile(io.BytesIO(_gray_profile(_SRGB_CURVE))),
            "I;16",
            "I;16",
        )
        return np.asarray(transform.apply(ramp)).astype(np.uint16).reshape(65536)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def changes_levels(table: np.ndarray, depth: int) -> bool:
    """Whether a table changes any level of 8 bits, or one of 16 by more than rounding."""
    if depth == 8:
        levels = np.arange(256, dtype=np.uint8)
        return not np.array_equal(through_table(levels, table), levels)
    return bool(np.abs(table - np.arange(65536, dtype=np.int32)).max() > 1)


def through_table(luma: np.ndarray, table: np.ndarray) -> np.ndarray:
    """``luma`` (uint8 or uint16, any shape) through a table of 16-bit levels."""
    if luma.dtype == np.uint16:
        return np.take(table, luma)
    small = ((table[::257].astype(np.uint32) + 128) // 257).astype(np.uint8)
    return np.take(small, luma)


def rgb_table(icc: bytes, depth: int) -> np.ndarray | None:
    """What each 16-bit level of gray stored in this RGB profile is in sRGB: (65536,) uint16.

    None when that is the same level, or the profile cannot be used. Raises :class:`MissingExtra`.
    """
    convert = rgb_conversion(icc, depth)
    if convert is None:
        return None
    levels = np.arange(256 if depth == 8 else 65536, dtype=np.uint8 if depth == 8 else np.uint16)
    found = convert(np.repeat(levels[None, :, None], 3, axis=2))[0, :, 1]
    return np.repeat(found.astype(np.uint16) * 257, 256)[:65536] if depth == 8 else found


@functools.lru_cache(maxsize=8)
def rgb_conversion(icc: bytes | None, depth: int) -> Convert | None:
    """From this RGB profile to sRGB; None when it is sRGB itself or cannot be used.

    Raises :class:`MissingExtra` at 16 bits where imagecodecs is not installed.
    """
    transform = _transform(icc, "RGB") if space_of(icc) == "RGB" else None
    if transform is None or icc is None:
        return None
    ramp = np.linspace(0, 255, 16).astype(np.uint8)
    cube = np.stack(np.meshgrid(ramp, ramp, ramp), -1).reshape(64, 64, 3)
    convert = _by_pillow(transform, "RGB")
    if np.abs(convert(cube).astype(int) - cube).max() <= 1:
        return None
    return convert if depth == 8 else _by_imagecodecs(icc, "rgb")


def cmyk_conversion(icc: bytes | None, depth: int) -> Convert:
    """From CMYK to sRGB: through its profile, or without a usable one as inks that just absorb.

    Raises :class:`MissingExtra` at 16 bits where imagecodecs is not installed.
    """
    transform = _transform(icc, "CMYK") if space_of(icc) == "CMYK" else None
    if depth == 8:
        return _by_pillow(transform, "CMYK")
    return _inks if transform is None or icc is None else _by_imagecodecs(icc, "cmyk")


def lab_conversion(depth: int, *, as_icc: bool) -> Convert:
    """From CIE L*a*b* (D50) to sRGB; ``as_icc``: a and b are shifted rather than signed.

    Raises :class:`MissingExtra` at 16 bits where imagecodecs is not installed.
    """
    from PIL import ImageCms

    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    inner = _by_pillow(_transform(icc, "LAB"), "LAB") if depth == 8 else _by_imagecodecs(icc, "lab")

    def convert(samples: np.ndarray) -> np.ndarray:
        if depth == 8:
            # Pillow takes them signed, as TIFF has them.
            return inner(samples ^ np.array([0, 128, 128], np.uint8) if as_icc else samples)
        # Little CMS has 100 at 65535 and 0 of a and b at 128 * 257, both TIFF encodings count a
        # and b in 256ths, and ICC's puts 100 at 0xFF00.
        lab = samples.astype(np.uint32)
        if as_icc:
            lab[..., 0] = np.minimum(lab[..., 0] * 65535 // 0xFF00, 65535)
        else:
            lab[..., 1:] = (lab[..., 1:] + 0x8000) & 0xFFFF
        lab[..., 1:] = np.minimum(lab[..., 1:] * 257 // 256, 65535)
        return inner(lab.astype(np.uint16))

    return convert


def _transform(icc: bytes | None, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Pillow's transform from this profile to sRGB; None without a usable one."""
    from PIL import ImageCms

    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc or b""))
        return ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _by_pillow(transform: ImageCms.ImageCmsTransform | None, mode: str) -> Convert:
    """8-bit conversion; without a transform it is Pillow's own."""

    def convert(samples: np.ndarray) -> np.ndarray:
        rows = np.ascontiguousarray(samples)
        size = (rows.shape[1], rows.shape[0])
        strip = Image.frombuffer(mode, size, rows, "raw", mode, 0, 1)
        rgb = strip.convert("RGB") if transform is None else transform.apply(strip)
        return np.asarray(rgb)

    return convert


def _by_imagecodecs(icc: bytes, space: str) -> Convert:
    """16-bit conversion; Pillow has none."""
    try:
        import imagecodecs
    except ImportError as error:
        raise MissingExtra("archive", "16-bit color of another profile than sRGB") from error

    def convert(samples: np.ndarray) -> np.ndarray:
        rgb = imagecodecs.cms_transform(
            np.ascontiguousarray(samples),
            icc,
            srgb_profile(),
            colorspace=space,
            outcolorspace="rgb",
            outdtype="u2",
        )
        return np.asarray(rgb)

    return convert


def _inks(samples: np.ndarray) -> np.ndarray:
    """16-bit CMYK without a profile, by the rule that Pillow has for 8 bits."""
    left = 65535 - samples.astype(np.uint32)
    rgb: np.ndarray = (left[..., :3] * left[..., 3:4] + 32767) // 65535
    return rgb.astype(np.uint16)


@functools.cache
def srgb_profile() -> bytes:
    """The profile of sRGB, the same bytes every time."""
    from PIL import ImageCms

    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[_DATE] = _NOON  # else that of its making
    return bytes(made)


def gamma_profile(gamma: float) -> bytes | None:
    """A gray profile of levels that are light to the power of ``gamma`` (1: linear).

    None where that is nearly sRGB's curve, or no curve of a picture.
    """
    if not 0.1 <= gamma <= 10 or abs(gamma / _SRGB_GAMMA - 1) < _SAME_GAMMA:
        return None
    return _gray_profile((1 / gamma,))


def _gray_profile(numbers: tuple[float, ...]) -> bytes:
    """A gray profile of this parametric curve; Little CMS goes from gray to gray by two such."""
    kind = {1: 0, 5: 3}[len(numbers)]
    curve = b"para" + bytes(4) + struct.pack(">HH", kind, 0)
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
