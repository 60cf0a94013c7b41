"""Standard input and standard output."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import photochrom
from tests.conftest import scene


def test_stdin_to_stdout(gray_photo: Path) -> None:
    done = photochrom("colorize", "-", "--format", "png", input=gray_photo.read_bytes())
    assert done.returncode == 0, done.stderr
    with Image.open(io.BytesIO(done.stdout)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (120, 90))


def test_notes_in_a_pipe_are_those_of_files(tmp_path: Path) -> None:
    frames = [Image.fromarray(scene(40, 40, seed=s)) for s in range(3)]
    for name, said in (("a.gif", b"3 frames"), ("a.png", b"in color"), ("a.tif", b"3 frames")):
        path = tmp_path / name
        many = {} if name == "a.png" else {"save_all": True, "append_images": frames[1:]}
        frames[0].save(path, **many)
        data = path.read_bytes()
        done = photochrom("colorize", "-", "--format", "png", input=data)
        assert done.returncode == 0, done.stderr
        assert said in done.stderr
        assert photochrom("colorize", "-", "--quiet", input=data).stderr == b""
        assert said in photochrom("colorize", path, "-o", "-", "--format", "png").stderr


def test_a_file_to_stdout(gray_photo: Path, tmp_path: Path) -> None:
    os.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    data = gray_photo.read_bytes()
    by_pipe = photochrom("colorize", "-", input=data).stdout
    assert photochrom("colorize", gray_photo, "-o", "-").stdout == by_pipe
    assert photochrom("colorize", "-", "-o", "-", input=data).stdout == by_pipe
    with Image.open(io.BytesIO(by_pipe)) as image:
        assert image.format == "JPEG"
    for args, status in (
        ([gray_photo, gray_photo], 2),
        ([tmp_path], 2),
        ([gray_photo, "--json"], 2),
        ([gray_photo, "--dry-run"], 2),
        ([gray_photo, "--confidence", gray_photo, "--overwrite"], 2),
        (["no.jpg"], 1),
    ):
        done = photochrom("colorize", *args, "-o", "-")
        assert (done.returncode, done.stdout) == (status, b""), args
        assert b"Traceback" not in done.stderr
    assert sorted(tmp_path.iterdir()) == before
    assert gray_photo.read_bytes() == data


def test_json_beside_a_pipe(gray_photo: Path, tmp_path: Path) -> None:
    done = photochrom("colorize", "-", "--json", input=gray_photo.read_bytes())
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--json writes to stdout" in done.stderr
    words = ("colorize", "-", "--json", "-o", tmp_path / "o.png")
    row = json.loads(photochrom(*words, input=gray_photo.read_bytes()).stdout)
    assert (row["input"], row["output"], row["state"]) == ("-", str(tmp_path / "o.png"), "done")
    done = photochrom(*words, "--overwrite", input=b"no picture")
    assert (done.returncode, json.loads(done.stdout)["state"]) == (1, "failed")


SIGTERM_AT_THE_END = """
import os, signal
from pathlib import Path
from photochrom.cli.main import main
Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGTERM)
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes without a signal")
def test_sigterm_leaves_nothing_half_written(gray_photo: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", SIGTERM_AT_THE_END, "colorize", "-"]
    before = sorted(tmp_path.iterdir())
    data = gray_photo.read_bytes()
    done = subprocess.run(
        [*command, "-o", tmp_path / "o.png"], input=data, capture_output=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (143, b"")
    assert sorted(tmp_path.iterdir()) == before
