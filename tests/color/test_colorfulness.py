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
