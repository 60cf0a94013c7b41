"""Tables fit a terminal: nothing is lost, only put below."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photochrom.evaluation.cards import METRICS
from photochrom.evaluation.layout import WIDTH, aligned, folded
from photochrom.evaluation.methods import GRAY, TRUTH
from photochrom.evaluation.table import HEADLINE, as_table, category_table, headline, interval_text
from photochrom.evaluation.verdict import Figure, Row, Verdict

cells = st.text("abc 0123.±*", max_size=22)


@given(st.integers(1, 30), st.integers(1, 6), st.data())
def test_lines_fit_and_every_cell_is_there(columns: int, rows: int, data: st.DataObject) -> None:
    drawn = st.lists(cells, min_size=columns, max_size=columns)
    names = st.text("xyz-@", min_size=1, max_size=70)
    lines = [[data.draw(names), *data.draw(drawn)] for _ in range(rows)]
    text = aligned(lines, WIDTH)
    assert max(map(len, text)) <= WIDTH
    joined = "\n".join(text)
    assert all(cell.strip() in joined for line in lines for cell in line[1:])
    assert all(line[0][:7] in joined for line in lines)


def test_without_a_width_it_is_one_table() -> None:
    text = aligned([["name", *(["column"] * 40)], ["x" * 70, *(["1"] * 40)]])
    assert len(text) == 3
    assert "x" * 70 in text[2]


@given(st.text("ab- ", max_size=400))
def test_words_are_kept_whole(text: str) -> None:
    words = text.split()
    lines = folded(text).splitlines()
    assert "\n".join(lines).split() == words
    assert all(len(line) <= WIDTH or len(line.split()) == 1 for line in lines)
    assert folded(text, None) == text


def verdict(metrics: list[str], models: int, *, name: str = "photochrom@0.5:0.6") -> Verdict:
    found = {m: Figure(88.12, 87.12, 89.12, 9, (88.0, 88.2)) for m in metrics}
    names = [GRAY, *(f"{name} {i}" for i in range(models)), TRUTH]
    kinds = dict.fromkeys(("n01440764/tench/Tinca tinca/and/more/names", "b"), found)
    facts, failed = {"parameters": 3_892_194}, "for a long reason " * 9
    rows = [
        Row(n, facts, 12.3, found, categories=kinds, failed=failed * (i == 1))
        for i, n in enumerate(names)
    ]
    return Verdict(["set"], 9, 256, "crop", metrics, rows, [], [], [], {"lpips": "no " * 60})


@pytest.mark.parametrize(
    "name", ["a", "photochrom@0.5:0.6", "fusion network.options.fuse=false on b"]
)
@pytest.mark.parametrize("models", [1, 12])
def test_tables_of_everything_fit(models: int, name: str) -> None:
    every = verdict([name for name in METRICS if name != "lpips"], models, name=name)
    for columns in (None, headline(every)):
        text = as_table(every, columns, width=WIDTH)
        assert max(map(len, text.splitlines())) <= WIDTH
    assert all(METRICS[m].title in as_table(every, width=WIDTH) for m in every.columns)
    assert max(map(len, category_table(every, width=WIDTH).splitlines())) <= WIDTH
    assert max(map(len, as_table(every).splitlines())) > WIDTH


def test_few_columns_stand_for_all_and_say_so() -> None:
    every = verdict(list(METRICS), 1)
    text = as_table(every, headline(every), width=WIDTH)
    assert headline(every) == list(HEADLINE)
    head = text.splitlines()[0]
    assert head.split()[1:] == ["AuC", "rAuC", "CF", "|ΔCF|", "ms"]
    assert "--wide also shows" in text
    assert "LPIPS" in text
    few = verdict(["psnr", "ssim"], 1)
    assert headline(few) == few.columns == ["psnr", "ssim", "lpips"]
    assert headline(verdict(["psnr", "ssim", "top-1", "top-5", "fid"], 1)) == [
        "psnr", "ssim", "top-1", "top-5",
    ]  # fmt: skip


def test_an_interval_at_a_bound_is_told_by_its_ends() -> None:
    assert interval_text("auc", Figure(90.0, 89.0, 91.0)) == "±1.00"
    assert interval_text("auc", Figure(99.0, 95.0, 100.0)) == "95.00–100.00"
    assert interval_text("ab-rmse", Figure(0.5, 0.0, 3.0)) == "0.00–3.00"
    assert interval_text("auc", Figure(90.0)) == ""
