"""A run that is really killed, again and again, ends with what an undisturbed one gives."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from photochrom import Colorizer
from tests.conftest import scene

KILLS = int(os.environ.get("PHOTOCHROM_KILLS", "8"))
WORKERS = 2

RUN = """
import sys
from photochrom import Colorizer
inputs, output, vividness, *options = sys.argv[1:]
colorizer = Colorizer(threads=1, size=64, vividness=float(vividness))
list(colorizer.folder(inputs, output=output, workers=2, overwrite="overwrite" in options))
"""
USUAL = "0.5"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Small pictures and some larger ones, so that kills find every stage of the work."""
    folder = tmp_path / "in"
    for index in range(max(60, 5 * KILLS)):
        side = 400 if index % 9 == 0 else 40
        suffix = (".jpg", ".png", ".tif")[index % 3]
        path = folder / str(index % 4) / f"{index}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(scene(side, side, seed=index)).convert("L").save(path)
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    """Every file but the records, hidden ones too."""
    found = (p for p in folder.rglob("*") if p.is_file() and ".photochrom" not in p.parts)
    return {str(p.relative_to(folder)): p.read_bytes() for p in found}


def states(out: Path) -> list[str]:
    text = (out / ".photochrom" / "run.jsonl").read_bytes()
    lines = [json.loads(line) for line in text.split(b"\n")[:-1]]
    return [line["state"] for line in lines if "state" in line]


def wait_for(out: Path, done: int, process: subprocess.Popen[bytes]) -> None:
    """Until so many pictures are done, or the run has ended."""
    manifest = out / ".photochrom" / "run.jsonl"
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        if manifest.exists() and manifest.read_bytes().count(b'"state": "done"') >= done:
            return
        time.sleep(0.002)


def test_a_killed_run_continues_exactly(archive: Path, tmp_path: Path) -> None:
    reference, out = tmp_path / "reference", tmp_path / "out"
    list(Colorizer(threads=1, size=64).folder(archive, output=reference))
    expected = tree(reference)
    draw, kills = random.Random(0), 0
    command = [sys.executable, "-W", "error", "-c", RUN, archive, out, USUAL]
    for _ in range(KILLS):
        done = states(out).count("done") if kills else 0
        with subprocess.Popen(command) as process:
            wait_for(out, done + draw.randint(1, 4), process)
            time.sleep(draw.uniform(0, 0.05))
            process.kill()
        kills += process.returncode == -signal.SIGKILL
        found = tree(out)
        assert {name: expected[name] for name in found} == found
    assert kills >= KILLS * 3 // 4
    subprocess.run(command, check=True)
    assert tree(out) == expected
    assert [p.name for p in (out / ".photochrom").iterdir()] == ["run.jsonl"]
    # At most the pictures in hand were colored in vain.
    assert states(out).count("done") == len(expected)
    assert states(out).count("started") - len(expected) <= WORKERS * kills


def test_a_killed_run_that_replaces_leaves_old_results_or_new_ones(
    archive: Path, tmp_path: Path
) -> None:
    made = {}
    for vividness in (USUAL, "1"):
        place = tmp_path / vividness
        list(
            Colorizer(threads=1, size=64, vividness=float(vividness)).folder(archive, output=place)
        )
        made[vividness] = tree(place)
    out, draw, seen = tmp_path / USUAL, random.Random(1), set[str]()
    command = [sys.executable, "-W", "error", "-c", RUN, archive, out, "1", "overwrite"]
    for _ in range(max(3, KILLS // 3)):
        done = states(out).count("done")
        with subprocess.Popen(command) as process:
            wait_for(out, done + draw.randint(1, 12), process)
            time.sleep(draw.uniform(0, 0.05))
            process.kill()
        found = tree(out)
        assert set(found) == set(made[USUAL])
        for name, data in found.items():
            kinds = {kind for kind, results in made.items() if results[name] == data}
            assert kinds, name
            seen |= kinds
    assert seen == set(made)
    subprocess.run(command, check=True)
    assert tree(out) == made["1"]


DIES = """
import os, signal, sys
from photochrom import Colorizer
# When the bytes of a result are written, and it has not its name yet.
os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
list(Colorizer(threads=1, size=64).folder(sys.argv[1:], workers=1))
"""


def test_a_killed_run_over_named_files_leaves_nothing_for_good(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("0.png", "1.png")]
    for index, path in enumerate(files):
        Image.fromarray(scene(40, 40, seed=index)).convert("L").save(path)
    done = subprocess.run([sys.executable, "-c", DIES, *files], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = tmp_path.glob(".*")
    assert left.stat().st_size > 0
    os.utime(left, (0, 0))
    list(Colorizer(threads=1, size=64).folder(files))
    names = ["0.color.png", "0.png", "1.color.png", "1.png"]
    assert sorted(p.name for p in tmp_path.iterdir()) == names


def test_a_run_over_a_folder_removes_what_was_left_in_it(archive: Path) -> None:
    left = archive / "0" / ".0123456789ab.part"
    left.touch()
    os.utime(left, (0, 0))
    list(Colorizer(threads=1, size=64).folder(archive / "0"))
    assert not left.exists()


def test_shards_color_one_folder_at_once(archive: Path, tmp_path: Path) -> None:
    reference, out = tmp_path / "reference", tmp_path / "out"
    list(Colorizer(threads=1, size=64).folder(archive, output=reference))
    words = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "photochrom",
        "colorize",
        "--size",
        "64",
        "-j",
        "1",
    ]
    words += [str(archive), "-o", str(out), "--shard"]
    processes = [subprocess.Popen([*words, f"{index}/3"], stderr=subprocess.PIPE)
                 for index in (1, 2, 3, 3)]  # fmt: skip
    said = [process.communicate(timeout=120)[1] for process in processes]
    codes = [process.returncode for process in processes]
    assert codes[:2] == [0, 0], said
    # Two at the same shard: one works, and the other says so, or finds all done if it came late.
    assert 0 in codes[2:], said
    for code, text in zip(codes[2:], said[2:], strict=True):
        assert code == 0 or b"another run is at work" in text
    assert tree(out) == tree(reference)


def test_ctrl_c_finishes_what_is_in_hand(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-W", "error", "-m", "photochrom", "colorize", "-j", "2", "--json"]
    command += [str(archive), "-o", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_for(out, 3, process)
        process.send_signal(signal.SIGINT)
        rows, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert b"the same command continues" in said
    assert b"Traceback" not in said
    done = [json.loads(row)["output"] for row in rows.splitlines()]
    assert set(states(out)) == {"started", "done"}
    assert states(out).count("started") == states(out).count("done") == len(done)
    assert sorted(done) == sorted(str(out / name) for name in tree(out))
    assert len(done) < len(list(archive.rglob("*.*")))
