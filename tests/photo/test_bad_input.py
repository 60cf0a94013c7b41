import functools
import io
import os
import struct
import subprocess
import sys
import threading
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from photochrom.errors import (
    MissingExtra,
    PhotoError,
    PhotoTooLarge,
    UnreadablePhoto,
    UnsupportedPhoto,
)
from photochrom.photo.decode import read
from photochrom.photo.png import SIGNATURE, chunk
from photochrom.photo.quiet import quiet_pillow

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "AVIF", "BMP", "GIF", "PPM")


def png_claiming(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = chunk(b"IDAT", zlib.compress(bytes(50)))
    return SIGNATURE + chunk(b"IHDR", header) + rows + chunk(b"IEND", b"")


def one_line(error: pytest.ExceptionInfo[BaseException], name: str, reason: str) -> None:
    text = str(error.value)
    assert text.startswith(f"{name} cannot be read: ")
    assert reason in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("data", "kind", "reason"),
    [
        (b"", UnreadablePhoto, "it is empty"),
        (b"Dear grandma,\nhow are you?\n", UnreadablePhoto, "it is not a picture"),
        (b"\x89PNG\r\n\x1a\n", UnreadablePhoto, "it is"),
        (b"\xff\xd8\xff", UnreadablePhoto, "it is"),
        (b"II*\0", UnreadablePhoto, "it is"),
        (b"GIF89a", UnreadablePhoto, "it is"),
        (b"RIFF\0\0\0\0WEBP", UnreadablePhoto, "it is"),
        (b"\0\0\0\x18ftypheic" + bytes(20), UnreadablePhoto, "it is"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", UnreadablePhoto, "it is"),
        (b"\xff\x0a", UnreadablePhoto, "it is"),
        (b"\0\0\0\x18ftypisom" + bytes(20), UnsupportedPhoto, "it is a film"),
        (b"8BPS\0\1", UnsupportedPhoto, "it is a Photoshop document"),
        (b"%PDF-1.7", UnreadablePhoto, "it is"),
    ],
)
def test_no_photos(tmp_path, data, kind, reason):
    path = tmp_path / "grandma.jpg"
    path.write_bytes(data)
    with pytest.raises(kind) as error:
        read(path)
    one_line(error, str(path), reason)
    with pytest.raises(kind) as error:
        read(data)
    one_line(error, "the given bytes", reason)


def test_places_without_a_photo(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, reason in (
        (tmp_path, "it is a folder"),
        (tmp_path / "none.jpg", "there is no such file"),
        (pipe, "it is not an ordinary file"),
        ("a\0b", "null"),
        ("n" * 300, "too long"),
    ):
        with pytest.raises(UnreadablePhoto) as error:
            read(path)
        one_line(error, str(path).replace("\0", "\ufffd"), reason)


def test_a_name_of_several_lines_stays_one_line(tmp_path):
    with pytest.raises(UnreadablePhoto) as error:
        read(tmp_path / "a\nb.jpg")
    one_line(error, f"{tmp_path}/a b.jpg", "no such file")


def test_no_permission(tmp_path, monkeypatch):
    def refused(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "secret.jpg"
    path.write_bytes(b"x")
    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(UnreadablePhoto) as error:
        read(path)
    one_line(error, str(path), "permission denied")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("share", [0.5, 0.8, 0.97])
def test_cut_short(saved, format, share):
    noise = np.random.default_rng(0).integers(0, 256, (64, 48, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise), format)
    with pytest.raises(UnreadablePhoto) as error:
        read(data[: int(len(data) * share)])
    one_line(error, "the given bytes", "it is cut short" if format in ("JPEG", "PNG") else "it is")
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_cut_jpeg_with_an_end_marker_is_still_cut(saved, mode):
    noise = np.random.default_rng(0).integers(0, 256, (64, 48, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise).convert(mode), "JPEG")
    with pytest.raises(UnreadablePhoto, match="cut short"):
        read(data[: len(data) // 2] + b"\xff\xd9")


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_without_its_end_mark_is_whole_if_every_pixel_is_there(saved, mode, progressive):
    noise = np.random.default_rng(0).integers(0, 256, (64, 48, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise).convert(mode), "JPEG", progressive=progressive)
    for missing in (1, 2):
        assert np.array_equal(read(data[:-missing]).luma, read(data).luma)
    between = [len(data) - at for at in range(300, len(data)) if data[at : at + 2] == b"\xff\xda"]
    for missing in (12, 40, len(data) // 2, *between):
        with pytest.raises(UnreadablePhoto):
            read(data[:-missing])


def test_padding_in_a_jpeg_is_no_damage(saved, color_picture):
    data = saved(color_picture, "JPEG")
    at = data.index(b"\xff\xdb")
    assert read(data[:at] + bytes(7) + data[at:]).luma.shape == (31, 45)


def test_claims_beyond_the_limit(saved, color_picture):
    with pytest.raises(PhotoTooLarge) as error:
        read(png_claiming(30_000, 30_000))
    one_line(error, "the given bytes", "30000 x 30000 pixels; the limit is 500,000,000")
    for source in (color_picture, np.asarray(color_picture)):
        with pytest.raises(PhotoTooLarge, match="45 x 31"):
            read(source, max_pixels=45 * 31 - 1)
        read(source, max_pixels=45 * 31)
    for format in FORMATS:
        with pytest.raises(PhotoTooLarge, match="45 x 31"):
            read(saved(color_picture, format), max_pixels=45 * 31 - 1)


def huge_claims() -> dict[str, bytes]:
    """Tiny files that claim 20,000 x 20,000 pixels."""
    side = 20_000
    small = Image.new("RGB", (64, 64))
    files = {"png": png_claiming(side, side), "ppm": b"P6 20000 20000 255\n" + bytes(50)}
    for mode in ("L", "RGB", "CMYK"):
        buffer = io.BytesIO()
        small.convert(mode).save(buffer, "JPEG")
        data = buffer.getvalue()
        at = data.index(b"\xff\xc0") + 5
        files[f"jpeg-{mode}"] = data[:at] + struct.pack(">HH", side, side) + data[at + 4 :]
    for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        buffer = io.BytesIO()
        small.save(buffer, "TIFF", compression=compression)
        data = bytearray(buffer.getvalue())
        start = struct.unpack_from("<I", data, 4)[0]
        for number in range(struct.unpack_from("<H", data, start)[0]):
            entry = start + 2 + 12 * number
            tag = struct.unpack_from("<H", data, entry)[0]
            if tag in (256, 257, 278):
                struct.pack_into("<HHII", data, entry, tag, 4, 1, side)
        files[f"tiff-{compression}"] = bytes(data)
    return files


CLAIM = """
import resource, sys
from photochrom.errors import PhotoError
from photochrom.photo.decode import read
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read(sys.stdin.buffer.read())
except PhotoError as error:
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    assert grown < 150, f"took {grown} MB"
else:
    raise SystemExit("no error")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it")
@pytest.mark.parametrize("name", list(huge_claims()))
def test_tiny_files_that_claim_much_cost_little(name):
    result = subprocess.run(
        [sys.executable, "-c", CLAIM], input=huge_claims()[name], capture_output=True, timeout=60
    )
    assert result.returncode == 0, result.stderr.decode()


@functools.cache
def small_files() -> list[bytes]:
    rng = np.random.default_rng(4)
    picture = Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "A camera"
    files = []
    for format in ("JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", "PPM"):
        for mode in ("L", "RGB"):
            buffer = io.BytesIO()
            more = {} if format in ("GIF", "BMP", "PPM") else {"exif": exif.tobytes()}
            picture.convert(mode).save(buffer, format, **more)
            files.append(buffer.getvalue())
    buffer = io.BytesIO()
    picture.save(buffer, "TIFF", compression="tiff_lzw")
    return [*files, buffer.getvalue()]


def check_mutated(data: bytes) -> None:
    try:
        photo = read(data, max_pixels=1_000_000)
    except (PhotoError, MissingExtra):
        return
    assert photo.luma.ndim == 2
    assert photo.luma.dtype in (np.uint8, np.uint16)
    assert photo.alpha is None or photo.alpha.shape == photo.luma.shape


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_mutated_files_give_a_photo_or_an_error_of_ours(data):
    mutated = bytearray(data.draw(st.sampled_from(small_files())))
    for _ in range(data.draw(st.integers(1, 6))):
        # Headers matter most: half of the changes go there.
        last = data.draw(st.sampled_from([40, len(mutated) - 1]))
        position = data.draw(st.integers(0, min(last, len(mutated) - 1)))
        mutated[position] = data.draw(st.sampled_from([0, 1, 2, 127, 128, 255]))
    keep = data.draw(st.one_of(st.none(), st.integers(0, len(mutated))))
    check_mutated(bytes(mutated[:keep]))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF89a", b"BM", b"P5 ", b""]),
    st.binary(),
)
def test_anything_behind_a_signature(signature, rest):
    check_mutated(signature + rest)


def test_warnings_are_ignored_only_inside():
    filters = list(warnings.filters)
    entered, leave = threading.Event(), threading.Event()

    def other():
        with quiet_pillow():
            entered.set()
            leave.wait(10)
            warnings.warn("remark", stacklevel=1)

    thread = threading.Thread(target=other)
    with quiet_pillow():
        thread.start()
        entered.wait(10)
    leave.set()
    thread.join()
    assert warnings.filters == filters
