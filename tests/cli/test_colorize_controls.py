"""Hints, steering, confidence and alternatives by options: what reaches the files, and refusals."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from photochrom.cli.main import photochrom
from photochrom.errors import PhotochromError, WrongInput
from tests.conftest import scene
from tests.inference.conftest import hinting  # noqa: F401 - a fixture


def call(*arguments: str | Path, **options: Any) -> Result:
    return CliRunner().invoke(photochrom, ["colorize", *map(str, arguments)], **options)


def refused(*arguments: str | Path, **options: Any) -> str:
    """The one line that a wrong call ends with; nothing else may be wrong."""
    done = call(*arguments, **options)
    if isinstance(done.exception, PhotochromError):
        assert isinstance(done.exception, WrongInput)
        line = str(done.exception)
    else:
        assert done.exit_code == 2, done.output
        line = done.output.strip().splitlines()[-1]
    assert "\n" not in line
    return line


def blueness(path: Path) -> float:
    with Image.open(path) as image:
        rgb = np.asarray(image).astype(int)
    return float((rgb[..., 2] - rgb[..., 0]).mean())


def test_hints_from_options_and_a_file_are_kept(hinting: Path, gray_photo: Path) -> None:  # noqa: F811
    result = gray_photo.with_name("grandma.color.jpg")
    more = gray_photo.with_name("more.json")
    entry = {"x": "10%", "y": "10%", "color": "navy", "radius": "25%"}
    more.write_text(json.dumps({"version": 1, "hints": [entry]}))
    assert call(gray_photo, "-m", hinting).exit_code == 0
    before = blueness(result)
    hint = ("--hint", "90,40,20=#2040c0")
    done = call(gray_photo, "-m", hinting, *hint, "--hints", more, "--overwrite")
    assert done.exit_code == 0, done.output
    assert blueness(result) > before + 3
    kept = json.loads(gray_photo.with_name("grandma.jpg.hints.json").read_text())
    assert [entry["color"] for entry in kept["hints"]] == ["navy", "#2040c0"]
    hinted = result.read_bytes()
    assert call(gray_photo, "-m", hinting, "--overwrite").exit_code == 0
    assert result.read_bytes() == hinted
    assert call(gray_photo, "-m", hinting, "--overwrite", "--forget-hints").exit_code == 0
    assert blueness(result) == before


def test_hints_that_were_edited_make_a_result_stale(hinting: Path, tmp_path: Path) -> None:  # noqa: F811
    photos, out = tmp_path / "in", tmp_path / "out"
    photos.mkdir()
    Image.fromarray(scene(40, 48)).convert("L").save(photos / "a.png")
    words = (photos, "-m", hinting, "-o", out)
    assert call(*words).exit_code == 0
    before = blueness(out / "a.png")
    entry = {"x": "50%", "y": "50%", "color": "navy", "radius": "25%"}
    sidecar = out / "a.png.hints.json"
    sidecar.write_text(json.dumps({"version": 1, "hints": [entry]}))
    later = (out / "a.png").stat().st_mtime_ns + 10**9
    os.utime(sidecar, ns=(later, later))
    assert "its hints have changed since" in call(*words).output
    assert blueness(out / "a.png") == before
    assert call(*words, "--overwrite").exit_code == 0
    assert blueness(out / "a.png") > before + 3


def test_a_toned_print_is_said(hinting: Path, tmp_path: Path) -> None:  # noqa: F811
    gray = np.asarray(Image.fromarray(scene(80, 96)).convert("L"), dtype=float)[..., None]
    brown = np.clip(gray * [1.0, 0.86, 0.68] + [18, 8, 0], 0, 255).astype(np.uint8)
    Image.fromarray(brown).save(tmp_path / "print.png")
    words = (tmp_path / "print.png", "-m", hinting, "--overwrite")
    assert "--keep-tint" in call(*words).output
    assert "--keep-tint" not in call(*words, "--keep-tint").output


def test_a_folder_is_steered(hinting: Path, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "in").mkdir()
    for seed in range(2):
        Image.fromarray(scene(40, 48, seed=seed)).convert("L").save(tmp_path / f"in/{seed}.png")
    out = ("-m", hinting, "--influence", "1", "-o")
    assert call(tmp_path / "in", *out, tmp_path / "a", "--palette", "#3c46a0").exit_code == 0
    Image.new("RGB", (20, 20), "#b06040").save(tmp_path / "r.png")
    done = call(tmp_path / "in", *out, tmp_path / "b", "--reference", tmp_path / "r.png")
    assert done.exit_code == 0, done.output
    for name in ("0.png", "1.png"):
        assert blueness(tmp_path / "a" / name) > blueness(tmp_path / "b" / name) + 20


def test_stdin_takes_hints_and_writes_the_map(hinting: Path, gray_photo: Path) -> None:  # noqa: F811
    out, where = gray_photo.with_name("o.png"), gray_photo.with_name("m.png")
    arguments = ("-", "-m", hinting, "--hint", "50%,50%,20%=red", "--confidence", where)
    done = call(*arguments, "--format", "png", input=gray_photo.read_bytes())
    assert done.exit_code == 0, done.output
    out.write_bytes(done.stdout_bytes)
    with Image.open(out) as colored, Image.open(where) as sure:
        assert colored.size == sure.size == (120, 90)
    assert not list(gray_photo.parent.glob("*.json"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--hint", "5,5"], "X,Y=COLOR"),
        (["--hint", "5,5=gren"], "did you mean"),
        (["--hints", "no.json"], "no.json"),
        (["--palette", "red", "--reference", "x.png"], "not by both"),
        (["--palette", "redd"], "did you mean"),
        (["--palette", "red", "--rebalance", "0.3"], "rebalance"),
        (["--palette", "red", "--alternatives", "2"], "leave out"),
        (["--influence", "0.3"], "give one"),
        (["--confidence", "map.jpg"], ".png"),
        (["--alternatives", "10"], "10"),
        (["--no-sidecar", "--forget-hints"], "use one"),
    ],
)
def test_nonsense_is_refused_before_anything_is_written(
    hinting: Path,  # noqa: F811
    gray_photo: Path,
    options: list[str],
    said: str,
) -> None:
    assert said in refused(gray_photo, "-m", hinting, *options)
    assert [path.name for path in gray_photo.parent.iterdir()] == ["grandma.jpg"]


@pytest.mark.parametrize("option", ["--hint=1,1=red", "--confidence=m.png"])
def test_what_is_for_one_photograph(
    hinting: Path,  # noqa: F811
    gray_photo: Path,
    option: str,
) -> None:
    other = gray_photo.with_name("other.jpg")
    other.write_bytes(gray_photo.read_bytes())
    assert "is for one photograph, but there are 2" in refused(
        gray_photo, other, "-m", hinting, option
    )


def test_a_result_that_is_there_says_what_changes_it(hinting: Path, gray_photo: Path) -> None:  # noqa: F811
    words = (gray_photo, "-m", hinting)
    assert call(*words).exit_code == 0
    assert call(*words).output == (
        f"{gray_photo.with_name('grandma.color.jpg')} was left as it is: already there; "
        "--overwrite makes it again\n"
    )
    assert call(*words, "--hint", "5,5=red").output.endswith(
        "--overwrite makes it again, with your --hint\n"
    )
    more = ("--alternatives", "2", "--confidence", gray_photo.with_name("map.png"))
    assert call(*words, *more).output.endswith(
        " was left as it is and nothing else was made: already there; "
        "--overwrite makes it again, with your --confidence and --alternatives\n"
    )
    out = (*words, "-o", gray_photo.parent / "out")
    assert call(*out).exit_code == 0
    said = call(*out, "--hint", "5,5=red").output
    assert "made with other settings: without hint=5,5=red; --overwrite makes it" in said
    assert call(*out, "--overwrite").output.endswith("was left as it is: the same already\n")
    # What was not asked for then is made now.
    assert call(*out, "--overwrite", "--alternatives", "1").exit_code == 0
    assert (gray_photo.parent / "out" / "grandma.color-1.jpg").is_file()


def test_a_dry_run_leaves_nothing_behind(hinting: Path, gray_photo: Path) -> None:  # noqa: F811
    folder, scratch = gray_photo.parent, gray_photo.parent / "scratch"
    sidecar = folder / "grandma.jpg.hints.json"
    sidecar.write_text('{"version": 1, "hints": [{"x": 5, "y": 5, "color": "red"}]}')
    scratch.mkdir()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    wishes = ("--alternatives", "2", "--confidence", folder / "map.png", "--hint", "9,9=navy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(scratch))
        for output in ([], ["-o", folder / "out"], ["-o", folder / "x.png", "--forget-hints"]):
            done = call(gray_photo, "-m", hinting, "--dry-run", *wishes, *output)
            assert done.exit_code == 0, done.output
            assert "nothing was written" in done.output
            assert "colored for this estimate" in done.output
            assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} | {
                scratch: before[scratch]
            } == before


def test_stdin_replaces_no_file_and_pretends_nothing(hinting: Path, gray_photo: Path) -> None:  # noqa: F811
    out, data = gray_photo.with_name("out.jpg"), gray_photo.read_bytes()
    out.write_bytes(b"precious")
    words = ("-", "-m", hinting, "-o", out)
    assert "--overwrite" in refused(*words, input=data)
    for option in ("--dry-run", "--watch", "--shard=1/2", "--retry-failed"):
        assert "not for stdin" in refused("-", "-m", hinting, option, input=data)
    assert "says JPEG, not PNG" in refused(*words, "--format", "png", input=data)
    assert out.read_bytes() == b"precious"
    assert call(*words, "--overwrite", input=data).exit_code == 0
    with Image.open(out) as image:
        assert image.size == (120, 90)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-o", "y.bmp"], "cannot write .bmp"),
        (["-o", "y.jpg", "--format", "png"], "says JPEG, not PNG"),
        ([""], "an input is empty"),
    ],
)
def test_names_that_cannot_be_meant(
    gray_photo: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    monkeypatch.chdir(gray_photo.parent)
    assert said in refused(gray_photo, *options)
    assert [path.name for path in gray_photo.parent.iterdir()] == ["grandma.jpg"]


@pytest.mark.parametrize("entry", ['"x": LARGE, "y": 1', '"x": 1, "y": 1, "radius": LARGE'])
def test_numbers_that_no_float_holds(gray_photo: Path, tmp_path: Path, entry: str) -> None:
    path = tmp_path / "hints.json"
    entry = entry.replace("LARGE", "1" + "0" * 400)
    path.write_text('{"version": 1, "hints": [{"color": "red", ' + entry + "}]}")
    assert "hint 1: " in refused(gray_photo, "--hints", path)
    path.write_text('{"version": 1, "colors": [{"color": "red", "weight": 1' + "0" * 400 + "}]}")
    assert "weights of a palette" in refused(gray_photo, "--palette", path)


def test_alternatives_of_stdin_need_a_name(hinting: Path, gray_photo: Path) -> None:  # noqa: F811
    data = gray_photo.read_bytes()
    assert "--output" in refused("-", "-m", hinting, "--alternatives", "1", input=data)


def test_a_model_without_hints_says_so(gray_photo: Path, small_models: dict[str, Path]) -> None:
    line = refused(gray_photo, "-m", small_models["bins"], "--hint", "5,5=red")
    assert line == "the model bins takes no hints"
