"""Formats that are written, and what results are called."""

from __future__ import annotations

from pathlib import Path

WRITABLE = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".tif": "TIFF", ".tiff": "TIFF",
    ".webp": "WEBP", ".avif": "AVIF",
}  # fmt: skip
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "TIFF": ".tif", "WEBP": ".webp", "AVIF": ".avif"}


def beside(source: Path) -> Path:
    """The default name of a result: ``grandma.color.jpg`` beside ``grandma.jpg``."""
    return source.with_name(f"{source.stem}.color{suffix_for(source)}")


def suffix_for(source: Path) -> str:
    """The source's own suffix where we write that format, else ``.png``."""
    return source.suffix if source.suffix.lower() in WRITABLE else ".png"
