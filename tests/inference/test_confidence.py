from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom import Colorizer
from photochrom.color.distribution import Distribution
from photochrom.errors import ModelError, WrongInput
from photochrom.inference.confidence import confidence, confidence_of, write_confidence
from photochrom.inference.hints import Hint
from photochrom.photo.decode import read
from tests.conftest import scene

CENTERS = np.array([[0, 0], [15, 0], [60, 0]], np.float32)


def test_it_is_the_probability_near_the_color_shown() -> None:
    shares = np.array([0.5, 0.3, 0.2])
    logits = np.log(shares).reshape(1, 3, 1, 1).repeat(4, 3).astype(np.float32)
    found = Distribution(logits, CENTERS, np.full(3, 1 / 3, np.float32))
    ab = np.array([[0, 0], [30, 0], [60, 0], [0, 50]], np.float32).T.reshape(1, 2, 1, 4)
    assert confidence(found, ab)[0, 0, 0] == pytest.approx([0.8, 0.3, 0.2, 0.0], abs=1e-6)


def test_where_the_user_said_it_is_sure(hinting: Path) -> None:
    colorizer, photo = Colorizer(hinting, rebalance=0, temperature=1), read(scene(96, 96))
    before = confidence_of(colorizer, photo)
    hint = Hint("50%", "50%", "#c03028", "20%")
    after = confidence_of(colorizer, photo, [hint])
    assert before.shape == after.shape == (16, 16)
    assert after[8, 8] > 0.99 > before[8, 8] + 0.2
    assert after[0, 0] == before[0, 0]


def test_the_map_has_the_size_of_the_photograph(tmp_path: Path) -> None:
    path = tmp_path / "map.png"
    write_confidence(np.array([[0.0, 1.0], [0.0, 1.0]], np.float32), (50, 81), path)
    with Image.open(path) as image:
        assert (image.mode, image.size) == ("L", (81, 50))
        levels = np.asarray(image)
    assert levels[:, 0].max() == 0
    assert levels[:, -1].min() == 255
    assert (np.diff(levels[25].astype(int)) >= 0).all()
    with pytest.raises(WrongInput, match=r"map\.jpg"):
        write_confidence(np.zeros((2, 2)), (4, 4), tmp_path / "map.jpg")


def test_a_model_without_distribution_is_refused(small_models: dict[str, Path]) -> None:
    with pytest.raises(ModelError, match="fine does not say how probable"):
        confidence_of(Colorizer(small_models["fine"]), read(scene(40, 40)))
