"""Programs that nobody runs for weeks still find what they import and measure with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
PROGRAMS = sorted(path.stem for path in BENCHMARKS.glob("*.py"))


def program(*words: str | Path, timeout: int = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        cwd=BENCHMARKS,
    )


def test_all_find_what_they_import() -> None:
    assert "quality" in PROGRAMS
    done = program("-c", "".join(f"import {name}\n" for name in PROGRAMS))
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_loop_beside_bare_steps(tmp_path: Path) -> None:
    small = ("data.size=32", "training.batch_size=2")
    out = tmp_path / "loop.json"
    done = program("loop.py", "--steps", "2", "--warmup", "1", "--out", out, "--set", *small)
    assert done.returncode == 0, done.stderr
    times = json.loads(out.read_text())["milliseconds"]
    assert times["loop"] > times["bare"] / 2 > 0


@pytest.mark.slow
def test_the_network_beside_eccv16(tmp_path: Path) -> None:
    out = tmp_path / "network.json"
    done = program("network.py", "--size", "64", "--repeats", "1", "--out", out)
    assert done.returncode == 0, done.stderr
    assert json.loads(out.read_text())["eccv16_to_photochrom"] > 1
