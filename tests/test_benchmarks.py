"""Programs that nobody runs for weeks still find what they import and measure with."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

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


def comparison(*runs: str, gray: float = 88.5, size: int = 128) -> dict[str, Any]:
    """What `benchmarks/trial.py` publishes of a comparison, as far as joining looks at it."""
    rows = [{"method": name, "figures": {"auc": {"value": 90.0}}} for name in runs]
    ends = [{"method": name, "figures": {"auc": {"value": value}}}
            for name, value in (("gray", gray), ("truth", 100.0))]  # fmt: skip
    return {
        "pictures": 3, "side": 256, "fit": "crop", "size": size, "metrics": ["auc"], "film": "",
        "version": "1", "data": {"data": ["a"]}, "rows": [ends[0], *rows, ends[1]],
        "missing": {}, "notes": {}, "costs": {name: {"images": 1} for name in runs},
        "recipes": {name: {"name": name} for name in runs}, "unfinished": ["third"],
        "asked": {"sets": {"data": ["a"]}, "budget": {"minutes": 1}, "overrides": [],
                  "recipes": list(runs)},
    }  # fmt: skip


def test_runs_join_a_published_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    joined = importlib.import_module("trial").joined
    second = comparison("two", "third") | {"unfinished": ["one"]}
    found = joined(comparison("one", "two"), second)
    assert [row["method"] for row in found["rows"]] == ["gray", "one", "two", "third", "truth"]
    assert list(found["costs"]) == list(found["recipes"]) == ["one", "two", "third"]
    assert found["asked"]["recipes"] == ["one", "two", "third"]
    assert found["unfinished"] == []
    with pytest.raises(ValueError, match="size"):
        joined(comparison("one"), comparison("two", size=64))
    with pytest.raises(ValueError, match="colors"):
        joined(comparison("one"), comparison("two", gray=88.4))
