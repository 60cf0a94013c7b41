"""Metadata from an opened picture, and what it becomes when the result is written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PIL import Image

from photochrom.photo import profiles
from photochrom.photo.exif import (
    IPTC,
    ORIENTATION,
    block_of,
    directories_of,
    dpi_of,
    iptc_of,
    orientation_of,
    possible_dpi,
    trimmed,
    with_dpi,
    with_software,
    with_tags,
)
from photochrom.photo.iptc import IPTC_RESOURCE, iptc_of_text, on_copyright, resources_of
from photochrom.photo.jpeg_segments import XMP_EXTENSION
from photochrom.photo.photo import Metadata, Text
from photochrom.photo.png_texts import OTHER_KEYWORDS, data_of_text, exif_of_texts, xmp_of_texts
from photochrom.photo.provenance import Provenance, stamped_xmp
from photochrom.photo.texts import comments_of

_IPTC_TEXTS = ("Raw profile type iptc", "Raw profile type 8bim", "Raw profile type app13")


_STORED_AS_RGB = ("BMP", "GIF", "WEBP")
"""Formats whose pixels are colors though Pillow may open those that are gray as gray."""


def metadata_of(
    image: Image.Image, format: str, *, space: str = "", only_headers: bool = False
) -> Metadata:
    """What Pillow found in a file of this format; ``only_headers`` keeps it from decoding pixels.

    A profile is left out unless it is one of the pixels' ``space``, without which Pillow's mode
    decides; whether it may stay depends on more (``kept_profile``). A PNG without one that states
    its gamma gets that of such a gray.
    """
    info: dict[Any, Any] = image.info
    exif = trimmed(_bytes(info.get("exif"))) or exif_of_texts(info)
    if exif is None and not only_headers:
        exif = _rebuilt_exif(image)
    dpi = info.get("dpi")
    # Pillow invents 72 dpi for a JPEG whose EXIF has none.
    if format == "JPEG" and info.get("jfif_unit") not in (1, 2):
        dpi = None
    xmp = _bytes(info.get("xmp") or info.get("XML:com.adobe.xmp"))
    if xmp is None and format == "PNG":
        # Not of a picture that Pillow made of one: turned upright, it still has this text.
        xmp = xmp_of_texts(info)
    if xmp is not None and hasattr(image, "applist"):
        xmp = _whole_xmp(xmp, image.applist)
    icc = profiles.fitting(_bytes(info.get("icc_profile")), space or _space_of(image, format))
    if icc is None and format == "PNG" and "srgb" not in info:
        icc = profiles.gamma_profile(info.get("gamma", 0.0))
    return Metadata(
        exif,
        icc,
        xmp,
        _stated_dpi(dpi) or dpi_of(exif),
        _iptc(info, exif),
        _texts(image, only_headers=only_headers),
        resources=on_copyright(_resources(info)),
    )


def metadata_of_blocks(exif: bytes | None, xmp: bytes | None, icc: bytes | None) -> Metadata:
    """What a file holds as whole blocks, as those of boxes do; ``icc`` is one of its pixels."""
    exif = trimmed(exif)
    return Metadata(exif, icc, xmp or None, dpi_of(exif), iptc_of(exif))


def _space_of(image: Image.Image, format: str) -> str:
    """Color space of the pixels that a file of this format has for Pillow's mode."""
    if image.mode in ("CMYK", "LAB"):
        return image.mode
    is_gray = image.mode in ("1", "L", "LA", "La") or image.mode.startswith("I")
    return "GRAY" if is_gray and format not in _STORED_AS_RGB else "RGB"


def _whole_xmp(xmp: bytes, segments: list[tuple[str, bytes]]) -> bytes:
    """The packet with what stands in other segments of a JPEG."""
    start = len(XMP_EXTENSION)
    parts = [payload[start:] for _, payload in segments if payload[:start] == XMP_EXTENSION]
    if not parts:
        return xmp
    from photochrom.photo.extended_xmp import joined_xmp

    return joined_xmp(xmp, parts)


def kept_profile(icc: bytes | None) -> bytes | None:
    """The profile if an RGB file can carry it."""
    return icc if profiles.space_of(icc) == "RGB" else None


def stamped(metadata: Metadata, provenance: Provenance | None) -> Metadata:
    """The metadata with the provenance merged in; unchanged without one."""
    if provenance is None:
        return metadata
    return replace(
        metadata,
        exif=with_software(metadata.exif, f"{provenance.software} ({provenance.model})"),
        xmp=stamped_xmp(metadata.xmp, provenance),
    )


def with_resolution_in_exif(metadata: Metadata) -> Metadata:
    """For formats that have no field for dots per inch: EXIF states them."""
    if metadata.dpi is None or dpi_of(metadata.exif) is not None:
        return metadata
    return replace(metadata, exif=with_dpi(metadata.exif, metadata.dpi))


def with_iptc_in_exif(metadata: Metadata) -> Metadata:
    """For formats that have no place for IPTC: EXIF holds it, in the tag that TIFF has for it."""
    if metadata.iptc is None or iptc_of(metadata.exif) == metadata.iptc:
        return metadata
    return replace(metadata, exif=with_tags(metadata.exif, {IPTC: metadata.iptc}))


def without_iptc_in_exif(metadata: Metadata) -> Metadata:
    """For formats that have a place for IPTC."""
    if metadata.iptc is None or iptc_of(metadata.exif) is None:
        return metadata
    return replace(metadata, exif=with_tags(metadata.exif, {IPTC: None}))


def _texts(image: Image.Image, *, only_headers: bool) -> tuple[Text, ...]:
    """A JPEG's comments, or what Pillow holds of texts and comments; to ask a PNG decodes it."""
    if hasattr(image, "applist"):
        return comments_of(payload for name, payload in image.applist if name == "COM")
    held = {} if only_headers else getattr(image, "text", {})
    if isinstance(held, dict) and held:
        texts = (
            Text(keyword, text, getattr(text, "lang", "") or "", getattr(text, "tkey", "") or "")
            for keyword, text in held.items()
        )
        return tuple(text for text in texts if not text.keyword.startswith(OTHER_KEYWORDS))
    comment = _bytes(image.info.get("comment"))
    return () if comment is None else comments_of([comment])


def _resources(info: dict[Any, Any]) -> dict[int, object]:
    """Photoshop's resources as Pillow parsed them, or from a PNG's text."""
    resources = info.get("photoshop")
    if isinstance(resources, dict):
        return resources
    found: dict[int, object] = {}
    for name in _IPTC_TEXTS:
        found |= resources_of(data_of_text(info.get(name)))
    return found


def _iptc(info: dict[Any, Any], exif: bytes | None) -> bytes | None:
    """IPTC from Photoshop's resources as Pillow parsed them, from a PNG's text, or from EXIF."""
    found = _resources(info).get(IPTC_RESOURCE)
    for name in _IPTC_TEXTS:
        found = found or iptc_of_text(info.get(name))
    return found if isinstance(found, bytes) and found else iptc_of(exif)


def _rebuilt_exif(image: Image.Image) -> bytes | None:
    """EXIF that Pillow holds as tags (of a TIFF, or set by hand), without those of the layout."""
    try:
        held = image.getexif()
        block = trimmed(held.tobytes()) if len(held) else None
    except Exception:  # odd tags fail in many ways, and are no reason to refuse the picture
        return None
    if block is None:
        return None
    order, directories = directories_of(block)
    kept, stated = block_of(directories, order), orientation_of(block)
    return kept if stated is None else with_tags(kept, {ORIENTATION: (stated,)})


def _bytes(value: object) -> bytes | None:
    """Bytes of a value that Pillow gives as bytes or text; None when empty."""
    if isinstance(value, str):
        value = value.encode("utf-8", "replace")
    return value if isinstance(value, bytes) and value else None


def _stated_dpi(dpi: Any) -> tuple[float, float] | None:
    """What Pillow calls the resolution, or None when it is none."""
    try:
        return possible_dpi(float(dpi[0]), float(dpi[1]))
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
