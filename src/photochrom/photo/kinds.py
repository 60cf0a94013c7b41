"""Which kind of file some bytes begin, told by their first bytes and not by a name."""

from __future__ import annotations

from photochrom.errors import UnreadablePhoto, UnsupportedPhoto

HEAD_BYTES = 64
READABLE = "JPEG, PNG, TIFF, WebP, AVIF, BMP, GIF or PPM"

_MAGIC = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    *((b"P%d" % digit, "PPM") for digit in range(1, 7)),
)
_FOREIGN = (
    (b"8BPS", "a Photoshop document"),
    (b"%PDF", "a PDF"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xffO\xffQ", "JPEG 2000"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\1\0", "an icon"),
    (b"<svg", "SVG"),
)


def kind_of(head: bytes) -> str:
    """Kind of file by its first ``HEAD_BYTES`` bytes: "JPEG", "PNG", "TIFF", ...

    Raises:
        UnreadablePhoto: empty, or no picture. The texts are the reasons alone.
        UnsupportedPhoto: a picture of a kind that is not read.
    """
    if not head:
        message = "it is empty"
        raise UnreadablePhoto(message)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    foreign = next((name for magic, name in _FOREIGN if head.startswith(magic)), None)
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in (b"avif", b"avis") or (brand in (b"mif1", b"msf1") and b"avif" in head):
            return "AVIF"
        foreign = "HEIC" if brand in (b"heic", b"heix", b"mif1", b"msf1") else "a film"
    if foreign is not None:
        message = f"it is {foreign}; save it as {READABLE}"
        raise UnsupportedPhoto(message)
    message = f"it is not a picture ({READABLE})"
    raise UnreadablePhoto(message)
