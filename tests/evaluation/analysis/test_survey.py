from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.data.sources import open_pictures
from photochrom.errors import DataError
from photochrom.evaluation.analysis import survey as module
from photochrom.evaluation.analysis.survey import Survey, drawn_pictures, survey
from tests.conftest import scene
from tests.evaluation.analysis.flat import BLUE, RED, lab_of, save_flat


def look(folder: Path, **options: object) -> Survey:
    return survey(open_pictures([folder]), **{"predictors": {}, **options})  # type: ignore[arg-type]


def test_a_flat_picture_fills_one_cell(tmp_path: Path) -> None:
    save_flat(tmp_path / "a", "red.png", RED)
    counts = look(tmp_path / "a").truth
    L, a, b = lab_of(RED)
    cell = int(np.floor(a)) + 110, int(np.floor(b)) + 110
    assert counts.ab[cell] == counts.pixels == 32 * 32
    assert counts.lightness_sums[cell] == pytest.approx(32 * 32 * L, rel=1e-5)
    assert counts.lightness[int(L)] == 32 * 32
    assert counts.mean_chroma() == pytest.approx(np.hypot(a, b), abs=1)
    assert counts.chroma_shares().argmax() == int(np.hypot(a, b)) // 2
    assert counts.hue_shares()[int(np.degrees(np.arctan2(b, a))) // 10] == 1
    # One color has no spread: 0.3 times the distance of its means from gray.
    colorfulness = 0.3 * np.hypot(160, 80)
    assert counts.mean_colorfulness() == pytest.approx(colorfulness)
    assert counts.median_colorfulness() == int(colorfulness) + 0.5


def test_grayish_pixels_have_no_hue(tmp_path: Path) -> None:
    save_flat(tmp_path / "a", "pale.png", (145, 125, 118))
    counts = look(tmp_path / "a").truth
    assert counts.pixels
    assert counts.hue_shares().sum() == 0


def test_gray_dull_and_broken_pictures_are_listed(tmp_path: Path) -> None:
    save_flat(tmp_path / "a", "red.png", RED)
    save_flat(tmp_path / "a", "gray.png", (90, 90, 90))
    save_flat(tmp_path / "a", "pale.png", (145, 125, 118))
    (tmp_path / "a" / "broken.jpg").write_bytes(b"no picture")
    found = look(tmp_path / "a")
    assert found.looked_at == 4
    assert found.truth.pictures == 2
    assert found.gray.names == [("gray.png", "")]
    assert found.low_color.names == [("pale.png", "7.9")]
    assert found.unreadable.names == [("broken.jpg", "it is no picture, or damaged")]


def test_no_more_names_than_there_is_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LISTED", 2)
    save_flat(tmp_path / "a", "red.png", RED)
    for index in range(5):
        save_flat(tmp_path / "a", f"gray{index}.png", (90, 90, 90))
    gray = look(tmp_path / "a").gray
    assert gray.count == 5
    assert [name for name, _ in gray.names] == ["gray0.png", "gray1.png"]


def test_large_pictures_are_counted_small_and_small_ones_as_they_are(tmp_path: Path) -> None:
    Image.new("RGB", (600, 300), RED).save(tmp_path / "large.png")
    Image.new("RGB", (4000, 10), RED).save(tmp_path / "long.png")
    Image.new("RGB", (20, 10), RED).save(tmp_path / "small.png")
    # A JPEG is decoded at a half, a quarter or an eighth, but no smaller than it is counted.
    Image.new("RGB", (512, 512), RED).save(tmp_path / "square.jpg")
    # 128 by 256; 4,000 pixels long becomes 4 times 128; 20 by 10 stays.
    assert look(tmp_path).truth.pixels == 128 * 256 + 512 * 1 + 200 + 128 * 128


def test_reducing_makes_no_new_colors(tmp_path: Path) -> None:
    """Between two colors there are mixtures, and nothing beyond either."""
    stripes = np.zeros((300, 300, 3), np.uint8)
    stripes[:, :145], stripes[:, 145:] = RED, (180, 60, 60)
    Image.fromarray(stripes).save(tmp_path / "stripes.png")
    strongest = np.flatnonzero(look(tmp_path).truth.chroma_shares()).max()
    assert strongest == int(np.hypot(*lab_of(RED)[1:])) // 2


def test_models_get_the_picture_at_their_size_and_are_counted_like_the_truth(
    tmp_path: Path,
) -> None:
    Image.fromarray(scene(400, 500)).save(tmp_path / "a.png")
    save_flat(tmp_path, "gray.png", (90, 90, 90))
    seen = []

    def same(rgb: np.ndarray) -> np.ndarray:
        seen.append(rgb.shape)
        return rgb

    def none(rgb: np.ndarray) -> np.ndarray:
        return np.full_like(rgb, 128)

    found = look(tmp_path, predictors={"same": same, "none": none}, side=256)
    assert seen == [(256, 320, 3)], "gray pictures are not colored"
    assert (found.predicted["same"].ab == found.truth.ab).all()
    assert found.predicted["none"].mean_colorfulness() == 0
    assert found.predicted["none"].pixels == found.truth.pixels == 128 * 160


def test_threads_do_not_change_the_result(pictures: Path, tmp_path: Path) -> None:
    threads = set()

    def half(rgb: np.ndarray) -> np.ndarray:
        threads.add(threading.get_ident())
        return rgb // 2

    one, three = (look(pictures, predictors={"half": half}, jobs=jobs) for jobs in (1, 3))
    assert len(threads) > 1
    for counts, others in (
        (one.truth, three.truth),
        (one.predicted["half"], three.predicted["half"]),
    ):
        assert (counts.lightness_sums == others.lightness_sums).all()
        assert counts.colorfulness_sum == others.colorfulness_sum
    assert (one.histograms == three.histograms).all()
    assert (one.positions == three.positions).all()


def test_an_interruption_ends_the_threads(pictures: Path) -> None:
    def stop(done: int) -> None:
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        look(pictures, jobs=3, advance=stop)
    assert threading.active_count() == before


def test_the_sample_is_drawn_by_the_seed_and_bounded(pictures: Path) -> None:
    found = [look(pictures, sample=5, seed=seed) for seed in (1, 1, 2)]
    assert all(len(f.positions) == len(f.histograms) == 5 for f in found)
    assert (found[0].positions == found[1].positions).all()
    assert (found[0].positions != found[2].positions).any()
    assert found[0].truth.pictures == 12
    np.testing.assert_allclose(found[0].histograms.sum(1), 1, rtol=1e-5)


def test_sampled_rows_belong_to_their_pictures(tmp_path: Path) -> None:
    """Gray pictures leave no empty rows behind."""
    for index, color in enumerate(((90, 90, 90), RED, (90, 90, 90), BLUE)):
        save_flat(tmp_path, f"{index}.png", color)
    found = look(tmp_path)
    assert found.positions.tolist() == [1, 3]
    for row, color in zip(found.lightness, (RED, BLUE), strict=True):
        assert row.sum() == pytest.approx(lab_of(color)[0], rel=1e-4)


def test_drawing_some_pictures(pictures: Path) -> None:
    everything = open_pictures([pictures])
    assert drawn_pictures(everything, None, 0) is everything
    assert drawn_pictures(everything, 12, 0) is everything
    some, again, others = (drawn_pictures(everything, 4, seed) for seed in (0, 0, 1))
    names = [[part.name(i) for i in range(len(part))] for part in (some, again, others)]
    assert len(set(names[0])) == 4
    assert names[0] == names[1] == sorted(names[0])
    assert names[0] != names[2]


@pytest.mark.parametrize(
    ("kinds", "said"), [("gg", "2 gray"), ("gb", "1 gray, 1 unreadable"), ("bb", "2 unreadable")]
)
def test_nothing_to_count_is_an_error(tmp_path: Path, kinds: str, said: str) -> None:
    for index, kind in enumerate(kinds):
        if kind == "g":
            save_flat(tmp_path, f"{index}.png", (90, 90, 90))
        else:
            (tmp_path / f"{index}.png").write_bytes(b"")
    with pytest.raises(DataError, match=said):
        look(tmp_path)
