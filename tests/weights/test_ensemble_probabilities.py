"""The mean of distributions: computed by hand, found in any exported graph over bins, refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photochrom import load_model
from photochrom.color.arrays import softmax
from photochrom.errors import ModelError
from photochrom.weights.ensembles.ensemble import write_ensemble
from photochrom.weights.ensembles.joined import join
from photochrom.weights.ensembles.members import OpenedMember, open_member
from photochrom.weights.ensembles.probabilities import distribution_of, mean_of_probabilities
from tests.weights.small_models import CENTERS, PRIOR

pytestmark = pytest.mark.usefixtures("traced_once")

Small = dict[str, Path]
SAME = 1e-4


def mean_of(names: list[Path | str], out: Path, *weights: float):
    members = [open_member(name) for name in names]
    write_ensemble(members, out, weights=weights or None, blending=mean_of_probabilities)
    return load_model(out)


@pytest.mark.parametrize(("rebalance", "temperature"), [(0, 1), (0.5, 1), (0.9, 0.3), (0.2, 3)])
def test_by_hand(small_models: Small, tmp_path: Path, rebalance: float, temperature: float) -> None:
    """Each picture is one even gray, so that every output pixel is that of a formula."""
    both = mean_of([small_models["bins"], small_models["bins2"]], tmp_path / "e.onnx", 1, 3)
    grays = np.array([5.0, 30.0, 60.0, 95.0], np.float32)[:, None, None, None]
    found = both.run(
        np.broadcast_to(grays, (4, 1, 24, 36)), rebalance=rebalance, temperature=temperature
    )
    assert found.ab.shape == (4, 2, 12, 18)
    gray = grays.reshape(4, 1)
    one = softmax(gray * [0.02, 0.01, -0.01] + [1, 0.5, 0.2], 1)
    two = softmax(gray * [-0.02, 0.03, 0.01] + [0.5, 0.1, 1], 1)
    mean = one / 4 + two * 3 / 4
    prior = PRIOR / 4 + PRIOR[::-1] * 3 / 4
    odds = (mean / (rebalance * prior + (1 - rebalance) / 3)) ** (1 / temperature)
    ab = odds @ CENTERS / odds.sum(1, keepdims=True)
    assert np.abs(found.ab - ab[:, :, None, None]).max() < 10 * SAME
    assert np.abs(found.confidence[:, 0, 0, 0] - mean.max(1)).max() < SAME
    said = both.distribution(np.broadcast_to(grays, (4, 1, 24, 36)).astype(np.float32))
    assert np.abs(said.probabilities[:, :, 0, 0] - mean).max() < SAME
    assert np.array_equal(said.centers, CENTERS)
    assert np.abs(said.prior - prior).max() < SAME


def test_all_weight_on_one_gives_that_one(small_models: Small, tmp_path: Path) -> None:
    both = mean_of([small_models["bins"], small_models["bins2"]], tmp_path / "e.onnx", 0, 1)
    seen = np.random.default_rng(0).uniform(0, 100, (2, 1, 24, 36)).astype(np.float32)
    for settings in ({}, {"temperature": 0.3, "rebalance": 0.9}):
        found, alone = (m.run(seen, **settings) for m in (both, load_model(small_models["bins2"])))
        assert np.abs(found.ab - alone.ab).max() < 10 * SAME
        assert np.abs(found.confidence - alone.confidence).max() < SAME


def test_with_itself_the_embedded_model_is_as_before(tmp_path: Path) -> None:
    both = mean_of(["photochrom", "photochrom"], tmp_path / "e.onnx")
    assert both.card.summary.startswith("mean distribution of photochrom")
    seen = np.random.default_rng(0).uniform(0, 100, (1, 1, 64, 96)).astype(np.float32)
    found, alone = both.run(seen), load_model().run(seen)
    assert np.abs(found.ab - alone.ab).max() < 0.01
    assert np.abs(found.confidence - alone.confidence).max() < SAME


def test_the_logits_of_a_run_are_found(run_member: OpenedMember) -> None:
    joined = join([run_member, open_member("photochrom")])
    found = [distribution_of(member, joined.values) for member in joined.members]
    for one in found:
        assert one.logits.shape[1] == len(one.centers) == len(one.prior) > 10


def test_members_that_have_no_common_bins(small_models: Small, tmp_path: Path) -> None:
    bins = small_models["bins"]
    with pytest.raises(ModelError, match=r"farther\.onnx and .*bins\.onnx have different bins"):
        mean_of([bins, small_models["farther"]], tmp_path / "e.onnx")
    with pytest.raises(ModelError, match=r"fine\.onnx gives no probabilities"):
        mean_of([bins, small_models["fine"]], tmp_path / "e.onnx")


def test_a_graph_without_logits_names_the_way_out(small_models: Small, tmp_path: Path) -> None:
    members = [open_member(small_models[name]) for name in ("bins", "bins2")]
    write_ensemble(members, tmp_path / "inner.onnx")
    with pytest.raises(ModelError, match="run folder") as error:
        mean_of([tmp_path / "inner.onnx", small_models["bins"]], tmp_path / "outer.onnx")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "outer.onnx").exists()
