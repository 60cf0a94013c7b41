"""Frames of synthetic pans: one size, steady, inside the picture's box."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photochrom.data.draws import Draws
from photochrom.data.exposure import training_lightness
from photochrom.data.film_config import Film
from photochrom.data.transforms import Augmentation, crop_box, panned_crops, track, training_crop


@given(st.integers(2, 9), st.floats(0.01, 0.5), st.integers(0, 1000))
def test_tracks_are_steady_and_stay_inside(frames: int, pan: float, seed: int) -> None:
    box = (3.0, 5.0, 103.0, 65.0)
    boxes = np.array(track(box, frames, pan, np.random.default_rng(seed)))
    assert len(boxes) == frames
    assert (boxes[:, :2] >= np.array(box[:2])).all()
    assert (boxes[:, 2:] <= np.array(box[2:])).all()
    sides = boxes[:, 2:] - boxes[:, :2]
    assert np.allclose(sides, sides[0], atol=1e-6)
    moves = np.diff(boxes[:, :2], axis=0)
    assert np.allclose(moves, moves[0], atol=1e-6)
    assert (np.abs(moves[0]) <= pan * sides[0] + 1e-6).all()
    # The pan uses all of its box: it is no smaller than it must be.
    assert np.allclose(boxes.max(0)[2:] - boxes.min(0)[:2], [100, 60], atol=1e-6)


@given(
    st.tuples(st.integers(1, 5000), st.integers(1, 5000)),
    st.integers(1, 33),
    st.floats(0, 0.5),
    st.floats(0.01, 1),
    st.floats(1, 4),
    st.integers(0, 1000),
)
def test_no_frame_is_a_hair_outside_the_picture(
    sides: tuple[int, int], frames: int, pan: float, smallest: float, stretch: float, seed: int
) -> None:
    width, height = sides
    generator = np.random.default_rng(seed)
    box = crop_box(width, height, Augmentation(smallest, stretch), generator)
    for left, top, right, bottom in [box, *track(box, frames, pan, generator)]:
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "cropped"])
def test_pillow_takes_every_frame(whole: bool) -> None:
    image = Image.fromarray(np.zeros((37, 53, 3), np.uint8))
    chosen = Augmentation(smallest=1.0 if whole else 0.35)
    for seed in range(400):
        generator = np.random.default_rng(seed)
        found = panned_crops(image, 16, chosen, generator, frames=2 + seed % 5, pan=0.05)
        assert found.shape == (2 + seed % 5, 3, 16, 16)


def test_no_pan_is_one_box() -> None:
    box = (0.0, 0.0, 8.0, 8.0)
    generator = np.random.default_rng(0)
    assert track(box, 3, 0.0, generator) == [box] * 3
    assert track(box, 1, 0.3, generator) == [box]


def test_neighbors_show_the_same_scene_moved() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (30, 30, 3), dtype=np.uint8)
    image = Image.fromarray(noise).resize((300, 300), Image.Resampling.BICUBIC)
    chosen = Augmentation(smallest=1.0, stretch=1.0, flip=False)

    def crops(pan: float) -> np.ndarray:
        found = panned_crops(image, 96, chosen, np.random.default_rng(1), frames=3, pan=pan)
        return found.astype(float)

    moved, still = crops(0.2), crops(0.0)
    assert moved.shape == (3, 3, 96, 96)
    assert np.array_equal(still[0], still[2])
    before = np.abs(moved[0] - moved[1]).mean()
    # Some shift of the first frame is the second, where they overlap.
    least = min(
        np.abs(
            moved[1][:, 24:-24, 24:-24] - np.roll(moved[0], (dy, dx), (1, 2))[:, 24:-24, 24:-24]
        ).mean()
        for dy in range(-20, 21)
        for dx in range(-20, 21)
    )
    assert least < 0.35 * before


def test_one_frame_is_the_plain_crop() -> None:
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (50, 60, 3), dtype=np.uint8))
    plain = training_crop(image, 32, Augmentation(), np.random.default_rng(4))
    same = panned_crops(image, 32, Augmentation(), np.random.default_rng(4), frames=1, pan=0.3)
    assert np.array_equal(same[0], plain)


def test_frames_are_on_one_film_with_noise_of_their_own() -> None:
    rgb = torch.rand(4, 1, 3, 32, 32).expand(-1, 3, -1, -1, -1)
    lightness = torch.full((4, 3, 32, 32), 50.0)

    def seen(film: Film, noise: float) -> torch.Tensor:
        draws = Draws([1, 2, 3, 4])
        return training_lightness(rgb, lightness, draws, film=film, noise=noise, tone=0.3)

    filmed = seen(Film(probability=1.0), 0.0)
    assert torch.equal(filmed[:, 0], filmed[:, 2])
    assert not torch.equal(filmed[:, 0], lightness[:, 0])
    noisy = seen(Film(), 5.0)
    assert not torch.equal(noisy[:, 0], noisy[:, 1])


def test_twins_meet_the_same_numbers_and_the_last_goes_on() -> None:
    draws = Draws([5, 6])
    draws.uniform(3)
    first, last = draws.twins(2)
    assert last is draws
    assert torch.equal(first.normal(4), last.normal(4))
    assert torch.equal(first.uniform(4), draws.uniform(4))
