"""Figures over bins name no winner among models of different numbers of bins."""

from __future__ import annotations

from photochrom.evaluation.methods import GRAY, TRUTH
from photochrom.evaluation.ranking import best
from photochrom.evaluation.report.contest import winners
from photochrom.evaluation.table import as_table
from photochrom.evaluation.verdict import Figure, Row, Verdict, explained


def sure(value: float) -> Figure:
    """A figure that hardly depends on the pictures."""
    return Figure(value, without=(value - 0.01, value, value + 0.01))


def verdict(**bins: int) -> Verdict:
    """Of models that are better the fewer bins they have."""
    figures = {name: {"top-1": sure(100 / n), "auc": sure(90 - n)} for name, n in bins.items()}
    models = [Row(name, {"bins": n}, figures=figures[name]) for name, n in bins.items()]
    ends = [Row(n, figures={"top-1": Figure(None), "auc": sure(50)}) for n in (GRAY, TRUTH)]
    rows = [ends[0], *models, ends[1]]
    metrics = ["top-1", "auc"]
    return explained(Verdict([], 1, 64, "crop", metrics, rows, [], [], []))


def test_of_different_numbers_of_bins_none_wins_and_a_note_says_so() -> None:
    found = verdict(few=32, most=313, many=112)
    assert best(found, "top-1") is None
    assert winners(found) == {"auc": ["few"]}
    assert found.notes == {"top-1": "not comparable: 32, 112 and 313 bins"}
    assert "not comparable: 32, 112 and 313 bins" in as_table(found)


def test_of_the_same_number_one_wins() -> None:
    found = verdict(one=32, other=32)
    found.row("other").figures["top-1"] = sure(2)
    assert best(found, "top-1") == "one"
    assert winners(found)["top-1"] == ["one"]
    assert found.notes == {}


def test_who_has_failed_does_not_count() -> None:
    found = verdict(few=32, same=32)
    found.row("same").figures["top-1"] = sure(2)
    found.rows.insert(1, Row("broken", {"bins": 313}, failed="no numbers"))
    assert best(found, "top-1") == "few"
