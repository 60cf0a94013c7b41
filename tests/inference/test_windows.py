"""Panoramas and strips of frames are seen piece by piece, at full breadth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage import data

from photochrom import Colorizer, Hint
from photochrom.color.spaces import rgb_to_lab
from photochrom.inference.planes import planes_size
from photochrom.inference.view import view_size
from photochrom.inference.windows import joined, windows
from photochrom.photo.decode import read


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer(threads=1)


@settings(deadline=None, max_examples=50)
@given(
    st.integers(1, 240).map(lambda n: 32 * n), st.integers(1, 3).map(lambda n: 32 * n),
    st.sampled_from([2, 32]), st.booleans(),
)  # fmt: skip
def test_windows_cover_a_view_and_share_its_middle(
    longer: int, shorter: int, multiple: int, is_tall: bool
) -> None:
    view = (longer, shorter) if is_tall else (shorter, longer)
    places = windows(view, 192, multiple)
    seen = np.zeros(view, int)
    for place in places:
        seen[place] += 1
        for side in place:
            assert side.start % multiple == side.stop % multiple == 0
    assert seen.min() >= 1
    assert seen.max() <= 4
    assert len({seen[place].shape for place in places}) == 1
    parts = [np.full((1, 2, *(n // 2 for n in seen[place].shape)), 7.0) for place in places]
    whole = joined(parts, places, view)
    assert whole.shape == (1, 2, view[0] // 2, view[1] // 2)
    assert np.allclose(whole, 7)


@pytest.mark.parametrize("view", [(192, 192), (192, 288), (576, 192), (192, 576)])
def test_usual_pictures_are_seen_whole(view: tuple[int, int]) -> None:
    assert windows(view, 192, 32) == [(slice(0, view[0]), slice(0, view[1]))]


@pytest.mark.parametrize("aspect", [3.5, 6, 12, 36])
def test_the_view_of_a_long_picture_keeps_its_breadth(aspect: float) -> None:
    for height, width in ((300, round(300 * aspect)), (round(2000 * aspect), 2000)):
        assert min(view_size(height, width, 192)) >= 190
        assert min(planes_size(height, width)) >= 190


def test_no_picture_is_so_long_that_its_view_grows_without_end() -> None:
    assert max(view_size(1, 1_000_000, 192)) <= 40 * 192
    assert max(planes_size(20, 1_000_000)) <= 40 * 192


def frames() -> list[np.ndarray]:
    """Unlike pictures, each 120 x 180."""
    pictures = (data.astronaut(), data.coffee(), data.chelsea(), data.rocket(), data.camera())
    small = [Image.fromarray(p).convert("L").resize((180, 120)) for p in pictures]
    return [np.asarray(image) for image in small]


def ab_of(rgb: np.ndarray) -> np.ndarray:
    return rgb_to_lab(rgb.transpose(2, 0, 1).astype(np.float32) / 255)[1:]


@pytest.mark.parametrize(
    ("order", "is_tall", "limit"),
    [((0, 1, 2), False, 0.15), ((4, 3, 2, 1, 0, 1, 2, 3), False, 0.15),
     # Here frames lie across: each is seen at two thirds of the size that it is alone.
     ((4, 3, 2, 1, 0, 1, 2, 3), True, 0.45)],
)  # fmt: skip
def test_a_strip_of_frames_is_as_good_as_its_frames(
    colorizer: Colorizer, order: tuple[int, ...], is_tall: bool, limit: float
) -> None:
    pictures = [frames()[number] for number in order]
    border = np.full((10, 180) if is_tall else (120, 10), 10, np.uint8)
    parts = [part for picture in pictures for part in (picture, border)][:-1]
    found = ab_of(colorizer(np.concatenate(parts, 1 - is_tall)))
    apart, chroma = [], []
    for number, picture in enumerate(pictures):
        top, left = (130 * number, 0) if is_tall else (0, 190 * number)
        alone = ab_of(colorizer(picture))
        apart.append(np.hypot(*(found[:, top : top + 120, left : left + 180] - alone)).mean())
        chroma.append(np.hypot(*alone).mean())
    assert np.mean(apart) < limit * np.mean(chroma)


def test_what_is_told_and_asked_of_a_long_picture(hinting: Path) -> None:
    gray = np.full((48, 480), 120, np.uint8)
    colorizer = Colorizer(hinting, threads=1, size=48)
    photo = read(gray)
    hint = Hint(400, 24, "#c03028")
    plain, told = (colorizer.predict(photo, hints=hints) for hints in ((), (hint,)))
    assert plain.ab.shape == told.ab.shape == (2, 12, 120)
    assert plain.confidence is not None
    assert plain.confidence.shape == (1, 12, 120)
    changed = np.hypot(*(told.ab - plain.ab)).max(0)
    assert changed[98:102].min() > 1
    assert changed[:80].max() < 1e-3
    assert colorizer.distribution(photo, hints=(hint,)).logits.shape == (1, 4, 12, 120)
    steered = Colorizer(hinting, threads=1, size=48, palette="red,blue")
    assert steered.predict(photo).ab.shape == (2, 12, 120)
