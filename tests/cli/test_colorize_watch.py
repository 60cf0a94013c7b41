"""A drop folder, watched by a whole process until it is interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.conftest import scene


def watched(
    album: Path, out: Path, then: Callable[[], object] | None = None
) -> tuple[int, list[str]]:
    """Exit status and lines; ``then`` is called after six of them and awaits another."""
    command = [sys.executable, "-W", "error", "-m", "photochrom", "colorize", "--watch", str(album)]
    with subprocess.Popen([*command, "-o", str(out)], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(6)]
        if then is not None:
            then()
            said.append(process.stderr.readline())
        process.send_signal(signal.SIGINT)
        said += process.stderr.read().splitlines()
    return process.returncode, said


def test_watching_ends_cleanly(album: Path, tmp_path: Path) -> None:
    status, said = watched(album, tmp_path / "out")
    assert status == 1, said
    assert sum("[b] " in line and "\\n.png  (" in line for line in said) == 4
    assert sum("bad.jpg" in line for line in said) == 1
    place = f"watching {album} with all below; results go to {tmp_path / 'out'}; Ctrl-C ends it"
    assert said[0] == f"{place}\n"
    assert "4 done, 1 failed" in said[-1]


def test_watching_counts_what_became_of_each_file(album: Path, tmp_path: Path) -> None:
    good = Image.fromarray(scene(30, 40)).convert("L")
    status, said = watched(album, tmp_path / "out", lambda: good.save(album / "bad.jpg"))
    assert status == 0, said
    assert sum("bad.jpg" in line for line in said) == 2
    assert "5 pictures in" in said[-1]
    assert said[-1].endswith(": 5 done")


def test_what_cannot_be_watched_is_not_said_to_be(
    main: Any, capsys: pytest.CaptureFixture[str], album: Path, tmp_path: Path
) -> None:
    for inputs in ([tmp_path / "nowhere"], [album, tmp_path / "nowhere"], [album / "bad.jpg"]):
        assert main("colorize", "--watch", *inputs, "-o", tmp_path / "out") == 2
        assert capsys.readouterr().err.startswith("photochrom: cannot watch ")
