"""What a result was made with, in the words of who asked for it; and hints that were kept."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from photochrom import Colorizer, load_model
from photochrom.cli.main import photochrom
from photochrom.inference.folder.identity import difference, key_of, settings_of
from photochrom.photo.provenance import Provenance, stamped_xmp
from photochrom.photo.results import stated_in
from tests.conftest import scene
from tests.inference.conftest import hinting  # noqa: F401


def colorize(*args: object) -> str:
    done = CliRunner().invoke(photochrom, ["colorize", *map(str, args)])
    assert done.exit_code == 0, done.output
    return done.output


CARD = load_model().card
TEMPERATURE = CARD.settings(CARD.vividness)[1]

WAYS = [
    ([], ["--vividness", "0.9"], "vividness 0.5, not 0.9"),
    (["--vividness", "0.9"], [], "vividness 0.9, not 0.5"),
    (["--vividness", "0.25"], ["--rebalance", "0.3"],
     f"vividness 0.25, not rebalance 0.3 and temperature {TEMPERATURE:g}"),
    (["--rebalance", "0.3"], ["--rebalance", "0.6"], "rebalance 0.3, not 0.6"),
    ([], ["--strength", "0.5", "--size", "96"], "strength 1, not 0.5; size "),
    ([], ["--keep-tint"], "without --keep-tint"),
    ([], ["--vividness", "0.9", "--strength", "2"], "vividness 0.5, not 0.9; strength 1, not 2"),
]  # fmt: skip


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize(("first", "then", "said"), WAYS)
def test_results_of_other_settings_say_what_differs(
    gray_photo: Path, recorded: bool, first: list[str], then: list[str], said: str
) -> None:
    where = ["--output", gray_photo.parent / "out"] if recorded else []
    colorize(gray_photo, *where, *first)
    told = colorize(gray_photo, *where, *then)
    assert f"was left as it is: made with other settings: {said}" in told
    assert told.endswith("; --overwrite makes it again\n")
    assert "already there; " in colorize(gray_photo, *where, *first)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_every_format_tells(gray_photo: Path, suffix: str) -> None:
    result = gray_photo.with_name(f"result.{suffix}")
    colorize(gray_photo, "-o", result, "--palette", "#1f6f78:2,#e08a3c:1")
    told = colorize(gray_photo, "-o", result)
    assert "made with other settings" in told
    assert "palette #1f6f78:2,#e08a3c:1, not none; influence 0.7, not none" in told
    assert "vividness" not in told


def test_files_of_others_are_said_to_be_no_results(gray_photo: Path) -> None:
    Image.fromarray(scene(20, 20)).save(gray_photo.with_name("grandma.color.jpg"))
    told = colorize(gray_photo, "--vividness", "1")
    assert "was left as it is: already there, and does not say it is ours" in told
    assert "other settings" not in told
    assert stated_in(gray_photo) is None
    assert stated_in(gray_photo.parent) is None


def test_what_is_stated_is_read_again(tmp_path: Path) -> None:
    made = Provenance("", 'a "b" & <c>', "1", "reference=x=y 1.jpg influence=0.7")
    (tmp_path / "x").write_bytes(b"\xff\x00" + stamped_xmp(None, made) + b"rest")
    assert stated_in(tmp_path / "x") == made


def test_vividness_is_told_and_decides_nothing_by_itself() -> None:
    usual, same = (settings_of(Colorizer(threads=1, **s), {}) for s in ({}, {"vividness": 0.5}))
    assert usual == same
    assert usual["vividness"] == 0.5
    by_hand = Colorizer(threads=1, rebalance=usual["rebalance"], temperature=usual["temperature"])
    assert key_of(settings_of(by_hand, {})) == key_of(usual)
    # Records of before say nothing of it.
    before = {name: value for name, value in usual.items() if name != "vividness"}
    assert difference({**before, "strength": 2.0}, usual) == "strength 2, not 1"


HINT = {"x": 20, "y": 20, "color": "red"}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("as_folder", [False, True])
def test_kept_hints_are_said(
    hinting: Path,  # noqa: F811
    gray_photo: Path,
    count: int,
    as_folder: bool,
) -> None:
    hints = [{**HINT, "x": 10 + 30 * number} for number in range(count)]
    sidecar = gray_photo.with_name("grandma.jpg.hints.json")
    sidecar.write_text(json.dumps({"version": 1, "hints": hints}))
    what = gray_photo.parent if as_folder else gray_photo
    words = (what, "-m", hinting, "--overwrite")
    it, said = ("it", "1 kept hint") if count == 1 else ("them", f"{count} kept hints")
    applied = f"{said} applied (--no-sidecar leaves {it} out); --forget-hints drops {it}"
    expected = f"note: {gray_photo}: {applied}\n"
    assert expected in colorize(*words, "--strength", "0.9")
    for leaves in (["--no-sidecar"], ["--forget-hints"]):
        assert "kept hint" not in colorize(*words, *leaves)
    assert "kept hint" not in colorize(*words, "--strength", "0.8")


def test_hints_given_now_are_not_called_kept(
    hinting: Path,  # noqa: F811
    gray_photo: Path,
) -> None:
    words = (gray_photo, "-m", hinting, "--overwrite")
    assert "kept hint" not in colorize(*words, "--hint", "5,5=red")
    assert "1 kept hint applied" in colorize(*words, "--hint", "60,50=blue")
    assert "2 kept hints applied" in colorize(*words)
    rgb = np.asarray(Image.open(gray_photo.with_name("grandma.color.jpg")))
    assert np.ptp(rgb[5, 5].astype(int)) > 10
