from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from photochrom.color.arrays import softmax
from photochrom.color.decision import bias_at, decide_logits, fit_biases
from photochrom.color.distribution import Distribution
from photochrom.color.encoding import annealed_mean

TEMPERATURES = (0.15, 0.3, 0.6)


def random_decision(bins: int = 5, seed: int = 0) -> np.ndarray:
    biases = np.random.default_rng(seed).normal(size=(len(TEMPERATURES), bins))
    return np.concatenate([np.array(TEMPERATURES)[:, None], biases], 1)


@given(st.integers(0, 100), st.sampled_from((0.15, 0.3, 0.6, 1.0)))
def test_decided_colors_occur_as_often_as_true_ones(seed: int, temperature: float) -> None:
    random = np.random.default_rng(seed)
    logits = random.normal(scale=2, size=(400, 6))
    true = random.dirichlet(np.full(6, 3.0))
    before = softmax(logits / temperature, 1).mean(0)
    bias = fit_biases(logits, true, temperature=temperature)
    found = softmax((logits + bias) / temperature, 1).mean(0)
    assert np.abs(found - true).sum() / 2 < 0.01
    assert np.abs(found - true).sum() < np.abs(before - true).sum()


def test_what_is_right_already_gets_no_bias() -> None:
    logits = np.random.default_rng(0).normal(size=(300, 6))
    true = softmax(logits / 0.3, 1).mean(0)
    assert np.abs(fit_biases(logits, true, temperature=0.3)).max() < 1e-6


def test_what_never_occurs_is_not_decided_on() -> None:
    logits = np.random.default_rng(0).normal(size=(300, 4))
    bias = fit_biases(logits, np.array([0.5, 0.5, 0, 0]), temperature=0.5)
    assert softmax((logits + bias) / 0.5, 1).mean(0)[2:].max() < 1e-6


@pytest.mark.parametrize("index", range(3))
def test_fitted_biases_are_met_exactly(index: int) -> None:
    decision = random_decision()
    np.testing.assert_allclose(bias_at(decision, TEMPERATURES[index]), decision[index, 1:])


@given(st.floats(0.01, 5))
def test_between_and_beyond_them(temperature: float) -> None:
    decision = random_decision()
    found = bias_at(decision, temperature)
    for bin_, value in enumerate(found):
        expected = np.interp(
            np.log(temperature), np.log(TEMPERATURES), decision[:, 1 + bin_]
        )  # beyond the ends np.interp keeps the last value, too
        assert value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("temperature", [0.05, 0.2, 0.45, 2.0])
def test_torch_is_numpy(temperature: float) -> None:
    decision = random_decision()
    logits = np.random.default_rng(1).normal(size=(2, 5, 3, 4))
    expected = decide_logits(logits, decision, rebalance=0.7, temperature=temperature)
    found = decide_logits(
        torch.tensor(logits),
        torch.tensor(decision),
        rebalance=torch.tensor(0.7),
        temperature=torch.tensor(temperature),
    )
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-6)
    few = logits[:, :, 0].transpose(0, 2, 1).reshape(-1, 5)
    fits = [
        fit_biases(kind(few), np.full(5, 0.2), temperature=0.4)
        for kind in (np.asarray, torch.tensor)
    ]
    np.testing.assert_allclose(fits[1].numpy(), fits[0], atol=1e-6)


def test_a_distribution_decides_by_its_decision_and_else_by_its_prior() -> None:
    logits = np.random.default_rng(1).normal(size=(1, 5, 3, 4))
    centers = np.random.default_rng(2).uniform(-60, 60, (5, 2))
    prior = np.array([0.6, 0.1, 0.1, 0.1, 0.1])
    plain, fitted = (Distribution(logits, centers, prior, d) for d in (None, random_decision()))
    dial = {"rebalance": 0.8, "temperature": 0.3}
    expected = annealed_mean(decide_logits(logits, fitted.decision, **dial), centers, 0.3)
    np.testing.assert_allclose(fitted.ab(**dial), expected)
    assert np.abs(plain.ab(**dial) - expected).max() > 1
    # Without rebalancing both are the annealed mean of the calibrated distribution.
    still = {"rebalance": 0.0, "temperature": 0.3}
    np.testing.assert_allclose(fitted.ab(**still), annealed_mean(logits, centers, 0.3))
