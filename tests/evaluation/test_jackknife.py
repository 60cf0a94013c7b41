"""Intervals: as wide as figures really vary, around the figure itself, smaller for differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from photochrom.evaluation.jackknife import _student, half_width, leave_one_out


def mean(sums: np.ndarray, count: float) -> float:
    return float(sums[0] / count)


@pytest.mark.parametrize("groups", [25, 400])
def test_of_a_mean_it_is_the_known_formula(groups: int) -> None:
    sums = np.random.default_rng(0).normal(5, 1, (groups, 1))
    half = half_width(leave_one_out(sums, np.ones(groups), mean))
    error = sums.std(ddof=1) / np.sqrt(groups)
    assert half == pytest.approx(stats.t.ppf(0.975, groups - 1) * error, rel=1e-3)


def test_groups_without_pictures_take_no_part_and_one_says_nothing() -> None:
    sums, counts = np.array([[2.0], [0.0], [9.0]]), np.array([1, 0, 3])
    assert leave_one_out(sums, counts, mean).tolist() == [3.0, 2.0]
    assert half_width(leave_one_out(sums[:1], counts[:1], mean)) is None
    assert half_width([1.0, float("nan"), 2.0]) is None


def test_students_t() -> None:
    for freedom in (2, 3, 5, 10, 39):
        assert _student(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=0.01)


def occupied(sums: np.ndarray, count: float) -> float:
    """Mean of the cells that hold anything: like rebalanced AuC it loses rare ones in a draw."""
    cells = sums.reshape(2, -1)
    kept = cells[0] > 1e-4 * cells[0].sum()
    return float((cells[1, kept] / cells[0, kept]).mean())


def test_intervals_are_as_wide_as_a_figure_that_loses_rare_cells_varies() -> None:
    generator = np.random.default_rng(1)
    worth, share = np.linspace(0, 1, 60), np.geomspace(1e-5, 1, 60)
    figures, halves = [], []
    for _ in range(200):
        seen = generator.poisson(share * 40, (40, 60)).astype(float)
        noise = generator.normal(0, 0.1, seen.shape) * (seen > 0)
        sums = np.concatenate([seen, seen * worth + noise], 1)
        figures.append(occupied(sums.sum(0), 40))
        halves.append(half_width(leave_one_out(sums, np.ones(40), occupied)))
    inside = np.abs(np.array(figures) - np.mean(figures)) < np.array(halves, float)
    assert 0.89 < inside.mean() < 0.99


def test_differences_on_the_same_pictures_are_surer_than_figures() -> None:
    generator = np.random.default_rng(2)
    pictures = generator.normal(15, 5, 40)
    one = leave_one_out(pictures[:, None], np.ones(40), mean)
    other = leave_one_out(pictures[:, None] - generator.normal(1, 0.5, (40, 1)), np.ones(40), mean)
    apart, alone = half_width(one - other), half_width(one)
    assert apart is not None
    assert alone is not None
    assert apart < 1 < alone
