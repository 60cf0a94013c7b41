"""A decision fitted to a run: in the file, in its distribution, in ensembles of such files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from photochrom import load_model
from photochrom.cli import main as command_line
from photochrom.color.arrays import softmax
from photochrom.errors import ModelError, WrongInput
from photochrom.weights.decision import DIAL, STEPS, fit_decision
from photochrom.weights.ensembles.ensemble import write_ensemble
from photochrom.weights.ensembles.members import open_member
from photochrom.weights.ensembles.probabilities import mean_of_probabilities
from photochrom.weights.export import PARITY
from photochrom.weights.graph import load_graph
from tests.weights.small_models import CENTERS, write_small


@pytest.fixture(scope="module")
def decided(checkpoint: Path, pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exported file whose colors are those of the pictures."""
    out = tmp_path_factory.mktemp("decided") / "m.onnx"
    words = ["export", str(checkpoint), "--out", str(out), "--decision", str(pictures)]
    done = CliRunner().invoke(command_line.photochrom, [*words, "--storage", "int8"])
    assert done.exit_code == 0, done.output
    return out


def test_the_file_decides_as_the_fit_says(checkpoint: Path, pictures: Path, decided: Path) -> None:
    session = load_model(decided)
    assert session.card.dial == DIAL
    seen = np.random.default_rng(0).uniform(0, 100, (2, 1, 64, 96)).astype(np.float32)
    found = session.distribution(seen)
    graph, _ = load_graph(checkpoint / "checkpoint.safetensors")
    fitted = fit_decision(graph, [str(pictures)], size=192).numpy()
    # Whatever narrows the weights, these few numbers stay as they were fitted.
    np.testing.assert_array_equal(found.decision, fitted)
    assert found.decision[:, 0] == pytest.approx([temperature for temperature, _ in STEPS])
    for rebalance, temperature in ((0, 1), (1, 0.3), (0.5, 0.25), (1, 0.1), (1, 2)):
        ab = session.run(seen, rebalance=rebalance, temperature=temperature).ab
        expected = found.ab(rebalance=rebalance, temperature=temperature)
        assert np.abs(ab - expected).max() < PARITY


def test_colors_come_as_often_as_the_pictures_have_them(checkpoint: Path, pictures: Path) -> None:
    graph, _ = load_graph(checkpoint / "checkpoint.safetensors")
    decision = fit_decision(graph, [str(pictures)], size=96).numpy()
    from photochrom.weights.decision import _seen

    logits, counts = (t.numpy() for t in _seen(graph, [str(pictures)], 96))
    for (temperature, *bias), (_, power) in zip(decision, STEPS, strict=True):
        true = counts**power / (counts**power).sum()
        before, after = (
            np.abs(softmax((logits + b) / temperature, 1).mean(0) - true).sum() / 2
            for b in (np.zeros(len(true)), np.array(bias))
        )
        assert after < 0.02 < before


def test_only_networks_over_bins_decide(tmp_path: Path, checkpoint: Path, pictures: Path) -> None:
    graph, _ = load_graph(checkpoint / "checkpoint.safetensors")
    graph.has_confidence = False
    with pytest.raises(WrongInput, match="leave out --decision"):
        fit_decision(graph, [str(pictures)], size=64)


def two_deciding(folder: Path, temperatures: tuple[float, float] = (0.2, 0.6)) -> list[Path]:
    """Small models that decide, the second at the given temperatures."""
    made = []
    for name, slope, knots in (("one", 0.02, (0.2, 0.6)), ("two", -0.01, temperatures)):
        biases = np.random.default_rng(len(made)).normal(size=(2, 3))
        decision = np.concatenate([np.array(knots)[:, None], biases], 1).astype(np.float32)
        slopes, offsets = [[slope], [0.01], [-0.01]], [1.0, 0.5, 0.2]
        made.append(
            write_small(
                folder / f"{name}.onnx", slopes, offsets, stride=4, centers=CENTERS,
                decision=decision,
            )
        )  # fmt: skip
    return made


@pytest.mark.parametrize(("rebalance", "temperature"), [(0, 1), (1, 0.3), (0.5, 0.1), (1, 2)])
def test_an_ensemble_decides_by_the_mean(
    tmp_path: Path, rebalance: float, temperature: float
) -> None:
    files = two_deciding(tmp_path)
    out = tmp_path / "e.onnx"
    members = [open_member(file) for file in files]
    write_ensemble(members, out, weights=(1, 3), blending=mean_of_probabilities)
    session, seen = load_model(out), np.full((1, 1, 24, 36), 40, np.float32)
    said = session.distribution(seen)
    each = [load_model(file).distribution(seen).decision for file in files]
    np.testing.assert_allclose(said.decision, each[0] / 4 + each[1] * 3 / 4, atol=1e-6)
    ab = session.run(seen, rebalance=rebalance, temperature=temperature).ab
    expected = said.ab(rebalance=rebalance, temperature=temperature)
    assert np.abs(ab - expected).max() < PARITY


def test_members_that_decide_otherwise_have_no_mean(tmp_path: Path, small_models: dict) -> None:
    one, other = two_deciding(tmp_path, temperatures=(0.1, 0.5))
    for pair in ((one, other), (one, small_models["bins"])):
        members = [open_member(file) for file in pair]
        with pytest.raises(ModelError, match="in different ways"):
            write_ensemble(members, tmp_path / "e.onnx", blending=mean_of_probabilities)
