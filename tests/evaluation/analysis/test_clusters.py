from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.data.sources import open_pictures
from photochrom.evaluation.analysis.clusters import Cluster, cluster_pictures
from photochrom.evaluation.analysis.survey import Survey, survey
from photochrom.evaluation.analysis.swatches import displayed, hex_color, main_colors
from tests.evaluation.analysis.flat import (
    BLUE,
    GREEN,
    RED,
    grid_point,
    lab_of,
    three_reds_two_greens_a_blue,
)

pytest.importorskip("sklearn")


def found_in(folder: Path) -> Survey:
    return survey(open_pictures([folder]), predictors={})


def test_flat_colors_are_their_own_clusters(tmp_path: Path) -> None:
    clusters = cluster_pictures(found_in(three_reds_two_greens_a_blue(tmp_path / "a")), 3, seed=0)
    assert [c.examples for c in clusters] == [[0, 2, 5], [1, 4], [3]]
    for cluster, color in zip(clusters, (RED, GREEN, BLUE), strict=True):
        (swatch,) = cluster.colors
        assert swatch.share == pytest.approx(1)
        assert swatch.lab == pytest.approx([lab_of(color)[0], *grid_point(color)], abs=1e-3)


def many(folder: Path) -> Survey:
    """Mostly red and mostly blue pictures, each with some of the other."""
    generator = np.random.default_rng(0)
    for index in range(20):
        mostly, some = (RED, BLUE) if index % 2 else (BLUE, RED)
        rgb = np.full((20, 20, 3), mostly, np.uint8)
        rgb[: 1 + index // 4] = some
        rgb[-1] = generator.integers(100, 140, 3)
        Image.fromarray(rgb).save(folder / f"{index:02}.png")
    return found_in(folder)


def as_numbers(clusters: list[Cluster]) -> list[object]:
    return [(c.pictures, c.examples, c.histogram.tolist()) for c in clusters]


def test_clusters_part_what_looks_different_and_repeat(tmp_path: Path) -> None:
    found = many(tmp_path)
    clusters = cluster_pictures(found, 2, seed=3)
    parity = [{position % 2 for position in c.examples} for c in clusters]
    assert sorted(map(tuple, parity)) == [(0,), (1,)]
    assert [c.pictures for c in clusters] == [10, 10]
    assert as_numbers(clusters) == as_numbers(cluster_pictures(found, 2, seed=3))


def test_examples_are_the_nearest_to_the_center(tmp_path: Path) -> None:
    found = many(tmp_path)
    (cluster,) = cluster_pictures(found, 1, seed=0)
    roots = np.sqrt(found.histograms.astype(np.float64))
    distance = ((roots - roots.mean(0)) ** 2).sum(1)
    far = [distance[p] for p in cluster.examples]
    assert far == pytest.approx(np.sort(distance)[:6], rel=1e-4)
    np.testing.assert_allclose(cluster.histogram, found.histograms.mean(0), rtol=1e-5)


def test_an_empty_sample_has_no_clusters(tmp_path: Path) -> None:
    found = many(tmp_path)
    found.positions, found.histograms = found.positions[:0], found.histograms[:0]
    assert cluster_pictures(found, 3, seed=0) == []


def test_main_colors_join_what_the_eye_does_not_part() -> None:
    centers = np.array([[0, 0], [0, 10], [60, 40], [60, 50], [-40, 40]], np.float32)
    shares = np.array([0.4, 0.2, 0.1, 0.1, 0.2])
    lightness = shares * np.array([50, 50, 40, 60, 70])
    colors = main_colors(shares, lightness, centers, 6)
    assert [c.share for c in colors] == pytest.approx([0.6, 0.2, 0.2])
    assert colors[0].lab == pytest.approx([50, 0, 10 / 3])
    assert {tuple(np.round(c.lab, 3)) for c in colors[1:]} == {(50, 60, 45), (70, -40, 40)}
    assert len(main_colors(shares, lightness, centers, 1)) == 1


def test_colors_that_no_screen_has_keep_lightness_and_hue() -> None:
    lab = np.array([[50.0, 0, 0], [30.0, 90, 90], *[lab_of(c) for c in (RED, BLUE)]])
    shown = displayed(lab)
    assert shown.min() >= 0
    assert shown.max() <= 1
    assert hex_color(shown[0]) == "#777777"
    assert hex_color(shown[2]) == "#c82828"
    inside = lab_of(tuple((shown[1] * 255).tolist()))
    assert inside[0] == pytest.approx(30, abs=0.5)
    assert inside[1] == pytest.approx(inside[2], abs=0.5)
