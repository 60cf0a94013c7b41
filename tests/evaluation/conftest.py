"""Pairs to judge."""

from __future__ import annotations

import numpy as np
import pytest

from photochrom.evaluation.pair import Pair
from tests.conftest import scene


def pair_of(seed: int, *, strength: float = 0.6, size: tuple[int, int] = (48, 64)) -> Pair:
    """A picture beside a duller and noisier version of it, made gray for ``strength`` 0."""
    true = scene(*size, seed=seed).transpose(2, 0, 1)
    gray = true.mean(0, keepdims=True)
    noise = np.random.default_rng(seed).normal(0, 2, true.shape) * bool(strength)
    predicted = (gray + strength * (true - gray) + noise).round().clip(0, 255).astype(np.uint8)
    return Pair(predicted, true, name=f"picture {seed}")


@pytest.fixture
def pairs() -> list[Pair]:
    return [pair_of(seed) for seed in range(6)]
