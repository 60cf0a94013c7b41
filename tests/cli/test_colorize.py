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


def test_folder_with_a_bad_file_as_json(tmp_path: Path, gray_photo: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"")
    done = photochrom("colorize", tmp_path, "-o", tmp_path / "out", "--json")
    assert done.returncode == 1
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(r["state"] for r in rows) == ["done", "failed"]
    assert b"bad.png" in done.stderr
    assert (tmp_path / "out" / "grandma.jpg").is_file()
    assert not (tmp_path / "out" / "bad.png").exists()


def test_second_run_skips(gray_photo: Path) -> None:
    photochrom("colorize", gray_photo)
    result = gray_photo.with_name("grandma.color.jpg")
    before = result.stat().st_mtime_ns
    done = photochrom("colorize", gray_photo)
    assert done.returncode == 0
    assert b"already there" in done.stderr
    assert result.stat().st_mtime_ns == before


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


def test_an_archive_from_start_to_end(album: Path, tmp_path: Path) -> None:
    command = ("colorize", album, "-o", tmp_path / "out", "--size", "64")
    dry = photochrom(*command, "--dry-run")
    assert dry.returncode == 1, dry.stderr
    assert b"4 to color, 1 that cannot be colored" in dry.stderr
    assert b"bad.jpg cannot be read: it is not a picture" in dry.stderr
    assert b"colored for this estimate" in dry.stderr
    assert dry.stdout.count(b" -> ") == 4
    assert not (tmp_path / "out").exists()
    rows = []
    for part in ("1/2", "2/2"):
        done = photochrom(*command, "--shard", part, "--json")
        rows += [json.loads(line) for line in done.stdout.splitlines()]
        assert b"Traceback" not in done.stderr
    assert sorted(r["state"] for r in rows) == ["done"] * 4 + ["failed"]
    again = photochrom(*command)
    assert again.returncode == 1
    assert b"bad.jpg" in again.stderr
    assert b"--retry-failed tries it again" in again.stderr
    assert b"5 pictures in" in again.stderr
    assert b"4 skipped, 1 failed" in again.stderr
    other = photochrom(*command, "--strength", "0.5")
    assert b"4 skipped: made with other settings: strength 1, not 0.5; --over" in other.stderr
    (album / "bad.jpg").unlink()
    assert photochrom(*command, "--overwrite", "--strength", "0.5").returncode == 0


def test_two_runs_on_one_folder(album: Path, tmp_path: Path) -> None:
    from photochrom.inference.folder.home import Home
    from photochrom.inference.folder.shard import Shard

    home = Home(tmp_path / "out", Shard(), {}, "key")
    done = photochrom("colorize", album, "-o", tmp_path / "out")
    home.close()
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert f"another run is at work in {tmp_path / 'out'} (process {os.getpid()}" in line


@pytest.mark.parametrize(
    "args",
    [["--shard", "3/2"], ["--shard", "x"], ["--watch", "--dry-run"], ["--watch", "nowhere"]],
)
def test_wrong_use_of_folders_exits_2(album: Path, args: list[str]) -> None:
    done = photochrom("colorize", album, *args)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_kinds_that_are_not_read_are_told(gray_photo: Path, tmp_path: Path) -> None:
    for name in ("a.jp2", "b.JP2", "c.dng", "notes.txt"):
        gray_photo.with_name(name).write_bytes(b"x")
    for words in (["--dry-run"], []):
        done = photochrom("colorize", tmp_path, "-o", tmp_path / "out", "--json", *words)
        assert done.returncode == 0
        assert b"left out: 3 files of other kinds (2 .jp2, 1 .dng)\n" in done.stderr
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        assert sorted(Path(r["input"]).name for r in rows if r["state"] == "left out") == [
            "a.jp2", "b.JP2", "c.dng"
        ]  # fmt: skip
    gray_photo.unlink()
    done = photochrom("colorize", tmp_path)
    assert done.returncode == 1
    assert b"no pictures in the folder" in done.stderr
    assert b"(2 .jp2, 1 .dng)" in done.stderr


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


def test_a_slash_at_the_end_names_a_folder(main: Any, gray_photo: Path) -> None:
    result = gray_photo.with_name("result.jpg")
    assert main("colorize", gray_photo, "-o", f"{result}/", "--size", "32") == 0
    assert (result / "grandma.jpg").is_file()


def test_a_file_of_others_is_told_from_a_result(gray_photo: Path, tmp_path: Path) -> None:
    """Whoever is told to make it again would lose it."""
    own = tmp_path / "own.jpg"
    own.write_bytes(gray_photo.read_bytes())
    done = photochrom("colorize", gray_photo, "-o", own)
    assert done.returncode == 0
    assert b"does not say it is ours; --overwrite replaces it" in done.stderr
    assert own.read_bytes() == gray_photo.read_bytes()
    (tmp_path / "result.jpg").unlink(missing_ok=True)
    for _ in range(2):
        done = photochrom("colorize", gray_photo, "-o", tmp_path / "result.jpg")
    assert b"already there" in done.stderr
    assert b"ours" not in done.stderr


def test_what_has_no_result_has_no_name_of_one(tmp_path: Path) -> None:
    (tmp_path / "a.nef").write_bytes(b"raw")
    done = photochrom("colorize", tmp_path, tmp_path / "gone.jpg", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"a.nef", "gone.jpg"} <= {Path(row["input"]).name for row in rows}
    assert {row["output"] for row in rows} == {None}
