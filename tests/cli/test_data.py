"""``photochrom data`` as people run it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from photochrom.cli import main as command_line
from photochrom.data.public_sets import PUBLIC_SETS
from photochrom.data.sources import open_pictures
from tests.conftest import scene


def run(*words: object) -> Result:
    return CliRunner().invoke(command_line.photochrom, ["data", *map(str, words)])


def one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object
) -> str:
    """What the whole program says on standard error, having failed."""
    monkeypatch.setattr(sys, "argv", ["photochrom", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code in (1, 2)
    said = capsys.readouterr().err
    assert said.startswith("photochrom: ")
    assert said.count("\n") == 1
    return said


def test_packs_and_packs_on(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    Image.fromarray(scene(40, 40)).convert("L").save(tmp_path / "more" / "gray.png")
    words = ("pack", pictures, tmp_path / "more", "--out", tmp_path / "out", "--side", 32, "-j", 1)
    for _ in range(2):
        result = run(*words)
        assert result.exit_code == 0, result.output
        said = " ".join(result.output.split())
        assert "12 pictures in 1 shards" in said
        assert "left out: 1 gray; see" in said
    assert len(open_pictures([tmp_path / "out"])) == 12


SLOWLY = """
import signal, time
from photochrom.cli.main import main
from photochrom.data import pack

take = pack._take

def slowly(*args, **options):
    time.sleep(0.1)
    return take(*args, **options)

pack._take = slowly
# Of a command that was begun in the background shells have interrupts ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""
"""Even a busy machine interrupts that before it ends."""


def test_ctrl_c_and_again(tmp_path: Path) -> None:
    words = [
        "pack",
        str(large_pictures(tmp_path / "many")),
        "--out",
        str(tmp_path / "out"),
        "--per-shard",
        "2",
    ]
    command = [sys.executable, "-c", SLOWLY, "data", *words, "--jobs", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while not list(tmp_path.glob("out/pictures-*.tar")) and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 130, said
    assert said.strip().splitlines()[-1] == "photochrom: stopped; the same command continues"
    assert "Traceback" not in said
    kept = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out").glob("*.tar")}
    assert 1 <= len(kept) < 32
    result = run(*words, "--jobs", 1)
    assert result.exit_code == 0, result.output
    assert "continuing at" in result.output
    after = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out").glob("*.tar")}
    assert len(after) == 32
    assert {name: after[name] for name in kept} == kept
    assert len(open_pictures([tmp_path / "out"])) == 64


def large_pictures(folder: Path) -> Path:
    folder.mkdir()
    for index in range(64):
        Image.fromarray(scene(600, 900, seed=index)).save(folder / f"{index:03d}.jpg")
    return folder


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="reads Linux's list of children")
def test_no_process_outlives_a_killed_packing(tmp_path: Path) -> None:
    words = [str(large_pictures(tmp_path / "many")), "--out", str(tmp_path / "out")]
    command = [sys.executable, "-m", "photochrom", "data", "pack", *words, "-j", "2"]
    with subprocess.Popen(
        [*command, "--per-shard", "4", "--side", "600"], stderr=subprocess.DEVNULL
    ) as process:
        while not list(tmp_path.glob("out/pictures-*.tar")) and process.poll() is None:
            time.sleep(0.05)
        listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.kill()
    assert len(listed) >= 2
    ends = time.monotonic() + 30
    while alive := [pid for pid in listed if is_running(pid)]:
        assert time.monotonic() < ends, alive
        time.sleep(0.1)


def is_running(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def test_shows_a_sheet(pictures: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    sets = ("--set", "data.film.probability=1", "--set", "data.size=32", "--rows", 3)
    result = run("show", pictures, "--out", tmp_path / "sheet.png", *sets)
    assert result.exit_code == 0, result.output
    assert "3 of 10 pictures (2 more to judge by)" in result.output
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (36 + 4 * 68, 3 * 36)


def test_lists_every_set() -> None:
    output = run("sets").output
    assert all(f"{name}  " in output for name in PUBLIC_SETS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pack", "nowhere", "--out", "out"), "nowhere"),
        (("pack", "place365:x", "--out", "out"), "places365"),
        (("show", "nowhere", "--out", "a.png"), "nowhere"),
        (("show", "PICTURES", "--out", "a.gif"), "a.gif"),
        (("show", "PICTURES", "--out", "a.png", "--set", "data.film.grian=3"), "data.film.grian"),
        (("show", "PICTURES", "--out", "a.png", "--set", "data.film.grain=-3"), "data.film.grain"),
        (("show", "PICTURES", "--out", "a.png", "--set", 'data.categories=["x"]'), "pictures"),
        (("show", "PICTURES", "--out", "no/where/a.png"), "no/where/a.png"),
        (("fetch", "imagenet", "--out", "x"), "image-net.org"),
        (("fetch", "imagnet", "--out", "x"), "imagenet"),
    ],
)
def test_errors_are_one_line(
    words: tuple[str, ...],
    said: str,
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    given = [str(pictures) if word == "PICTURES" else word for word in words]
    assert said in one_line(monkeypatch, capsys, "data", *given)


def test_training_on_gray_pictures_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch")
    (tmp_path / "gray").mkdir()
    for index in range(6):
        picture = Image.fromarray(scene(40, 40, seed=index)).convert("L")
        picture.save(tmp_path / "gray" / f"{index}.png")
    words = ("train", "photochrom", "-d", tmp_path / "gray", "-o", tmp_path / "run")
    assert "5 of the 5 pictures looked at are gray" in one_line(monkeypatch, capsys, *words)
    assert not (tmp_path / "run" / "checkpoint.safetensors").exists()
