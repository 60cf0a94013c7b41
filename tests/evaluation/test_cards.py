from __future__ import annotations

import math

import numpy as np
import pytest

from photochrom.errors import UnknownName
from photochrom.evaluation.cards import METRICS, build_metric
from photochrom.evaluation.pair import Pair
from tests.evaluation.conftest import pair_of

COMPUTED = [name for name in METRICS if not METRICS[name].weights]


@pytest.mark.parametrize("name", METRICS)
def test_cards_say_enough(name: str) -> None:
    card = METRICS[name]
    assert card.better in ("higher", "lower", "truth")
    assert len(card.source) > 15
    assert 0 < len(card.title) <= 12
    assert not (card.usual and card.weights)


def test_titles_differ() -> None:
    assert len({METRICS[name].title for name in METRICS}) == len(METRICS)


def with_logits(pair: Pair) -> Pair:
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(9, 45, 45)).astype(np.float32)
    return Pair(pair.predicted, pair.true, pair.name, logits, generator.uniform(-40, 40, (9, 2)))


REGIONS = {
    "skin-light": (224, 185, 163),
    "skin-tan": (176, 136, 107),
    "skin-dark": (105, 76, 60),
    "sky": (150, 180, 215),
    "foliage": (70, 110, 60),
}


def fit_for(name: str, pair: Pair) -> Pair:
    """The pair with logits and, for a metric of regions, with such a region, colored wrongly."""
    color = REGIONS.get(name.rpartition("-")[0])
    predicted, true = pair.predicted.copy(), pair.true.copy()
    if color:
        true[:, :120] = np.array(color)[:, None, None]
        predicted[:, :120] = np.array(color[::-1])[:, None, None]
    return with_logits(Pair(predicted, true, pair.name))


@pytest.mark.parametrize("name", COMPUTED)
def test_statistics_add_up_and_nothing_is_changed(name: str) -> None:
    metric = build_metric(name)
    pairs = [fit_for(name, pair_of(seed, size=(180, 180))) for seed in range(2)]
    before = [(pair.predicted.copy(), pair.true.copy()) for pair in pairs]
    one, other = (metric.measure(pair) for pair in pairs)
    assert one is not None
    assert other is not None
    assert one.ndim == 1
    assert one.shape == other.shape
    assert np.isfinite([metric.figure(one, 1), metric.figure(one + other, 2)]).all()
    # Twice the same pictures are the same figure: a resampled set is a weighted sum.
    assert metric.figure(2 * (one + other), 4) == pytest.approx(metric.figure(one + other, 2))
    for pair, (predicted, true) in zip(pairs, before, strict=True):
        np.testing.assert_array_equal(pair.predicted, predicted)
        np.testing.assert_array_equal(pair.true, true)


@pytest.mark.parametrize("name", [n for n in COMPUTED if METRICS[n].better != "truth"])
def test_the_truth_is_best(name: str) -> None:
    metric, card = build_metric(name), METRICS[name]
    pair = fit_for(name, pair_of(0, size=(180, 180)))
    truth = Pair(pair.true, pair.true, "", pair.logits, pair.centers)
    worse, best = (metric.figure(metric.measure(p), 1) for p in (pair, truth))
    if name in ("top-1", "top-5", "cross-entropy"):
        assert worse == best, "logits are judged, not the picture"
    elif name in ("hue-histogram",):
        assert best == 0
    else:
        assert worse < best if card.better == "higher" else worse > best


@pytest.mark.parametrize("name", COMPUTED)
def test_no_pictures_no_figure(name: str) -> None:
    metric = build_metric(name)
    statistics = metric.measure(fit_for(name, pair_of(0, size=(180, 180))))
    with np.errstate(all="raise"):
        assert math.isnan(metric.figure(np.zeros_like(statistics, np.float64), 0))


def test_a_wrong_name_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="ciede2000"):
        build_metric("ciede200")
