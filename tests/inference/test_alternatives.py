from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom import Colorizer
from photochrom.color.distribution import Distribution
from photochrom.errors import WrongInput
from photochrom.inference.alternatives import OTHER, SEEN, find_alternatives
from photochrom.inference.hints import Hint
from photochrom.inference.regions import find_regions, wavering
from photochrom.photo.decode import read
from photochrom.photo.photo import Photo

CENTERS = np.array([[0, 0], [60, 40], [-40, 20], [10, -50]], np.float32)


@pytest.fixture(scope="module")
def halves() -> Photo:
    """Bright on the left, dark on the right: the network leans to different colors."""
    luma = np.full((96, 128), 60, np.uint8)
    luma[:, :64] = 190
    return read(luma)


def mean_distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.hypot(*(one - other)).mean())


def test_regions_are_what_is_thought_alike_of() -> None:
    logits = np.zeros((1, 4, 8, 12), np.float32)
    logits[0, 1, :, :6] = 9
    logits[0, 2, :, 6:] = 1
    found = Distribution(logits, CENTERS, np.full(4, 0.25, np.float32))
    first, second = find_regions(found)
    assert np.array_equal(first.places, logits[0, 2] > 0)
    assert np.array_equal(second.places, logits[0, 1] > 0)
    assert first.doubt > second.doubt
    points = first.points()
    assert len(points) == len(set(points)) == 12
    assert all(first.places[point] for point in points)
    assert 1 < points[0][0] < 6


def test_colors_that_a_distribution_wavers_between() -> None:
    shares = np.array([0.05, 0.5, 0.3, 0.15])
    colors = wavering(shares, CENTERS, 3)
    assert [weight for _, weight in colors] == pytest.approx([0.5, 0.3, 0.15])
    assert np.allclose([ab for ab, _ in colors], CENTERS[1:])
    near = np.array([[0, 0], [8, 0], [60, 0]], np.float32)
    (ab, weight), _ = wavering(np.array([0.4, 0.4, 0.2]), near, 4)
    assert weight == pytest.approx(0.8)
    assert ab == pytest.approx([4, 0])


def test_they_differ_from_the_usual_and_from_each_other(hinting: Path, halves: Photo) -> None:
    colorizer = Colorizer(hinting, size=64)
    usual = colorizer.predict(halves).ab
    found = find_alternatives(colorizer, halves, 3)
    assert len(found) == 3
    shown = [usual, *(one.ab for one in found)]
    for index, one in enumerate(shown):
        for other in shown[:index]:
            assert (np.hypot(*(one - other)) > OTHER).mean() >= SEEN


def test_one_is_nothing_but_its_hints(hinting: Path, halves: Photo) -> None:
    colorizer = Colorizer(hinting, size=64)
    found = find_alternatives(colorizer, halves, 2)
    assert len(found) == 2
    for one in found:
        assert 0 < one.probability < 1
        assert np.array_equal(colorizer.predict(halves, hints=one.hints).ab, one.ab)


def test_they_are_always_the_same_and_fewer_are_the_first_of_more(
    hinting: Path, halves: Photo
) -> None:
    colorizer = Colorizer(hinting, size=64)
    more, fewer = (find_alternatives(colorizer, halves, count) for count in (3, 1))
    assert more[0].hints == fewer[0].hints


def test_the_hints_of_the_user_stay(hinting: Path, halves: Photo) -> None:
    colorizer, said = Colorizer(hinting, size=64), Hint("25%", "50%", "#c03028")
    found = find_alternatives(colorizer, halves, 2, [said])
    assert found
    for one in found:
        assert one.hints[0] == said
        plane = colorizer._view(halves, one.hints)[2]
        assert plane is not None
        assert plane[0, 2, 32, 21] == 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (5, 3)])
def test_photographs_of_few_pixels(hinting: Path, shape: tuple[int, int]) -> None:
    photo = read(np.full(shape, 120, np.uint8))
    for one in find_alternatives(Colorizer(hinting, size=64), photo, 2):
        assert one.ab.shape[0] == 2


def test_nonsense_is_refused(hinting: Path, halves: Photo, small_models: dict[str, Path]) -> None:
    with pytest.raises(WrongInput, match="between 1 and 9"):
        find_alternatives(Colorizer(hinting), halves, 10)
    with pytest.raises(WrongInput, match="bins takes none"):
        find_alternatives(Colorizer(small_models["bins"]), halves, 1)
    with pytest.raises(WrongInput, match="leave out the reference"):
        find_alternatives(Colorizer(hinting, palette="red"), halves, 1)


def test_the_embedded_model_recolors_whole_things(embedded_hinting: str) -> None:
    data = pytest.importorskip("skimage.data")
    colorizer = Colorizer(embedded_hinting, threads=1)
    photo = read(np.asarray(Image.fromarray(data.coffee()).convert("L")))
    usual = colorizer.predict(photo).ab
    found = find_alternatives(colorizer, photo, 3)
    assert len(found) == 3
    for one in found:
        assert mean_distance(one.ab, usual) > 5
        # No noise of single pixels: neighbors stay as near to each other as they were.
        rough = [float(np.abs(np.diff(ab, axis=2)).mean()) for ab in (one.ab, usual)]
        assert rough[0] < 2 * rough[1] + 1
