"""Who is best: only where the pictures are enough to tell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from photochrom.evaluation.jackknife import half_width, leave_one_out
from photochrom.evaluation.methods import GRAY, TRUTH
from photochrom.evaluation.ranking import best, leaders
from photochrom.evaluation.report.contest import NO_WINNER, Cost, contest_html, winners_lines
from photochrom.evaluation.verdict import Figure, Row, Verdict

GROUPS = 40


def figure(pictures: np.ndarray) -> Figure:
    """The mean of one number for each picture, as a trial finds it."""
    without = leave_one_out(pictures[:, None], np.ones(GROUPS), lambda sums, n: float(sums[0] / n))
    half, value = half_width(without) or 0.0, float(pictures.mean())
    return Figure(value, value - half, value + half, GROUPS, tuple(without.tolist()))


def verdict(metric: str = "auc", **pictures: np.ndarray) -> Verdict:
    found = {GRAY: np.full(GROUPS, 50.0), TRUTH: np.full(GROUPS, 100.0)} | pictures
    rows = [Row(name, figures={metric: figure(numbers)}) for name, numbers in found.items()]
    rows.append(rows.pop(1))
    return Verdict(["set"], GROUPS, 256, "crop", [metric], rows, [], [], [])


def numbers(seed: int, spread: float) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, spread, GROUPS)


COST = Cost(16, 60.0, {})


def lines(found: Verdict, **costs: Cost) -> str:
    named: Mapping[str, Cost] = costs or {row.method: Cost(16, 60.0, {}) for row in found.models}
    return "\n".join(winners_lines(found, named))


def test_a_difference_on_the_same_pictures_counts_though_figures_vary_more() -> None:
    hard = 80 + numbers(0, 10)
    found = verdict(a=hard + 1 + numbers(1, 0.5), b=hard)
    one, other = (found.row(name).figures["auc"] for name in "ab")
    assert one.low is not None
    assert other.high is not None
    assert one.low < other.high, "intervals overlap, and yet the difference is sure"
    assert best(found, "auc") == "a"
    assert lines(found).startswith("AuC: a 8")
    assert "1.0 min" in lines(found)
    assert "<td>a</td>" in contest_html(found, {})


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("metric", ["auc", "psnr", "ab-rmse"])
def test_within_the_noise_nobody_wins(seed: int, metric: str) -> None:
    a = 80 + numbers(seed, 10)
    b = a + numbers(seed + 10, 5)
    found = verdict(metric, a=a, b=b - b.mean() + a.mean() + 0.1)
    runs = [name for name in leaders(found, metric) if name != GRAY]
    assert metric == "ab-rmse" or runs == ["b", "a"]
    figures = (f"{n} {found.row(n).figures[metric].value:.2f}" for n in "ab")
    assert NO_WINNER in lines(found)
    assert all(text in lines(found) for text in figures)
    page = contest_html(found, {})
    assert f"<td>{NO_WINNER}</td>" in page


def test_equal_rows_have_no_winner() -> None:
    same = 80 + numbers(0, 3)
    found = verdict(a=same, b=same.copy())
    assert best(found, "auc") is None
    assert NO_WINNER in lines(found)


def test_of_three_those_surely_behind_are_not_named() -> None:
    hard = 80 + numbers(0, 10)
    found = verdict(a=hard, b=hard + numbers(1, 1) - numbers(1, 1).mean(), c=hard - 5)
    assert set(leaders(found, "auc")) == {"a", "b"}
    assert "c" not in lines(found).splitlines()[0].replace("no clear winner", "")


def test_one_run_wins_nothing() -> None:
    found = verdict(alone=80 + numbers(0, 1))
    assert lines(found) == "alone: 16 images in 1.0 min"
    assert "alone" not in contest_html(found, {}).partition("While training")[0]
    assert best(found, "auc") == "alone", "beside gray it is seen to be better"


def test_one_run_with_a_figure_wins_nothing() -> None:
    found = verdict(one=80 + numbers(0, 1), other=70 + numbers(0, 1))
    found.row("other").figures["auc"] = Figure(None)
    assert "AuC" not in lines(found)


def test_without_intervals_nobody_wins() -> None:
    found = verdict(a=np.full(GROUPS, 80.0), b=np.full(GROUPS, 70.0))
    for name, value in (("a", 80.0), ("b", 70.0)):
        found.row(name).figures["auc"] = Figure(value, pictures=1)
    assert best(found, "auc") is None
    assert NO_WINNER in lines(found)


def test_of_other_pictures_each_varies_by_itself() -> None:
    hard = 80 + numbers(0, 10)
    found = verdict(a=hard + 1, b=hard)
    few = found.row("b").figures["auc"]
    found.row("b").figures["auc"] = Figure(
        few.value, few.low, few.high, GROUPS - 1, few.without[:-1]
    )
    assert best(found, "auc") is None
    found = verdict(a=hard + 40, b=hard)
    assert best(found, "auc") == "a"


def test_nearest_to_the_truth_is_best_and_pictures_decide_that_too() -> None:
    true = 40 + numbers(0, 8)
    found = verdict("colorfulness", a=true - 1 + numbers(1, 0.1), b=true + 5, truth=true)
    found.rows[-1] = Row(TRUTH, figures={"colorfulness": figure(true)})
    found.rows[:] = [row for row in found.rows if row.method != TRUTH] + [found.rows[-1]]
    assert best(found, "colorfulness") == "a"


@pytest.mark.parametrize(
    ("run", "text"),
    [(45.0, "; gray is better"), (50.0, "; not surely better than gray"), (60.0, "")],
)
def test_how_gray_does_is_said(run: float, text: str) -> None:
    noise = numbers(0, 1) - numbers(0, 1).mean()
    found = verdict(a=run + noise, b=run - 20 + noise)
    first = lines(found).splitlines()[0]
    assert first.startswith("AuC: a ")
    assert first.endswith(text or f"{run:.2f}")


def test_a_run_at_several_dials_cost_once() -> None:
    found = verdict(**{"a": 80 + numbers(0, 1), "a@0:1": 81 + numbers(0, 1)})
    assert lines(found, **{"a": COST, "a@0:1": COST}).count("16 images") == 1
