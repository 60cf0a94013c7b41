"""What judging keeps of pictures does not grow with them."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from PIL import Image

from photochrom.evaluation import runner
from photochrom.evaluation.methods import Method
from photochrom.evaluation.runner import Bench, Trial
from photochrom.evaluation.tally import Tally
from photochrom.evaluation.view import View
from tests.conftest import scene
from tests.evaluation.test_runner import reddish


def kept(tallies: list[Tally]) -> int:
    """Bytes of statistics, by group and by category."""
    sums = [s for t in tallies for s in (t.sums, *t.categories.values())]
    return sum(value.nbytes for one in sums for value in one.values.values())


def test_memory_is_flat_in_the_number_of_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "GROUPS", 5)
    for number in range(7):
        Image.fromarray(scene(32, 32, seed=number)).save(tmp_path / f"{number}.png")
    found = {}
    for count in (1, 20, 200):  # the first fills what is computed once
        bench = Bench(Trial((str(tmp_path),), (Method("red", reddish),), ("auc",), View(32)))
        bench.chosen = [number % 7 for number in range(count)]
        tracemalloc.start()
        tallies = [bench.judge(group) for group in range(runner.GROUPS)]
        found[count] = kept(tallies), tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert sum(len(t.records) for t in tallies) == count
    assert found[200][0] == found[20][0] > 0
    # Of a picture only its name and errors stay: it alone, as bytes, would be 3,072.
    assert (found[200][1] - found[20][1]) / 180 < 1000
