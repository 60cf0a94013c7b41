from __future__ import annotations

import numpy as np
import pytest

from photochrom.color.colorfulness import colorfulness
from photochrom.evaluation.cards import build_metric
from photochrom.evaluation.pair import Pair
from tests.evaluation.conftest import pair_of


def figure(name: str, pairs: list[Pair]) -> float:
    metric = build_metric(name)
    return metric.figure(np.sum([metric.measure(pair) for pair in pairs], 0), len(pairs))


@pytest.mark.parametrize("prefix", ["", "absolute-"])
def test_three_figures_of_one_set(prefix: str) -> None:
    pairs = [pair_of(0), pair_of(1, strength=1.3), pair_of(2, strength=0.2)]
    absolute = bool(prefix)
    found = np.array([colorfulness(p.predicted, absolute=absolute) for p in pairs])
    true = np.array([colorfulness(p.true, absolute=absolute) for p in pairs])
    of_means = abs(found.mean() - true.mean())
    assert figure(f"{prefix}colorfulness", pairs) == pytest.approx(found.mean())
    assert figure(f"{prefix}colorfulness-difference", pairs) == pytest.approx(
        abs(found - true).mean()
    )
    assert figure(f"{prefix}colorfulness-difference-of-means", pairs) == pytest.approx(of_means)
    assert of_means < 0.8 * abs(found - true).mean()


def test_forms_differ(pairs: list[Pair]) -> None:
    signed, absolute = figure("colorfulness", pairs), figure("absolute-colorfulness", pairs)
    assert absolute < 0.95 * signed
