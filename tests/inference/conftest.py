"""A small model over bins that takes hints, and whose colors follow from a formula."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photochrom import load_model
from photochrom.weights.models import DEFAULT

CENTERS = np.array([[0, 0], [60, 40], [-40, 20], [10, -50]], np.float32)
LEAN = np.array([0.0, 2.0, 1.5, 1.0], np.float32)
PULL = 0.02


@pytest.fixture(scope="session")
def hinting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logits are ``LEAN``, by lightness more or less, plus ``PULL`` times each bin's color dot the
    color hinted within 15 pixels.
    """
    pytest.importorskip("torch")
    from tests.weights.small_models import write_small

    slopes = np.zeros((4, 4))
    slopes[:, 0] = [0, 0.01, 0, -0.01]
    slopes[:, 1:3] = PULL * CENTERS
    values = slopes.tolist(), LEAN.tolist()
    prior = np.array([0.7, 0.1, 0.1, 0.1], np.float32)
    path = tmp_path_factory.mktemp("hinting") / "hinting.onnx"
    kind = {"stride": 4, "hints": True, "centers": CENTERS, "prior": prior, "reach": 31}
    return write_small(path, *values, **kind)


@pytest.fixture(scope="session")
def embedded_hinting() -> str:
    """The embedded model, which takes hints."""
    assert "hints" in load_model(DEFAULT).card.inputs
    return DEFAULT
