"""Figures over bins name no winner among models of different numbers of bins."""

from __future__ import annotations

import pytest

from photochrom.evaluation.methods import GRAY, TRUTH
from photochrom.evaluation.report.contest import winners
from photochrom.evaluation.table import as_table
from photochrom.evaluation.verdict import Figure, Row, Verdict, best, explained


def verdict(**bins: int) -> Verdict:
    """Of models that are better the fewer bins they have."""
    figures = {name: {"top-1": Figure(100 / n), "auc": Figure(90 - n)} for name, n in bins.items()}
    models = [Row(name, {"bins": n}, figures=figures[name]) for name, n in bins.items()]
    ends = [Row(n, figures={"top-1": Figure(None), "auc": Figure(50.0)}) for n in (GRAY, TRUTH)]
    rows = [ends[0], *models, ends[1]]
    metrics = ["top-1", "auc"]
    return explained(Verdict([], 1, 64, "crop", metrics, rows, [], [], []))


def test_of_different_numbers_of_bins_none_wins_and_a_note_says_so() -> None:
    found = verdict(few=32, most=313, many=112)
    assert best(found, "top-1") is None
    assert winners(found) == {"auc": "few"}
    assert found.notes == {"top-1": "not comparable: 32, 112 and 313 bins"}
    assert "not comparable: 32, 112 and 313 bins" in as_table(found)


@pytest.mark.parametrize("bins", [{"one": 32, "other": 32}, {"one": 313}])
def test_of_the_same_number_one_wins(bins: dict[str, int]) -> None:
    found = verdict(**bins)
    assert best(found, "top-1") == "one"
    assert winners(found)["top-1"] == "one"
    assert found.notes == {}


def test_who_has_failed_does_not_count() -> None:
    found = verdict(few=32)
    found.rows.insert(1, Row("broken", {"bins": 313}, failed="no numbers"))
    assert best(found, "top-1") == "few"
