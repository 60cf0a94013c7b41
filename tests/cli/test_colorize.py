from __future__ import annotations

import io
import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom.photo.decode import read
from tests.cli.conftest import photochrom
from tests.conftest import scene
from tests.heic import heic


def test_one_photo(gray_photo: Path) -> None:
    original = gray_photo.read_bytes()
    done = photochrom("colorize", gray_photo)
    assert done.returncode == 0, done.stderr
    assert done.stdout == b""
    assert gray_photo.read_bytes() == original
    with Image.open(gray_photo.with_name("grandma.color.jpg")) as image:
        assert image.mode == "RGB"
        assert image.getexif()[0x0131].startswith("photochrom ")
        assert b"compositeWithTrainedAlgorithmicMedia" in image.info["xmp"]


def test_no_provenance(gray_photo: Path) -> None:
    assert photochrom("colorize", gray_photo, "--no-provenance").returncode == 0
    with Image.open(gray_photo.with_name("grandma.color.jpg")) as image:
        assert 0x0131 not in image.getexif()
        assert "xmp" not in image.info


def test_side_by_side(gray_photo: Path, tmp_path: Path) -> None:
    assert (
        photochrom("colorize", gray_photo, "-o", tmp_path / "s.png", "--side-by-side").returncode
        == 0
    )
    with Image.open(tmp_path / "s.png") as image:
        assert image.size == (240, 90)
        left = np.asarray(image)[:, :120].astype(int)
    assert np.ptp(left, axis=2).max() == 0


@pytest.mark.parametrize(
    "args",
    [
        ["colorize"],
        ["colorize", "x.jpg", "--vividness", "2"],
        ["colorize", "x.jpg", "--strength", "no"],
        ["colorise", "x.jpg"],
        ["colorize", "-", "x.jpg"],
    ],
)
def test_wrong_usage_exits_2(args: list[str]) -> None:
    done = photochrom(*args)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def bad_files(folder: Path) -> dict[str, bytes]:
    picture = Image.fromarray(scene(60, 80)).convert("L")
    encoded = {}
    for kind in ("JPEG", "PNG", "TIFF"):
        buffer = io.BytesIO()
        picture.save(buffer, kind)
        encoded[kind] = buffer.getvalue()
    ihdr = b"IHDR" + (30000).to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    import zlib

    bomb = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + ihdr
    bomb += zlib.crc32(ihdr).to_bytes(4, "big")
    return {
        "empty.jpg": b"",
        "text.jpg": b"Dear grandma,",
        "short.jpg": encoded["JPEG"][:-200],
        "short.png": encoded["PNG"][: len(encoded["PNG"]) // 2],
        "short.tif": encoded["TIFF"][: len(encoded["TIFF"]) // 2],
        "bomb.png": bomb.ljust(100, b"\0"),
    }


@pytest.mark.parametrize("name", list(bad_files(Path())))
def test_bad_input_is_one_line_and_exit_1(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(bad_files(tmp_path)[name])
    before = path.read_bytes()
    done = photochrom("colorize", path)
    lines = done.stderr.decode().strip().splitlines()
    assert done.returncode == 1, lines
    assert len(lines) == 1, lines
    assert name in lines[0]
    assert sorted(p.name for p in tmp_path.iterdir()) == [name]
    assert path.read_bytes() == before


def test_missing_file_and_empty_folder_exit_1(tmp_path: Path) -> None:
    for name in ("no-such-file.jpg", "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        done = photochrom("colorize", tmp_path / name)
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1
        assert name in done.stderr.decode()


def test_output_folder_that_cannot_be_made(gray_photo: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = photochrom("colorize", gray_photo, "-o", tmp_path / "file" / "out")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_model_file_that_is_not_ours(gray_photo: Path, tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(b"nothing")
    done = photochrom("colorize", gray_photo, "--model", tmp_path / "x.onnx")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert not gray_photo.with_name("grandma.color.jpg").exists()


def test_animated_file_says_so(tmp_path: Path) -> None:
    frames = [Image.fromarray(scene(40, 40, seed=s)).convert("L") for s in range(3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    done = photochrom("colorize", tmp_path / "a.gif")
    assert done.returncode == 0, done.stderr
    assert b"3 frames" in done.stderr
    assert (tmp_path / "a.color.png").is_file()


def test_full_disk_leaves_nothing(gray_photo: Path) -> None:
    import resource

    Image.fromarray(np.random.default_rng(0).integers(0, 256, (700, 700), np.uint8)).save(
        gray_photo, quality=95
    )

    def small_files() -> None:
        # A limit on file size fails a write midway, as a full disk does.

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = photochrom(
        "colorize",
        gray_photo,
        preexec_fn=small_files,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 1, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [p.name for p in gray_photo.parent.iterdir()] == ["grandma.jpg"]


def test_models_and_cards() -> None:
    assert b"photochrom" in photochrom("models").stdout
    card = json.loads(photochrom("models", "show", "photochrom", "--json").stdout)
    assert card["architecture"] == "photochrom"
    assert photochrom("models", "show", "nothing").returncode == 2


def test_a_photograph_is_no_place_for_its_result(gray_photo: Path) -> None:
    said = [
        photochrom("colorize", gray_photo, "-o", gray_photo, *words)
        for words in ([], ["--overwrite"], ["--dry-run"])
    ]
    assert [done.returncode for done in said] == [1, 1, 1]
    assert all(b"the result would replace it" in done.stderr for done in said)


def test_photographs_of_a_telephone(tmp_path: Path) -> None:
    levels = np.add.outer(np.arange(48), np.arange(64)).astype(np.uint16) * 400
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "A telephone"
    path = tmp_path / "x.heic"
    path.write_bytes(heic(levels, info={"exif": exif.tobytes()}))
    done = photochrom("colorize", path)
    assert done.returncode == 0
    assert b"has more than 8 bits, a JPEG keeps 8; PNG and TIFF keep all" in done.stderr
    with Image.open(tmp_path / "x.color.jpg") as result:
        assert (result.format, result.size) == ("JPEG", (48, 64))
        assert result.getexif()[0x0112] == 1
        assert result.getexif()[0x010F] == "A telephone"
    done = photochrom("colorize", path, "--format", "png")
    assert (done.returncode, done.stderr.count(b"note")) == (0, 0)
    assert read(tmp_path / "x.color.png").depth == 16
    done = photochrom("colorize", path, "-o", tmp_path / "y.heic")
    assert done.returncode == 2
    assert b"cannot write .heic" in done.stderr


@pytest.mark.parametrize("suffix", ["heic", "jp2", "psd", "pdf", "GIF"])
@pytest.mark.parametrize("option", [[], ["--dry-run"], ["--format", "png"]])
def test_a_result_that_cannot_be_written_is_wrong_use(
    main: Any, capsys: pytest.CaptureFixture[str], gray_photo: Path, suffix: str, option: list[str]
) -> None:
    result = gray_photo.with_name(f"result.{suffix}")
    assert main("colorize", gray_photo, "-o", result, *option) == 2
    assert capsys.readouterr().err.startswith(f"photochrom: cannot write .{suffix}: {result}; ")
    assert [p.name for p in gray_photo.parent.iterdir()] == ["grandma.jpg"]
