"""The runner: what it counts, what it leaves out, and that nothing depends on how it is parted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.color.encoding import encode_hard
from photochrom.errors import DataError, ModelError, WrongInput
from photochrom.evaluation.calibration import STEPS, calibration_error, reliability
from photochrom.evaluation.methods import GRAY, TRUTH, Guess, Method
from photochrom.evaluation.ranking import best, leaders
from photochrom.evaluation.runner import GROUPS, Bench, Trial, run_trial
from photochrom.evaluation.shades import count_shades
from photochrom.evaluation.table import as_csv, as_table
from photochrom.evaluation.verdict import Verdict, decide
from photochrom.evaluation.view import View
from tests.conftest import scene

METRICS = ("auc", "rebalanced-auc")


def reddish() -> Callable[[np.ndarray], Guess]:
    """A method that colors everything a little red, and is sure of it."""

    def color(gray: np.ndarray) -> Guess:
        rgb = np.repeat(gray[None], 3, 0).astype(int)
        rgb[0] += 20
        sure = np.full((16, 16), 0.75)
        mode, centers = np.zeros((2, 16, 16)), np.array([[0, 0], [20, 0]])
        return Guess(rgb.clip(0, 255).astype(np.uint8), sure, mode, centers=centers)

    return color


def broken() -> Callable[[np.ndarray], Guess]:
    def color(gray: np.ndarray) -> Guess:
        message = "the model broken answered with colors that are no numbers"
        raise ModelError(message)

    return color


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("judged")
    for number in range(7):
        place = out / ("forest" if number % 2 else "street")
        place.mkdir(exist_ok=True)
        Image.fromarray(scene(60 + number, 80, seed=number)).save(place / f"{number}.png")
    return out


def judge(folder: Path, *methods: Method, jobs: int = 1, **changes: object) -> Verdict:
    trial = Trial((str(folder),), methods, METRICS, View(64), **changes)  # type: ignore[arg-type]
    return decide(trial, run_trial(trial, jobs=jobs), {})


def test_gray_and_truth_are_always_there(folder: Path) -> None:
    verdict = judge(folder, Method("red", reddish, {"parameters": 3}))
    assert [row.method for row in verdict.rows] == [GRAY, "red", TRUTH]
    assert verdict.pictures == 7
    assert verdict.row(TRUTH).figures["auc"].value == 100
    values = [verdict.row(m).figures["auc"].value or 0 for m in (GRAY, "red")]
    assert all(50 < value < 100 for value in values)
    assert set(leaders(verdict, "auc")) <= {GRAY, "red"}
    assert {r.name.split("/")[-1] for r in verdict.records} == {f"{i}.png" for i in range(7)}
    assert all(r.errors[TRUTH] == 0 < r.errors[GRAY] for r in verdict.records)
    found = verdict.row("red")
    assert set(found.categories) == {"forest", "street"}
    assert found.categories["forest"]["auc"].pictures == 3
    assert "rebalanced-auc" in found.figures
    low, high = found.figures["auc"].low, found.figures["auc"].high
    assert low is not None
    assert high is not None
    assert low < (found.figures["auc"].value or 0) < high


def test_the_same_with_any_number_of_processes(folder: Path) -> None:
    one, two = (judge(folder, Method("red", reddish), jobs=jobs) for jobs in (1, 2))
    for a, b in zip(one.rows, two.rows, strict=True):
        assert a.figures == b.figures
        assert a.shades == b.shades
    assert one.records == two.records
    assert one.to_dict()["rows"][0] == judge(folder).to_dict()["rows"][0]


def test_a_method_that_fails_is_named_and_left_out(folder: Path) -> None:
    verdict = judge(folder, Method("broken", broken), Method("red", reddish))
    assert "no numbers" in verdict.row("broken").failed
    assert verdict.row("red").figures["auc"].value is not None
    text = as_table(verdict)
    assert "failed" in text
    assert "broken failed: the model broken answered" in text
    assert best(verdict, "auc") != "broken"


def test_gray_and_broken_pictures_are_left_out_by_name(folder: Path, tmp_path: Path) -> None:
    Image.fromarray(scene(40, 40)).save(tmp_path / "good.png")
    Image.new("RGB", (40, 40), (90, 90, 90)).save(tmp_path / "gray.png")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    verdict = judge(tmp_path)
    assert verdict.pictures == 1
    assert [Path(n).name for n in verdict.gray] == ["gray.png"]
    assert [Path(n).name for n in verdict.unreadable] == ["bad.png"]
    figure = verdict.row(GRAY).figures["auc"]
    assert (figure.low, figure.pictures) == (None, 1)
    (tmp_path / "good.png").unlink()
    with pytest.raises(DataError, match="1 are gray, 1 cannot be read"):
        judge(tmp_path)


def test_fid_says_what_it_rests_on_and_why_it_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    from photochrom.evaluation import fid

    asked: list[int] = []

    def features(rgb: np.ndarray) -> np.ndarray:
        asked.append(len(rgb))
        return rgb.mean((1, 2))

    monkeypatch.setattr(fid, "inception", lambda path, device: features)
    methods = (Method("red", reddish),)
    found, passes = {}, {}
    for force in (False, True):
        asked.clear()
        trial = Trial((str(folder),), methods, ("fid",), options={"fid": {"force": force}})
        found[force] = decide(trial, run_trial(trial, jobs=1), {})
        passes[force] = len(asked)
    refused, forced = found[False], found[True]
    # Of gray, of the method, and of the truth once.
    assert passes == {False: 0, True: 3 * 7}
    assert refused.row("red").figures["fid"].value is None
    assert "5,000 at least" in refused.missing["fid"]
    assert "FID: FID of 7 pictures" in as_table(refused)
    assert refused.notes == {}
    assert (forced.row("red").figures["fid"].value or 0) > 0
    assert forced.missing == {}
    assert "FID: inception-v3-compat, 7 pictures" in as_table(forced)


def test_what_is_large_is_kept_once_and_adds_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    from photochrom.evaluation import fid

    wide = np.random.default_rng(0).normal(size=(400, 3))
    monkeypatch.setattr(
        fid, "inception", lambda path, device: lambda rgb: wide @ rgb.mean((1, 2)) / 255
    )
    trial = Trial(
        (str(folder),), (Method("red", reddish),), ("fid", "auc"), View(32),
        options={"fid": {"force": True}},
    )  # fmt: skip
    tallies = run_trial(trial, jobs=1)
    holders = [t for t in tallies if ("red", "fid") in t.sums.values]
    assert holders == tallies[:1]
    assert holders[0].sums.counts["red", "fid"] == 7
    assert all(("red", "auc") in t.sums.values for t in tallies)
    features = {name: [] for name in ("red", "truth")}
    pictures, chosen = trial.pictures()
    for index in chosen:
        true, gray = trial.view.of(Image.open(folder / pictures.name(index)).convert("RGB"))
        features["truth"].append(wide @ true.mean((1, 2)) / 255)
        features["red"].append(wide @ reddish()(gray).rgb.mean((1, 2)) / 255)
    moments = [m for f in features.values() for m in (np.mean(f, 0), np.cov(np.array(f).T))]
    expected = fid.frechet_distance(*moments)
    assert decide(trial, tallies, {}).row("red").figures["fid"].value == pytest.approx(expected)


def test_limits_are_spread_and_categories_chosen(folder: Path) -> None:
    assert [r.index for r in judge(folder, limit=3).records] == [0, 2, 5]
    assert judge(folder, categories=("forest",)).pictures == 3


def test_more_pictures_than_groups(tmp_path: Path) -> None:
    for number in range(GROUPS + 5):
        Image.fromarray(scene(32, 32, seed=number)).save(tmp_path / f"{number:03d}.png")
    heard: list[int] = []
    trial = Trial((str(tmp_path),), (), ("auc",), View(32))
    tallies = run_trial(trial, jobs=1, advance=heard.append)
    assert len(tallies) == GROUPS
    assert sum(heard) == GROUPS + 5
    assert len(decide(trial, tallies, {}).records) == GROUPS + 5


@pytest.mark.parametrize(("side", "fit"), [(8, "crop"), (256, "squeeze")])
def test_views_that_cannot_be(side: int, fit: str) -> None:
    with pytest.raises(WrongInput):
        View(side, fit)


def test_views_crop_or_stretch() -> None:
    wide = Image.new("RGB", (128, 64), (200, 0, 0))
    wide.paste((0, 0, 200), (32, 0, 96, 64))
    cropped, gray = View(64).of(wide)
    assert cropped.shape == (3, 64, 64)
    assert gray.shape == (64, 64)
    assert cropped[0].max() == 0
    stretched, _ = View(64, "stretch").of(wide)
    assert stretched[0, :, :14].min() > 190


def test_csv_and_json_hold_the_figures(folder: Path) -> None:
    verdict = judge(folder, Method("red", reddish))
    lines = as_csv(verdict).splitlines()
    assert lines[0].startswith("method,category,metric,value")
    assert all(line.endswith(",,") for line in lines[1:] if line.startswith("gray"))
    # Of two metrics one is kept by category.
    assert len(lines) == 1 + 3 * (2 + 2)
    values = json.loads(json.dumps(verdict.to_dict()))
    assert values["rows"][1]["figures"]["auc"]["value"] == verdict.row("red").figures["auc"].value


def test_gray_on_a_known_set(tmp_path: Path) -> None:
    """What every figure is compared with: ab of (200, 60, 60) and of (60, 60, 200), at 0."""
    for name, color in (("red", (200, 60, 60)), ("blue", (60, 60, 200))):
        Image.new("RGB", (64, 64), color).save(tmp_path / f"{name}.png")
    figures = judge(tmp_path).row(GRAY).figures
    # Their chromas are 63.87 and 85.07 (skimage): right at 64..150 and at 86..150 of 0..150.
    expected = 100 * (87 + 65) / (2 * 151)
    assert figures["auc"].value == pytest.approx(expected, abs=1e-9)
    assert figures["rebalanced-auc"].value == pytest.approx(expected, abs=1e-9)


def test_calibration_by_hand() -> None:
    true = np.zeros((2, 32, 32))
    mode = np.zeros((2, 8, 8))
    mode[0, :2] = 20
    sure = np.full((8, 8), 0.75)
    centers = np.array([[0, 0], [20, 0]])
    counts = reliability(Guess(np.zeros((3, 32, 32)), sure, mode, centers=centers), true)
    assert counts is not None
    assert counts[0, int(0.75 * STEPS)] == 64
    assert counts[1].sum() == 48
    assert calibration_error(counts) == pytest.approx(0)
    sure = sure * 0 + 0.95
    off = reliability(Guess(np.zeros((3, 32, 32)), sure, mode, centers=centers), true)
    assert off is not None
    assert calibration_error(off) == pytest.approx(20)
    assert reliability(Guess(np.zeros((3, 4, 4))), true) is None


@pytest.mark.parametrize("count", [5, 32, 112])
def test_who_always_names_the_nearest_bin_is_always_right(count: int) -> None:
    """However far the bins lie apart: chosen ones are not on a grid of 10."""
    generator = np.random.default_rng(count)
    true, centers = generator.normal(0, 25, (2, 16, 16)), generator.normal(0, 25, (count, 2))
    mode = centers[encode_hard(true[None], centers)[0]].transpose(2, 0, 1)
    guess = Guess(np.zeros((3, 16, 16)), np.ones((16, 16)), mode, centers=centers)
    counts = reliability(guess, true)
    assert counts is not None
    assert calibration_error(counts) == 0
    other = Guess(guess.rgb, guess.confidence, np.roll(mode, 3, 2), centers=centers)
    assert calibration_error(reliability(other, true)) > 30


def test_calibration_where_the_guess_is_no_whole_fraction_of_the_picture() -> None:
    true = np.zeros((2, 256, 256))
    true[0, :, 128:] = 40
    mode = np.zeros((2, 48, 48))
    mode[0, :, 24:] = 40
    guess = Guess(np.zeros((3, 256, 256)), np.ones((48, 48)), mode, centers=np.eye(2) * 40)
    counts = reliability(guess, true)
    assert counts is not None
    assert counts[1].sum() == 48 * 48


def test_shades_count_every_pixel_and_the_hue_of_colored_ones() -> None:
    lab = np.zeros((3, 10, 10))
    lab[1, :3] = 30
    lab[2, 3:4] = -30
    counts = count_shades(lab, np.hypot(lab[1], lab[2]))
    assert counts[:50].sum() == 100
    assert counts[0] == 60
    assert counts[15] == 40
    assert counts[50] == 30
    assert counts[50 + 27] == 10


def test_who_is_stopped_judges_no_further_picture(folder: Path) -> None:
    asked = iter([False, False, True])
    trial = Trial((str(folder),), (), METRICS, View(64))
    bench = Bench(trial, lambda: next(asked))
    bench.chosen = [0] * (3 * GROUPS)
    assert len(bench.judge(0).records) == 2
