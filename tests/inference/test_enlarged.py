"""Planes enlarged row by row."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from photochrom.inference.enlarged import Enlarged, places, strictest


def plane(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 20, (height, width)).astype(np.float32)


def rows(enlarged: Enlarged, first: int, count: int, height: int) -> np.ndarray:
    return enlarged.between(*places(first, count, len(enlarged.stored), height))


def test_of_the_same_size_it_is_the_plane() -> None:
    values = plane(40, 30)
    found = rows(Enlarged(values, 40, 30, limit=1e3), 0, 40, 40)
    assert found == pytest.approx(values, abs=1e-4)


@pytest.mark.parametrize(("height", "width"), [(200, 160), (41, 31), (40, 90), (90, 30), (7, 5)])
def test_rows_are_the_same_whoever_asks(height: int, width: int) -> None:
    enlarged = Enlarged(plane(40, 30), height, width, limit=1e3)
    whole = rows(enlarged, 0, height, height)
    assert whole.shape == (height, width)
    parts = [rows(enlarged, top, min(9, height - top), height) for top in range(0, height, 9)]
    assert np.array_equal(np.concatenate(parts), whole)


def test_smooth_planes_are_as_pillow_enlarges_them() -> None:
    smooth = np.asarray(Image.fromarray(plane(6, 8)).resize((160, 120), Image.Resampling.BICUBIC))
    expected = np.asarray(Image.fromarray(smooth).resize((700, 500), Image.Resampling.BICUBIC))
    found = rows(Enlarged(smooth, 500, 700, limit=1e3), 0, 500, 500)
    assert found == pytest.approx(expected, abs=0.3)


def test_nothing_is_beyond_the_limit() -> None:
    sides = np.where(np.indices((20, 20))[1] % 8 < 4, 10, -10).astype(np.float32)
    loose, strict = (rows(Enlarged(sides, 90, 90, limit=limit), 0, 90, 90) for limit in (99, 10))
    assert np.abs(loose).max() > 10.1
    assert np.abs(strict).max() == 10


def test_places_are_centers_of_pixels() -> None:
    above, share = places(0, 4, 2, 4)
    assert list(above) == [0, 0, 0, 1]
    assert share.ravel() == pytest.approx([0, 0.25, 0.75, 0])
    assert list(places(2, 2, 2, 4)[0]) == [0, 1]


def test_bounds_hold_between_rows() -> None:
    levels = plane(12, 9)
    most = strictest(levels.copy(), np.maximum)
    between = rows(Enlarged(levels, 100, 9, limit=1e3), 0, 100, 100)
    assert (between <= most[places(0, 100, 12, 100)[0]] + 1e-3).all()
    assert (most >= levels).all()
