from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from photochrom.data.sources import open_pictures
from photochrom.evaluation.analysis.report import Analysis, analyze, moved_share, to_dict
from photochrom.evaluation.analysis.survey import Predictor, survey
from tests.evaluation.analysis.flat import (
    BLUE,
    GREEN,
    RED,
    grid_point,
    lab_of,
    three_reds_two_greens_a_blue,
)

pytest.importorskip("sklearn")


def analysis_of(
    folder: Path, *, bins: int = 32, clusters: int = 8, **predictors: Predictor
) -> Analysis:
    found = survey(open_pictures([folder]), predictors=predictors)
    return analyze(found, spacing=10, bins=bins, clusters=clusters, seed=0)


def test_flat_colors_give_exactly_their_bins_shares_and_weights(tmp_path: Path) -> None:
    grid = analysis_of(three_reds_two_greens_a_blue(tmp_path / "a")).grid
    expected = {tuple(grid_point(RED)): 3, tuple(grid_point(GREEN)): 2, tuple(grid_point(BLUE)): 1}
    assert {tuple(c): n / 1024 for c, n in zip(grid.centers, grid.pixels, strict=True)} == expected
    share = np.array([expected[tuple(c)] / 6 for c in grid.centers])
    np.testing.assert_allclose(grid.prior, share, rtol=1e-6)
    weights = 1 / (0.5 * share + 0.5 / 3)
    np.testing.assert_allclose(grid.weights, weights / (share * weights).sum(), rtol=1e-6)
    lightness = {tuple(grid_point(c)): lab_of(c)[0] for c in (RED, GREEN, BLUE)}
    np.testing.assert_allclose(
        grid.lightness, [lightness[tuple(c)] for c in grid.centers], rtol=1e-5
    )


def test_bins_are_shown_in_their_own_colors(tmp_path: Path) -> None:
    grid = analysis_of(three_reds_two_greens_a_blue(tmp_path / "a")).grid
    red = grid.centers.tolist().index(grid_point(RED))
    # The bin is within 7 Lab units of the color.
    assert np.abs(grid.colors[red] * 255 - RED).max() < 20


def test_no_more_bins_and_clusters_than_colors(tmp_path: Path) -> None:
    analysis = analysis_of(three_reds_two_greens_a_blue(tmp_path / "a"))
    assert len(analysis.chosen.centers) == 3
    assert [cluster.pictures for cluster in analysis.clusters] == [3, 2, 1]
    assert [cluster.share for cluster in analysis.clusters] == [3 / 6, 2 / 6, 1 / 6]


def test_models_beside_the_truth(tmp_path: Path) -> None:
    folder = three_reds_two_greens_a_blue(tmp_path / "a")

    def red_becomes_green(rgb: np.ndarray) -> np.ndarray:
        return np.where(rgb[:1, :1] == RED, np.uint8(GREEN), rgb).astype(np.uint8)

    analysis = analysis_of(folder, same=lambda rgb: rgb, greener=red_becomes_green)
    models = to_dict(analysis, open_pictures([folder]))["chosen"]["models"]
    assert models["same"]["moved"] == 0
    assert models["greener"]["moved"] == pytest.approx(0.5)
    assert sorted(models["greener"]["share"]) == pytest.approx([0, 1 / 6, 5 / 6], abs=1e-6)


def test_moved_share() -> None:
    one, other = np.array([0.5, 0.5, 0]), np.array([0.25, 0.5, 0.25])
    assert moved_share(one, other) == 0.25
    assert moved_share(other, one) == 0.25
    assert moved_share(np.array([1.0, 0]), np.array([0, 1.0])) == 1


def test_the_numbers_are_complete_and_repeatable(pictures: Path) -> None:
    texts = []
    for _ in range(2):
        analysis = analysis_of(pictures, clusters=3, half=lambda rgb: rgb // 2)
        content = to_dict(analysis, open_pictures([pictures]))
        texts.append(json.dumps(content, allow_nan=False))
    assert texts[0] == texts[1]
    facts, bins, chosen = content["pictures"], content["bins"], content["chosen"]
    assert facts["counted"] == facts["looked_at"] == 12
    assert facts["pixels"] == sum(chosen["pixels"]) == 12 * 40 * 48
    for system in (bins, chosen):
        keys = ("centers", "colors", "lightness", "pixels", "share", "inverse", "weights")
        assert {len(system[key]) for key in keys} == {system["count"]}
        assert sum(system["share"]) == pytest.approx(1, abs=1e-4)
        assert np.dot(system["share"], system["weights"]) == pytest.approx(1, abs=1e-4)
    for counts in (content["distributions"]["truth"], content["distributions"]["models"]["half"]):
        assert sum(counts["lightness"]["share"]) == pytest.approx(1, abs=1e-4)
        assert sum(counts["chroma"]["share"]) == pytest.approx(1, abs=1e-4)
        assert sum(counts["hue"]["share"]) <= 1
        assert sum(counts["colorfulness"]["pictures"]) == 12
    clusters = content["clusters"]["clusters"]
    assert sum(cluster["pictures"] for cluster in clusters) == 12
    assert all(set(c["examples"]) <= {f"{i}.png" for i in range(12)} for c in clusters)
