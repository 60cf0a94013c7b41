"""The kinds of files that are read, and which of them some bytes begin.

What a file is, its first bytes tell and not its name; by their names folders are searched.
"""

from __future__ import annotations

import functools
import importlib.util
import os
from dataclasses import dataclass

from photochrom.errors import MissingExtra, UnreadablePhoto, UnsupportedPhoto
from photochrom.installation import package_line

HEAD_BYTES = 64


@dataclass(frozen=True)
class Kind:
    """A kind of file that is read.

    ``title`` is what people call it; ``result`` the format of a result that no other format was
    asked for, by its name in ``KINDS``; ``package`` what reads it where that is not Pillow, and
    ``extra`` the extra that brings the package, if it is none of the base install.
    """

    title: str
    suffixes: tuple[str, ...]
    result: str = "PNG"
    package: str = ""
    extra: str = ""


_JPEG = (".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".jfi", ".pjpeg", ".pjpg")

KINDS = {
    "JPEG": Kind("JPEG", _JPEG, "JPEG"),
    "PNG": Kind("PNG", (".png",)),
    "TIFF": Kind("TIFF", (".tif", ".tiff"), "TIFF"),
    "WEBP": Kind("WebP", (".webp",), "WEBP"),
    "AVIF": Kind("AVIF", (".avif",), "AVIF"),
    "HEIC": Kind("HEIC", (".heic", ".heif", ".hif"), "JPEG", "pi_heif"),
    "JXL": Kind("JPEG XL", (".jxl",), "PNG", "imagecodecs", "archive"),
    "PDF": Kind("PDF", (".pdf",), "JPEG", "pypdfium2", "archive"),
    "BMP": Kind("BMP", (".bmp", ".dib")),
    "GIF": Kind("GIF", (".gif",)),
    "PPM": Kind("PPM", (".ppm", ".pgm", ".pbm", ".pnm")),
}
"""By the name that :class:`~photochrom.photo.photo.Photo` has for the format."""

KIND_OF_SUFFIX = {suffix: name for name, kind in KINDS.items() for suffix in kind.suffixes}

_FOREIGN = {
    "HEIF": ".heics .heifs .avci .avcs .avifs",
    "JPEG 2000": ".jp2 .j2k .j2c .jpc .jpf .jpx .jpm .jpt .jph .jhc",
    "JPEG XR": ".jxr .wdp .hdp",
    "other JPEG": ".jls .jng .mpo .jps .pns .insp",
    "animation": ".apng .mng .flif",
    "BigTIFF": ".btf .tf8 .bigtiff",
    "document": ".djvu .djv .xps .oxps .ps .eps .epsf .epsi",
    "raw": ".dng .raw .cr2 .cr3 .crw .nef .nrw .arw .sr2 .srf .arq .orf .ori .rw2 .rwl .raf .pef "
    ".ptx .srw .x3f .3fr .fff .erf .kdc .dcr .dcs .drf .k25 .mrw .mef .mos .iiq .eip .bay .gpr "
    ".rwz .lri",
    "editor": ".psd .psb .pdd .xcf .kra .ora .afphoto .psp .pspimage .cpt .pdn .clip",
    "drawing": ".svg .svgz .emf .wmf",
    "icon": ".ico .cur .icns",
    "high range": ".pam .pfm .phm .exr .hdr .rgbe .dpx .cin",
    "science": ".fits .fit .fts .dcm .dicom .svs .ndpi",
    "fax": ".jb2 .jbg .jbig .jbig2 .g3 .g4 .wbmp",
    "old or rare": ".tga .icb .vda .pcx .dcx .pcd .fpx .sgi .ras .xbm .xpm .iff .ilbm .lbm .pict "
    ".pct .qtif .dds .sid .ecw .qoi .pgx",
}
"""Of pictures that are not read: people are told of those, and of no other files."""

KNOWN_SUFFIXES = frozenset((*KIND_OF_SUFFIX, *" ".join(_FOREIGN.values()).split()))
"""Of all pictures that are known, read or not."""

READABLE = " or ".join(", ".join(kind.title for kind in KINDS.values()).rsplit(", ", 1))
"""The kinds, for people."""

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
    (b"%PDF-", "PDF"),
    (b"\0\0\0\x0cJXL ", "JXL"),
    (b"\xff\x0a", "JXL"),
)
_FOREIGN_MAGIC = (
    (b"8BPS", "a Photoshop document"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xffO\xffQ", "JPEG 2000"),
    (b"\0\0\1\0", "an icon"),
    (b"<svg", "SVG"),
)
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_HEIF_BRANDS = {b"mif1", b"mif2", b"msf1", b"heif"}
"""Of files that do not say how their pictures are coded; who decodes them finds out."""


def suffix_of(name: str) -> str:
    """The suffix of a file's name, with its dot and in small letters."""
    return os.path.splitext(name)[1].lower()  # noqa: PTH122 - a Path for each name is slow


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
    foreign = next((name for magic, name in _FOREIGN_MAGIC if head.startswith(magic)), None)
    if head[4:8] == b"ftyp":
        if (boxed := _kind_of_brands(head)) is not None:
            return boxed
        foreign = "a raw camera file" if head[8:12] == b"crx " else "a film"
    if foreign is not None:
        message = f"it is {foreign}; save it as JPEG, PNG or TIFF"
        raise UnsupportedPhoto(message)
    message = f"it is not a picture ({READABLE})"
    raise UnreadablePhoto(message)


def _kind_of_brands(head: bytes) -> str | None:
    """Kind of a file of boxes by its brands, the major one and those that it is also; or None."""
    end = min(len(head), int.from_bytes(head[:4], "big"))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))]
    for brand in brands:
        if brand in _AVIF_BRANDS | _HEIC_BRANDS:
            return "AVIF" if brand in _AVIF_BRANDS else "HEIC"
    return None if _HEIF_BRANDS.isdisjoint(brands) else "HEIC"


@functools.cache
def is_installed(name: str) -> bool:
    """Whether what reads a kind is here."""
    package = KINDS[name].package
    return not package or importlib.util.find_spec(package) is not None


def is_read(suffix: str) -> bool:
    """Whether files of this suffix, in small letters, are read with what is installed."""
    kind = KIND_OF_SUFFIX.get(suffix)
    return kind is not None and is_installed(kind)


def why_not_read(suffix: str) -> str:
    """Why files of this suffix, in small letters, are not read, and what to do."""
    kind = KINDS.get(KIND_OF_SUFFIX.get(suffix, ""))
    if kind is None:
        return f"{suffix} is not read: save it as JPEG, PNG or TIFF"
    if not kind.extra:
        line = package_line(kind.package.replace("_", "-"))
        return f"reading {kind.title} needs a package: {line}"
    return str(MissingExtra(kind.extra, f"reading {kind.title}"))
