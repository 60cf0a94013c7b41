"""Programs that nobody runs for weeks still find what they import and measure with."""

from __future__ import annotations

import hashlib
import importlib
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

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


@pytest.fixture
def two_pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    pixels = np.zeros((64, 96, 3), np.uint8)
    pixels[:, :48] = (180, 60, 50)
    pixels[:, 48:] = (90, 140, 220)
    for name in ("one", "two"):
        Image.fromarray(pixels).save(folder / f"{name}.png")
    return folder


def test_red_is_as_dark_on_film_as_its_gray(two_pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "films.json"
    done = program("films.py", "--data", two_pictures, "--out", out, "--set", "flags")
    assert done.returncode == 0, done.stderr
    result = json.loads(out.read_text())
    assert result["pictures"] == 2
    auc = {(row["film"], row["way"]): row["auc"] for row in result["rows"]}
    assert auc["the eye", "model"] == auc["the eye", "colors of the eye's gray"]
    assert auc["the eye", "true colors"] > 98
    # Film that sees no red shows it as nearly black, and there black is all that it can be.
    assert auc["blue-sensitive", "true colors"] < 90
    assert auc["blue-sensitive", "gray"] < auc["blue-sensitive", "true colors"]


def test_palettes_hold_the_colors_of_the_picture(two_pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    done = program("palettes.py", "--data", two_pictures, "--out", out)
    assert done.returncode == 0, done.stderr
    with Image.open(out) as sheet:
        colors = {color for _, color in sheet.getcolors(1 << 16)}
    assert {(180, 60, 50), (90, 140, 220), (255, 255, 255)} < colors


@pytest.mark.parametrize("is_shard", [True, False])
def test_a_quarter_of_a_set_is_kept_from_all_choosing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_shard: bool
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    parts = importlib.import_module("parts")
    folder = tmp_path / "set"
    folder.mkdir()
    for index in range(22):
        Image.new("RGB", (32, 32), (index, 0, 200)).save(folder / f"coco-{index:04d}.png")
    place = folder
    if is_shard:
        place = tmp_path / "set.tar"
        with tarfile.open(place, "w") as tar:
            for file in sorted(folder.iterdir()):
                tar.add(file, file.name)
    chosen = {
        part: parts.PartOfTrial((str(place),), (), ("auc",), part=part).pictures()[1]
        for part in parts.PARTS
    }
    assert chosen["all"] == list(range(22)) == sorted(chosen["choosing"] + chosen["kept"])
    keys = parts.keys_of(str(place))
    assert keys == [f"coco-{index:04d}" for index in range(22)]
    assert {keys[index] for index in chosen["kept"]} == parts.kept_back(keys)
    first = sorted(keys, key=lambda key: hashlib.sha256(key.encode()).hexdigest())[:5]
    assert parts.kept_back(list(reversed(keys))) == set(first)


def test_quality_of_a_part_says_so(two_pictures: Path, tmp_path: Path) -> None:
    for index in range(2, 8):
        shutil.copy(two_pictures / "one.png", two_pictures / f"{index}.png")
    out = tmp_path / "kept.json"
    words = ("--data", two_pictures, "--side", "32", "--part", "kept", "--set", "flags")
    done = program("quality.py", *words, "--out", out)
    assert done.returncode == 0, done.stderr
    result = json.loads(out.read_text())
    assert result["pictures"] == 2
    assert result["set"] == "flags"
    assert result["command"].endswith("--part kept")
    assert str(tmp_path) not in out.read_text()


def test_old_photographs_are_counted_by_every_method(
    monkeypatch: pytest.MonkeyPatch, two_pictures: Path, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    module = importlib.import_module("old_photographs")
    red = tmp_path / "red"
    red.mkdir()
    for path in two_pictures.iterdir():
        with Image.open(path) as image:
            Image.new("RGB", image.size, (200, 40, 40)).save(red / f"{path.stem}.jpg")
    ways = {"gray": lambda gray, _name: gray, "other": module.made_by(red)}
    rows = list(module.old(two_pictures, ways))
    assert [row["method"] for row in rows] == ["gray", "other"] * 2
    assert {row["shares"]["gray"] for row in rows[::2]} == {100}
    assert {row["shares"]["orange"] for row in rows[1::2]} == {100}
    assert all(row["colorfulness"] == 0 for row in rows[::2])
    assert all(row["colorfulness"] > 40 for row in rows[1::2])


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
