"""Which files are our own results: by what they say, in every format, and by their names."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from photochrom import Colorizer
from photochrom.photo.provenance import Provenance, stamped_xmp
from photochrom.photo.results import is_named_result, is_ours, names_beside, says_ours
from tests.conftest import scene

XMP = stamped_xmp(None, Provenance("photochrom 0.1.0", "photochrom", "0.6", ""))
SOFTWARE = 0x0131
FORMATS = ("jpg", "png", "tif", "webp", "avif")
LARGE = {"jpg": 200_000, "png": 900_000, "tif": 500_000, "webp": 500_000, "avif": 500_000}
"""Bytes of a profile that lies before what a file says of itself, or behind it."""


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


def exif(software: str = "photochrom 0.1.0 (photochrom)") -> bytes:
    tags = Image.Exif()
    tags[SOFTWARE] = software
    return tags.tobytes()


def write(path: Path, **options: Any) -> Path:
    Image.fromarray(scene(40, 50)).save(path, **options)
    return path


def with_xmp(path: Path, **options: Any) -> Path:
    """As other programs keep our packet."""
    if path.suffix == ".png":
        texts = PngImagePlugin.PngInfo()
        texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
        return write(path, pnginfo=texts, **options)
    if path.suffix == ".tif":
        return write(path, tiffinfo={700: XMP}, **options)
    return write(path, xmp=XMP, **options)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("source", ["L", "RGB"])
def test_every_result_says_so(
    colorizer: Colorizer, tmp_path: Path, format: str, source: str
) -> None:
    photo = tmp_path / "a.png"
    Image.fromarray(scene(40, 50)).convert("L").convert(source).save(photo)
    colorizer.save(photo, tmp_path / f"b.{format}")
    assert is_ours(tmp_path / f"b.{format}")
    assert not is_ours(photo)


@pytest.mark.parametrize("format", FORMATS)
def test_what_others_have_written_again_still_says_so(tmp_path: Path, format: str) -> None:
    plain = write(tmp_path / f"plain.{format}", exif=exif("GIMP 2.10 (photochrom album)"))
    assert not is_ours(plain)
    assert is_ours(with_xmp(tmp_path / f"xmp.{format}"))
    assert is_ours(write(tmp_path / f"exif.{format}", exif=exif()))


@pytest.mark.parametrize("format", FORMATS)
def test_a_large_profile_hides_nothing(tmp_path: Path, format: str) -> None:
    profile = os.urandom(LARGE[format])
    assert is_ours(with_xmp(tmp_path / f"xmp.{format}", icc_profile=profile))
    assert not is_ours(write(tmp_path / f"plain.{format}", icc_profile=profile))


def test_a_packet_behind_the_pixels_of_a_png(tmp_path: Path) -> None:
    data = with_xmp(tmp_path / "a.png").read_bytes()
    start = data.index(b"iTXt") - 4
    end = start + 12 + int.from_bytes(data[start : start + 4])
    image_end = data.index(b"IEND") - 4
    late = data[:start] + data[end:image_end] + data[start:end] + data[image_end:]
    (tmp_path / "late.png").write_bytes(late)
    assert is_ours(tmp_path / "late.png")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff", b"\xff\xd8", b"\xff\xd8\xff\xff\xff\xff\xff\xff", b"\xff\xd8\xff\xe1\0\0" * 9,
        b"\x89PNG", b"\x89PNG\r\n\x1a\n" + b"\xff" * 30, b"RIFF\0\0\0\0WEBP",
        b"RIFF\0\0\0\0WEBPVP8X", b"no picture" * 99,
    ],
)  # fmt: skip
def test_damaged_files_say_nothing(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    assert not is_ours(path)


def test_what_is_no_file_says_nothing(tmp_path: Path) -> None:
    assert not is_ours(tmp_path)
    assert not is_ours(tmp_path / "nowhere.jpg")


@pytest.mark.parametrize(("format", "most"), [("jpg", 4096), ("png", 1 << 17), ("webp", 4096)])
def test_only_headers_of_photographs_are_read(format: str, most: int) -> None:
    file = io.BytesIO()
    noise = Image.frombytes("RGB", (500, 400), os.urandom(600_000))
    noise.save(file, {"jpg": "JPEG"}.get(format, format.upper()), quality=98)
    data, read = file.getvalue(), 0
    assert len(data) > 1 << 17

    def counted(start: int, length: int) -> bytes:
        nonlocal read
        read += len(data[start : start + length])
        return data[start : start + length]

    assert not says_ours(counted, len(data))
    assert 0 < read <= most


@pytest.mark.parametrize(
    ("path", "beside", "is_result"),
    [
        ("x.color.jpg", ["x.jpg"], True),
        ("x.color.png", ["x.tif"], True),
        ("x.color-2.jpg", ["x.jpg"], True),
        ("x.jpg.color.jpg", ["x.jpg"], True),
        ("a.b/x.color.jpg", ["a.b/x.jpg"], True),
        ("x.color.jpg", [], False),
        ("x.color.jpg", ["y.jpg"], False),
        ("a/x.color.jpg", ["x.jpg"], False),
        ("x.colored.jpg", ["x.jpg"], False),
        ("x.gray.jpg", ["x.jpg"], False),
        ("x.color.v2.jpg", ["x.jpg"], False),
        ("x.jpg", ["x.color.jpg"], False),
    ],
)
def test_a_name_counts_beside_its_photograph(path: str, beside: list[str], is_result: bool) -> None:
    (names, *_) = names_beside([path, *beside])
    assert is_named_result(path, names) == is_result
