"""What every command does about names, disks and streams that are in the way."""

from __future__ import annotations

import io
import json
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.conftest import scene


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_names_that_an_encoding_cannot_say(main: Any, tmp_path: Path, encoding: str) -> None:
    Image.fromarray(scene(20, 24)).convert("L").save(
        tmp_path / "\N{GREEK SMALL LETTER ALPHA}\xe9.png"
    )
    said = []
    for options in ([], ["--json"]):
        buffer = io.BytesIO()
        stdout = io.TextIOWrapper(buffer, encoding=encoding, write_through=True)
        assert main("colorize", tmp_path, "--dry-run", *options, stdout=stdout) == 0
        said.append(buffer.getvalue().decode(encoding))
    assert said[0].endswith("\\u03b1\xe9.color.png\n")
    assert Path(json.loads(said[1])["input"]).name == "\u03b1\xe9.png"


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is a disk that is full")
@pytest.mark.parametrize("buffering", [-1, 1])
@pytest.mark.parametrize("args", [["models"], ["colorize", "no.jpg", "--json"]])
def test_a_full_disk_under_stdout_is_one_line(
    main: Any, capsys: pytest.CaptureFixture[str], args: list[str], buffering: int
) -> None:
    # At its end, as Python at its own, this complains of what is still held.
    with Path("/dev/full").open("w", buffering) as stdout:
        assert main(*args, stdout=stdout) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "photochrom: the output cannot be written: no space left on device"
    # Threads that wait for the garbage collector to end them locked up whatever came next.
    assert not [t.name for t in threading.enumerate() if t.name.startswith("photochrom")]


@pytest.mark.skipif(sys.platform == "win32", reason="a name as POSIX systems count")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["IT"], "cannot look at IT"),
        (["-", "-o", "IT"], "IT cannot be written"),
        (["--model", "IT", "a.jpg"], "cannot read the model IT"),
    ],
)
def test_a_name_that_is_too_long_is_one_line(
    main: Any, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    long = "y" * 300 + ".png"
    assert main("colorize", *(long if word == "IT" else word for word in words)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"photochrom: {said.replace('IT', long)}: file name too long"


def test_closed_streams_are_wrong_usage(
    main: Any, capsys: pytest.CaptureFixture[str], gray_photo: Path, tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    assert main("colorize", "-", "-o", tmp_path / "z.png", stdin=None) == 2
    assert "standard input is closed" in capsys.readouterr().err
    assert main("colorize", gray_photo, "-o", "-", stdout=None) == 2
    assert "standard output is closed" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before
