"""Bombs, odd names and odd places: one line, exit status 1, and nothing half-written."""

from __future__ import annotations

import functools
import io
import os
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from photochrom.errors import PhotochromError
from photochrom.inference.colorizer import Colorizer
from photochrom.photo.decode import read
from tests.conftest import scene
from tests.fuzz.seeds import chunk

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="not a name or place on Windows")


def run(*args: str | Path, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-W", "error", "-m", "photochrom", "colorize", *map(str, args)]
    return subprocess.run(command, capture_output=True, check=False, timeout=120, **options)


def gray_file(path: Path, **options: object) -> Path:
    Image.fromarray(scene(40, 60)).convert("L").save(path, "JPEG", **options)
    return path


def saved(format: str, **options: object) -> bytearray:
    buffer = io.BytesIO()
    Image.new("L", (4, 4), 90).save(buffer, format, **options)
    return bytearray(buffer.getvalue())


def png_with(*extra: bytes) -> bytes:
    data = bytes(saved("PNG"))
    return data[:33] + b"".join(extra) + data[33:]


@functools.cache
def bombs() -> dict[str, bytes]:
    """Small files that unpack to much, by name."""
    zeros = zlib.compress(bytes(250_000_000), 1)
    lossless = b"\x2f" + struct.pack("<I", 16382 | 16382 << 14) + bytes(8)
    gif = saved("GIF")
    struct.pack_into("<HH", gif, 6, 20_000, 20_000)
    exif = b"MM\0*\0\0\0\x08" + struct.pack(">HHHII", 1, 0x010F, 2, 0xFFFFFFF0, 8) + bytes(4)
    laughs = b'<!DOCTYPE x [<!ENTITY a "' + b"ha" * 99 + b'">'
    for before, name in zip(b"abcdefgh", b"bcdefghi", strict=True):
        laughs += b'<!ENTITY %c "%s">' % (name, b"&%c;" % before * 10)
    laughs += b"]><x:xmpmeta xmlns:x='adobe:ns:meta/'>&i;</x:xmpmeta>"
    rows = zlib.compress(bytes(30_000 * 3_751), 1)
    return {
        "screen.gif": bytes(gif),
        "one-color.webp": b"RIFF"
        + struct.pack("<I", 12 + len(lossless))
        + b"WEBPVP8L"
        + struct.pack("<I", len(lossless))
        + lossless,
        "profile.png": png_with(chunk(b"iCCP", b"icc\0\0" + zeros)),
        "text.png": png_with(chunk(b"zTXt", b"Comment\0\0" + zeros)),
        "international.png": png_with(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zeros)),
        "blank.png": b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0))
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b""),
        "exif.png": png_with(chunk(b"eXIf", exif)),
        "laughs.jpg": bytes(saved("JPEG", xmp=laughs)),
    }


MEMORY = """
import resource, sys
from photochrom.errors import PhotochromError
from photochrom.inference.colorizer import Colorizer
colorizer = Colorizer(threads=1)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[1:]:
    try:
        colorizer.save(path, path + ".color.png")
    except PhotochromError as error:
        assert path in str(error) and "\\n" not in str(error), error
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    assert grown < 200, f"{path} took {grown} MB"
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it")
def test_bombs_cost_little(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in bombs()]
    for path, data in zip(paths, bombs().values(), strict=True):
        path.write_bytes(data)
    command = [sys.executable, "-W", "error", "-c", MEMORY, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    assert [path.read_bytes() for path in paths] == list(bombs().values())
    assert all(p in paths or p.name.endswith(".color.png") for p in tmp_path.iterdir())
    refused = {p.name for p in paths if not p.with_name(f"{p.name}.color.png").exists()}
    assert refused >= {"screen.gif", "one-color.webp", "blank.png"}


def test_a_large_blank_page_is_still_read() -> None:
    buffer = io.BytesIO()
    Image.new("1", (5000, 6000), 1).save(buffer, "PNG")
    assert read(buffer.getvalue()).luma.shape == (6000, 5000)


def test_a_tiff_of_very_many_pages_is_no_hang() -> None:
    data = saved("TIFF")
    first = struct.unpack_from("<I", data, 4)[0]
    end = first + 2 + 12 * struct.unpack_from("<H", data, first)[0]
    directory, pages = bytes(data[first:end]), 20_000
    step = len(directory) + 4
    struct.pack_into("<I", data, end, len(data))
    start = len(data)
    for page in range(1, pages):
        data += directory + struct.pack("<I", start + page * step if page < pages - 1 else 0)
    began = time.process_time()
    assert read(bytes(data)).frames == pages
    assert time.process_time() - began < 8


def test_directories_that_lie_over_each_other_are_no_hang() -> None:
    """Of 12,000 tiny steps, each to a directory that claims 4,096 tags."""
    steps, span = 12_000, 2 + 12 * 4096
    data = bytearray(b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 4096) * (2 * steps))
    data = data.ljust(8 + span, b"\0")
    data += b"".join(struct.pack("<I", 8 + 4 * step) for step in range(1, steps))
    began = time.process_time()
    with pytest.raises(PhotochromError):
        read(bytes(data))
    assert time.process_time() - began < 8


NAMES = (
    "with spaces in it.jpg",
    "--overwrite.jpg",
    "-o.jpg",
    "two\nlines.jpg",
    "Großmutter 祖母 👵.jpg",
    "e\u0301.jpg",
    "[1950] *.jpg",
    'a:b?c"<d>|e.jpg',
    "CON.jpg",
    "trailing dot..jpg",
    "'; rm -rf $HOME; '.jpg",
    "%s %d {name}.jpg",
    "n" * 230 + ".jpg",
)


@POSIX
def test_names_of_every_kind(tmp_path: Path) -> None:
    for name in NAMES:
        gray_file(tmp_path / name)
    done = run("--", *NAMES, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    for name in NAMES:
        result = tmp_path / f"{name[:-4]}.color.jpg"
        with Image.open(result) as image:
            assert image.mode == "RGB"
        with Image.open(tmp_path / name) as image:
            assert image.mode == "L"
    assert len(list(tmp_path.iterdir())) == 2 * len(NAMES)


@POSIX
@pytest.mark.parametrize("name", [b"not utf-8 \xff.jpg", b"bell\x07 and \x1b[31mred.jpg"])
def test_names_that_no_terminal_should_see_raw(tmp_path: Path, name: bytes) -> None:
    path = Path(os.fsdecode(bytes(tmp_path) + b"/" + name))
    path.write_bytes(b"no picture")
    done = run("--", path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert b"Traceback" not in done.stderr
    assert not {0x07, 0x1B, 0xFF} & set(done.stderr)


@POSIX
@pytest.mark.parametrize("name", [n for n in NAMES if not n.startswith("n")])
def test_errors_on_odd_names_are_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"no picture")
    with pytest.raises(Exception, match="cannot be read") as error:
        read(tmp_path / name)
    assert "\n" not in str(error.value)


def loop(folder: Path) -> Path:
    (folder / "a.jpg").symlink_to(folder / "b.jpg")
    (folder / "b.jpg").symlink_to(folder / "a.jpg")
    return folder / "a.jpg"


def dangling(folder: Path) -> Path:
    (folder / "a.jpg").symlink_to(folder / "nowhere.jpg")
    return folder / "a.jpg"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "a.jpg")
    return folder / "a.jpg"


def device(folder: Path) -> Path:
    (folder / "a.jpg").symlink_to("/dev/zero")
    return folder / "a.jpg"


@POSIX
@pytest.mark.parametrize("make", [loop, dangling, pipe, device])
def test_what_is_no_file_is_one_line(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path)
    before = sorted(p.name for p in tmp_path.iterdir())
    done = run(path)
    assert done.returncode == 1
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("photochrom: ")
    assert "a.jpg" in lines[0]
    assert sorted(p.name for p in tmp_path.iterdir()) == before


@POSIX
def test_a_folder_that_holds_itself_ends(tmp_path: Path) -> None:
    gray_file(tmp_path / "a.jpg")
    (tmp_path / "inside").symlink_to(tmp_path)
    done = run(tmp_path, "-o", tmp_path.parent / f"{tmp_path.name}-out")
    assert done.returncode == 0, done.stderr.decode()
    assert len(list((tmp_path.parent / f"{tmp_path.name}-out").rglob("*.jpg"))) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file system that nobody may write to")
@pytest.mark.parametrize("place", ["/proc/result.jpg", "/sys/result.png", "/dev/full"])
def test_places_that_nobody_may_write_to(tmp_path: Path, place: str) -> None:
    source = gray_file(tmp_path / "a.jpg")
    before = source.read_bytes()
    done = run(source, "-o", place, "--overwrite")
    assert done.returncode in (1, 2)
    assert b"Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr.decode()
    assert source.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.jpg"]


def test_a_luma_that_is_carried_over_meets_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = gray_file(tmp_path / "a.jpg")

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("photochrom.photo.jpeg.insert_segments", full)
    with pytest.raises(Exception, match="no space left"):
        Colorizer(threads=1).save(source, tmp_path / "b.jpg")
    assert [p.name for p in tmp_path.iterdir()] == ["a.jpg"]
