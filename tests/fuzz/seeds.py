"""Whole files of every kind that is read, small, for mutations to start from.

They are made here, the same in every run with the same versions of the libraries that write them.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

from photochrom.photo.kinds import is_installed
from photochrom.photo.png import SIGNATURE, chunk
from tests.heic import heic
from tests.pdf import album, one_page
from tests.pdf import picture as object_of

SIZES = ((1, 1), (7, 1), (1, 9), (17, 13), (40, 33), (64, 48))
"""(width, height)."""

_ADAM7 = (
    (0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
    (1, 0, 2, 1),
)  # fmt: skip
"""First row, first column, row step and column step of each pass."""


@dataclass(frozen=True)
class Seed:
    """A whole file and what it is, for reports."""

    name: str
    data: bytes


def make_seeds() -> list[Seed]:
    """All of them."""
    return [
        *_pillow_seeds(), *_png_seeds(), *_tiff_seeds(), *_text_seeds(), *_heic_seeds(),
        *_jxl_seeds(), *_pdf_seeds(),
    ]  # fmt: skip


def picture(mode: str, size: tuple[int, int], seed: int = 0) -> Image.Image:
    """A ramp with grain in any of Pillow's modes."""
    width, height = size
    rng = np.random.default_rng([seed, width, height])
    ramp = np.add.outer(np.arange(height) * 3, np.arange(width) * 2)[..., None] + (20, 60, 90)
    rgb = np.clip(ramp + rng.integers(-20, 20, (height, width, 3)), 0, 255).astype(np.uint8)
    if mode == "I;16":
        return Image.fromarray(rgb[..., 0].astype(np.uint16) * 257)
    image = Image.fromarray(rgb)
    if mode.endswith("A"):
        image.putalpha(Image.fromarray(rgb[::-1, :, 1].copy()))
    if mode == "LAB":
        return Image.merge("LAB", image.split())
    return image.convert(mode)


def exif_block() -> bytes:
    """EXIF with an orientation, texts, sub-directories and resolution."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0131] = 6, "A camera", "scan"
    exif[0x011A], exif[0x011B], exif[0x0128] = 300.0, 300.0, 2
    exif.get_ifd(0x8769)[0x9003] = "1921:05:04 10:00:00"
    exif.get_ifd(0x8825)[0x0001] = "N"
    return exif.tobytes()


def xmp_packet() -> bytes:
    """XMP that states an orientation and a title."""
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{rdf}"><rdf:Description '
        'rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


def rgb_profile() -> bytes:
    """A small profile of RGB pixels."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def gray_profile() -> bytes:
    """A profile of gray pixels whose curve is a power of 2.2."""
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"gray\0" + bytes(78),
        b"wtpt": b"XYZ " + bytes(4) + struct.pack(">iii", 0xF6D6, 0x10000, 0xD32D),
        b"kTRC": b"curv" + bytes(4) + struct.pack(">IHxx", 1, round(2.2 * 256)),
    }
    offset, table, body = 128 + 4 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", offset + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4xI4s4s4s", offset + len(body), 0x02100000, b"mntr", b"GRAY", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">iii", 0xF6D6, 0x10000, 0xD32D)
    return head.ljust(128, b"\0") + table + body


def _saved(image: Image.Image, format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def _pillow_seeds() -> Iterator[Seed]:
    """What Pillow writes: modes by sizes, then one file of each option."""
    modes = {
        "JPEG": ("L", "RGB", "CMYK"),
        "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
        "TIFF": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "F"),
        "WEBP": ("L", "RGB", "RGBA"),
        "AVIF": ("L", "RGB", "RGBA"),
        "GIF": ("1", "L", "P"),
        "BMP": ("1", "L", "P", "RGB", "RGBA"),
        "PPM": ("1", "L", "RGB", "I;16"),
    }
    for format, kinds in modes.items():
        for mode in kinds:
            for size in SIZES:
                data = _saved(picture(mode, size), format)
                yield Seed(f"{format} {mode} {size[0]}x{size[1]}", data)
    carried = {"exif": exif_block(), "icc_profile": rgb_profile(), "xmp": xmp_packet()}
    options: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("JPEG", "L", {"progressive": True}),
        ("JPEG", "RGB", {"progressive": True, "subsampling": 0}),
        ("JPEG", "L", {"restart_marker_blocks": 1, "optimize": True}),
        ("JPEG", "RGB", {"restart_marker_rows": 1, "subsampling": 1}),
        ("JPEG", "L", {"icc_profile": gray_profile(), "comment": b"grandma", "dpi": (300, 200)}),
        ("JPEG", "CMYK", {**carried, "dpi": (600, 600)}),
        ("JPEG", "RGB", {**carried, "dpi": (600, 600)}),
        ("PNG", "RGB", {"exif": exif_block(), "icc_profile": rgb_profile(), "dpi": (300, 300)}),
        ("PNG", "L", {"icc_profile": gray_profile()}),
        ("PNG", "P", {"transparency": 3}),
        ("TIFF", "RGB", carried),
        ("TIFF", "L", {"icc_profile": gray_profile(), "dpi": (300, 300)}),
        ("TIFF", "1", {"compression": "group4"}),
        ("TIFF", "1", {"compression": "group3"}),
        ("WEBP", "RGBA", {**carried, "lossless": True}),
        ("WEBP", "RGB", carried),
        ("AVIF", "RGB", carried),
        ("GIF", "P", {"transparency": 5, "interlace": 1}),
    )
    for format, mode, more in options:
        yield Seed(
            f"{format} {mode} {'+'.join(more)}", _saved(picture(mode, (41, 30)), format, **more)
        )
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "lzma", "zstd"):
        for mode in ("L", "RGB"):
            data = _saved(picture(mode, (41, 30)), "TIFF", compression=compression)
            yield Seed(f"TIFF {mode} {compression}", data)
    for format in ("GIF", "WEBP", "AVIF", "TIFF", "PNG"):
        frames = [picture("RGB", (20, 16), seed) for seed in range(3)]
        data = _saved(frames[0], format, save_all=True, append_images=frames[1:])
        yield Seed(f"{format} of three frames", data)


def _png_seeds() -> Iterator[Seed]:
    """16 bits in several channels, interlaced files, and texts, which Pillow does not write so."""
    for color_type, channels in ((0, 1), (2, 3), (4, 2), (6, 4)):
        for depth in (8, 16):
            for interlaced in (False, True):
                for size in ((1, 1), (23, 14)):
                    data = _png(color_type, channels, depth, size, interlaced)
                    name = f"PNG type {color_type} {depth} bits{' interlaced' * interlaced}"
                    yield Seed(f"{name} {size[0]}x{size[1]}", data)
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "grandma" * 20, zip=True)
    info.add_itxt("XML:com.adobe.xmp", xmp_packet().decode(), zip=True)
    info.add_text("Title", "1921")
    yield Seed("PNG with texts", _saved(picture("L", (30, 20)), "PNG", pnginfo=info))


def _png(color_type: int, channels: int, depth: int, size: tuple[int, int], woven: bool) -> bytes:
    width, height = size
    rng = np.random.default_rng(color_type + depth)
    samples = rng.integers(0, 2**depth, (height, width, channels)).astype(f">u{depth // 8}")
    raw = b""
    for top, left, down, across in _ADAM7 if woven else ((0, 0, 1, 1),):
        part = np.ascontiguousarray(samples[top::down, left::across])
        if part.size:
            raw += b"".join(b"\0" + row.tobytes() for row in part)
    head = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(woven))
    chunks = [(b"IHDR", head), (b"pHYs", struct.pack(">IIB", 11811, 11811, 1))]
    chunks += [(b"eXIf", exif_block().removeprefix(b"Exif\0\0"))]
    chunks += [(b"iCCP", b"icc\0\0" + zlib.compress(rgb_profile()))] if channels >= 3 else []
    chunks += [(b"IDAT", zlib.compress(raw)), (b"IEND", b"")]
    return SIGNATURE + b"".join(chunk(*each) for each in chunks)


def _tiff_seeds() -> Iterator[Seed]:
    """Layouts that only tifffile writes; none where the extra is not installed."""
    try:
        import tifffile
    except ImportError:
        return
    rng = np.random.default_rng(5)
    layouts: tuple[dict[str, Any], ...] = (
        {},
        {"bigtiff": True},
        {"byteorder": ">"},
        {"tile": (16, 16)},
        {"tile": (16, 16), "compression": "deflate", "predictor": True},
        {"compression": "lzw", "rowsperstrip": 5},
        {"metadata": None, "extratags": [(274, 3, 1, 6, True), (700, 1, 4, b"<x/>", True)]},
    )
    for bits in (8, 16):
        for channels in (1, 2, 3, 4):
            for number, layout in enumerate(layouts):
                shape = (30, 41) if channels == 1 else (30, 41, channels)
                samples = rng.integers(0, 2**bits, shape).astype(f"u{bits // 8}")
                order = {k: layout[k] for k in ("bigtiff", "byteorder") if k in layout}
                rest = {k: v for k, v in layout.items() if k not in order}
                kind = "rgb" if channels >= 3 else "minisblack"
                more = {"extrasamples": ["unassalpha"]} if channels in (2, 4) else {}
                more |= {"planarconfig": "contig"} if channels == 2 else {}
                buffer = io.BytesIO()
                with tifffile.TiffWriter(buffer, **order) as writer:
                    writer.write(samples, photometric=kind, **more, **rest)
                yield Seed(
                    f"TIFF {bits} bits {channels} channels layout {number}", buffer.getvalue()
                )
    buffer = io.BytesIO()
    planes = rng.integers(0, 65536, (3, 30, 41)).astype(np.uint16)
    tifffile.imwrite(buffer, planes, photometric="rgb", planarconfig="separate")
    yield Seed("TIFF 16 bits in planes", buffer.getvalue())
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        for _ in range(3):
            writer.write(rng.integers(0, 65536, (12, 10, 3)).astype(np.uint16), photometric="rgb")
    yield Seed("TIFF 16 bits of three pages", buffer.getvalue())
    samples = np.asarray(picture("RGB", (41, 30)))
    for packing in ("webp", "jpeg2000", "png", "zstd"):
        for layout in ({}, {"tile": (16, 16)}, {"rowsperstrip": 8}):
            buffer = io.BytesIO()
            tifffile.imwrite(buffer, samples, photometric="rgb", compression=packing, **layout)
            yield Seed(f"TIFF {packing} {''.join(layout)}", buffer.getvalue())


def _text_seeds() -> Iterator[Seed]:
    """PNM as text, and with comments."""
    for name, text in (
        ("P1", b"P1\n# a bitmap\n4 3\n0 1 0 1\n1 0 1 0\n0 1 0 1\n"),
        ("P2", b"P2 3 2 255\n0 50 100\n150 200 255\n"),
        ("P2 of 16 bits", b"P2 3 2 65535\n0 50 1000\n15000 20000 65535\n"),
        ("P3", b"P3 2 1 255\n# two pixels\n255 0 0 0 0 255\n"),
        ("P6 of 16 bits", b"P6 2 1 65535\n" + bytes(range(12))),
        ("PF", b"Pf 2 1 -1.0\n" + bytes(8)),
    ):
        yield Seed(name, text)


def _heic_seeds() -> Iterator[Seed]:
    """Modes by sizes, 10 bits, and all that a file can carry."""
    for mode in ("L", "RGB", "RGBA"):
        yield Seed(f"HEIC {mode}", heic(np.asarray(picture(mode, (41, 30)))))
    samples = np.asarray(picture("RGB", (41, 30)))
    carried = {"exif": exif_block(), "xmp": xmp_packet(), "icc_profile": rgb_profile()}
    yield Seed("HEIC 10 bits", heic(samples.astype(np.uint16) * 257))
    yield Seed("HEIC 4:2:0", heic(samples, quality=60, chroma=420, matrix_coefficients=6))
    yield Seed("HEIC of all", heic(samples, others=[samples[:, ::-1]], info=carried))


def _jxl_seeds() -> Iterator[Seed]:
    """Depths and channels, with and without boxes; none where the extra is not installed."""
    if not is_installed("JXL"):
        return
    import imagecodecs

    rgba = np.asarray(picture("RGBA", (41, 30)))
    for channels in (1, 2, 3, 4):
        for bits in (8, 10, 16):
            samples = rgba[..., :channels] if channels > 1 else rgba[..., 0]
            samples = samples if bits == 8 else samples.astype(np.uint16) << (bits - 8)
            for container in (False, True):
                options = {"bitspersample": bits, "usecontainer": container, "lossless": bits > 8}
                data = imagecodecs.jpegxl_encode(samples, **options)
                box = struct.pack(">I4s", 6 + len(exif_block()), b"Exif") + bytes(4)
                box += exif_block().removeprefix(b"Exif\0\0")
                yield Seed(f"JXL {channels} of {bits} bits", data + box * container)
    jpeg = _saved(picture("RGB", (41, 30)), "JPEG", exif=exif_block())
    yield Seed("JXL of a JPEG", bytes(imagecodecs.jpegxl_encode_jpeg(jpeg)))


def _pdf_seeds() -> Iterator[Seed]:
    """Few, as each takes a process."""
    if not is_installed("PDF"):
        return
    samples = np.asarray(picture("RGB", (41, 30)))
    yield Seed("PDF of two pages", album([samples, samples[..., 0]]))
    data = one_page(object_of(samples), b"0 0 9 9 re f", b"/MediaBox[0 0 9 9]")
    yield Seed("PDF with a drawing", data)
    yield Seed("PDF of a JPEG", _saved(picture("L", (41, 30)), "PDF"))
