from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.ndimage import map_coordinates
from scipy.spatial.distance import jensenshannon

from photochrom.errors import WrongInput
from photochrom.evaluation import clips
from photochrom.evaluation.cards import METRICS
from photochrom.evaluation.clip_cards import CLIP_METRICS, FUNCTIONS
from photochrom.evaluation.clips import color_distribution_consistency, warp_error
from tests.conftest import scene


def clip(count: int = 6) -> np.ndarray:
    frames = [scene(20, 24, seed=seed).transpose(2, 0, 1) for seed in range(count)]
    return np.stack(frames)


def test_a_still_clip_is_0_and_so_is_one_that_only_moves() -> None:
    still = np.repeat(clip(1), 5, 0)
    assert color_distribution_consistency(still) == 0
    moving = np.stack([np.roll(still[0], shift, (1, 2)) for shift in range(5)])
    assert color_distribution_consistency(moving) == 0


def test_consistency_by_scipy() -> None:
    frames = clip()
    histograms = [[np.bincount(c.ravel(), minlength=256) for c in frame] for frame in frames]
    means = []
    for apart in (1, 2, 4):
        values = [
            jensenshannon(one, other) ** 2
            for first, second in zip(histograms, histograms[apart:], strict=False)
            for one, other in zip(first, second, strict=True)
        ]
        means.append(np.mean(values))
    assert color_distribution_consistency(frames) == pytest.approx(np.mean(means))


def test_nothing_in_common_is_log_2() -> None:
    frames = np.zeros((5, 3, 4, 4), np.uint8)
    frames[:] = np.arange(5).reshape(5, 1, 1, 1)
    assert color_distribution_consistency(frames) == pytest.approx(math.log(2))


def test_one_channel_that_flickers_by_hand() -> None:
    frames = np.zeros((5, 3, 4, 4), np.uint8)
    frames[1::2, 0] = 200
    # Frames 1 apart differ in one of three channels, those 2 and 4 apart in none.
    assert color_distribution_consistency(frames) == pytest.approx(math.log(2) / 9)


def test_what_is_no_clip() -> None:
    with pytest.raises(WrongInput, match="at least 5 frames, not 4"):
        color_distribution_consistency(clip(4))
    with pytest.raises(WrongInput, match="bytes"):
        color_distribution_consistency(clip() / 255)


def moving(count: int = 4, *, right: int = 2, down: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Ab whose every pixel moves, with its flow."""
    ab = np.random.default_rng(0).uniform(-50, 50, (2, 16, 18))
    frames = np.stack([np.roll(ab, (down * i, right * i), (1, 2)) for i in range(count)])
    flows = np.zeros((count - 1, 2, 16, 18))
    flows[:, 0], flows[:, 1] = right, down
    return frames, flows


def test_known_motion_is_0() -> None:
    frames, flows = moving()
    assert warp_error(frames, flows) == 0
    assert warp_error(frames, np.zeros_like(flows)) > 10
    assert warp_error(frames, flows[:, ::-1]) > 10
    assert warp_error(frames, -flows) > 10


def test_a_drift_is_its_size() -> None:
    frames, flows = moving()
    drift = np.arange(4).reshape(-1, 1, 1, 1) * np.array([3.0, 4.0]).reshape(1, 2, 1, 1)
    assert warp_error(frames + drift, flows) == pytest.approx(5 / math.sqrt(2))


def test_between_pixels_as_scipy() -> None:
    generator = np.random.default_rng(0)
    frames = generator.uniform(-50, 50, (2, 2, 12, 14))
    flows = generator.uniform(-3, 3, (1, 2, 12, 14))
    y, x = np.mgrid[:12, :14] + flows[0, ::-1]
    inside = (x >= 0) & (x <= 13) & (y >= 0) & (y <= 11)
    carried = np.stack([map_coordinates(plane, (y, x), order=1) for plane in frames[1]])
    expected = math.sqrt(((carried - frames[0])[:, inside] ** 2).mean())
    assert warp_error(frames, flows) == pytest.approx(expected)


def test_hidden_pixels_do_not_count() -> None:
    frames, flows = moving(2)
    visible = np.ones((1, 16, 18), bool)
    frames[0, :, 5, 5] += 40
    assert warp_error(frames, flows, visible) > 1
    visible[0, 5, 5] = False
    assert warp_error(frames, flows, visible) == 0
    with pytest.raises(WrongInput, match="no pixel"):
        warp_error(frames, flows, np.zeros_like(visible))


@pytest.mark.parametrize("shape", [(3, 2, 16, 18), (1, 2, 16, 17), (0, 2, 16, 18)])
def test_flows_that_do_not_fit(shape: tuple[int, ...]) -> None:
    frames, _ = moving(2)
    with pytest.raises(WrongInput, match="shapes"):
        warp_error(frames, np.zeros(shape))
    with pytest.raises(WrongInput, match="visible"):
        warp_error(frames, np.zeros((1, 2, 16, 18)), np.ones((2, 16, 18), bool))


def test_cards_lead_to_the_functions() -> None:
    assert list(FUNCTIONS) == list(CLIP_METRICS)
    assert not set(CLIP_METRICS) & set(METRICS)
    for name, function in FUNCTIONS.items():
        card = CLIP_METRICS[name]
        assert callable(getattr(clips, function))
        assert (card.module, card.better, card.usual) == (clips.__name__, "lower", False)
        assert len(card.source) > 15
