"""The figures hold what they are to show; how they look is judged by eye."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.data.sources import open_pictures
from photochrom.evaluation.analysis.report import Analysis, analyze
from photochrom.evaluation.analysis.survey import survey
from photochrom.evaluation.analysis.swatches import displayed
from tests.evaluation.analysis.flat import RED, save_flat, three_reds_two_greens_a_blue

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")

from photochrom.evaluation.analysis.cluster_sheet import draw_clusters
from photochrom.evaluation.analysis.drawing import draw_bins, draw_chosen, draw_distributions


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> tuple[Analysis, Path]:
    folder = three_reds_two_greens_a_blue(tmp_path_factory.mktemp("flat"))
    predictors = {"$cost_1$ 模型": lambda rgb: rgb}
    found = survey(open_pictures([folder]), predictors=predictors)
    return analyze(found, spacing=10, bins=32, clusters=8, seed=0), folder


def pixels_of(png: bytes, rgb: np.ndarray) -> int:
    """How many pixels are within two levels of a color."""
    with Image.open(io.BytesIO(png)) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    return int((np.abs(pixels - np.round(rgb * 255)).max(2) <= 2).sum())


def has_color(png: bytes, rgb: np.ndarray) -> bool:
    return pixels_of(png, rgb) >= 100


def test_bins_and_bars_have_their_own_colors(flat: tuple[Analysis, Path]) -> None:
    analysis = flat[0]
    bins, chosen = draw_bins(analysis), draw_chosen(analysis)
    for color in analysis.grid.colors:
        assert has_color(bins, color)
    for color in analysis.chosen.colors:
        assert has_color(chosen, color)
    assert not has_color(bins, np.array([1, 0, 1]))


def test_a_row_for_each_model(flat: tuple[Analysis, Path]) -> None:
    analysis = flat[0]
    alone = Analysis(**{**vars(analysis), "predicted": {}})
    heights = []
    for each in (alone, analysis):
        with Image.open(io.BytesIO(draw_chosen(each))) as image:
            heights.append(image.height)
    assert heights[0] < heights[1]


def test_clusters_show_their_swatches(flat: tuple[Analysis, Path]) -> None:
    analysis, folder = flat
    sheet = draw_clusters(analysis, open_pictures([folder]))
    for cluster in analysis.clusters:
        assert has_color(sheet, displayed(cluster.colors[0].lab[None])[0])


def test_clusters_show_pictures_and_white_for_one_that_is_gone(tmp_path: Path) -> None:
    red = np.array(RED) / 255
    path = save_flat(tmp_path, "red.png", RED)
    pictures = open_pictures([tmp_path])
    analysis = analyze(survey(pictures, predictors={}), spacing=10, bins=2, clusters=1, seed=0)
    there = pixels_of(draw_clusters(analysis, pictures), red)
    path.unlink()
    assert there - pixels_of(draw_clusters(analysis, pictures), red) > 100 * 100


def test_distributions_of_one_color_can_be_drawn(flat: tuple[Analysis, Path]) -> None:
    with Image.open(io.BytesIO(draw_distributions(flat[0]))) as image:
        assert image.width > 1000


def test_the_same_numbers_give_the_same_file(flat: tuple[Analysis, Path]) -> None:
    assert draw_bins(flat[0]) == draw_bins(flat[0])
