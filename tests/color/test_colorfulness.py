from __future__ import annotations

import numpy as np
import pytest

from photochrom.color.colorfulness import colorfulness


def test_gray_is_0() -> None:
    gray = np.repeat(np.arange(64, dtype=np.uint8).reshape(1, 8, 8), 3, 0)
    assert colorfulness(gray) == 0
    assert colorfulness(gray, absolute=True) == 0


def test_two_colors_by_hand() -> None:
    # Half pure red (rg 255, yb 127.5), half pure green (rg -255, yb 127.5).
    picture = np.zeros((3, 2, 2), np.uint8)
    picture[0, 0], picture[1, 1] = 255, 255
    assert colorfulness(picture) == pytest.approx(255 + 0.3 * 127.5)
    assert colorfulness(picture, absolute=True) == pytest.approx(0.3 * np.hypot(255, 127.5))


def test_more_chroma_is_more() -> None:
    generator = np.random.default_rng(0)
    picture = generator.uniform(0, 255, (3, 32, 32))
    dull = picture.mean(0) + 0.5 * (picture - picture.mean(0))
    assert colorfulness(picture) > 1.9 * colorfulness(dull)


@pytest.mark.parametrize("absolute", [False, True])
def test_many_pictures_and_torch_agree(absolute: bool) -> None:
    torch = pytest.importorskip("torch")
    pictures = np.random.default_rng(0).uniform(0, 255, (2, 3, 8, 9))
    single = [colorfulness(picture, absolute=absolute) for picture in pictures]
    assert isinstance(single[0], float)
    np.testing.assert_allclose(colorfulness(pictures, absolute=absolute), single)
    tensor = colorfulness(torch.from_numpy(pictures), absolute=absolute)
    np.testing.assert_allclose(tensor.numpy(), single)


def test_bytes_are_not_wrapped_around() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (3, 8, 9)).astype(np.uint8)
    assert colorfulness(picture) == pytest.approx(colorfulness(picture.astype(np.float64)))
