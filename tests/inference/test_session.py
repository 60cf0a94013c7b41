from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom import Colorizer, list_models, load_model
from photochrom.color.spaces import luma_to_lightness
from photochrom.errors import ModelError, WrongInput
from photochrom.inference.onnx_session import OnnxSession
from photochrom.inference.opening import open_session
from photochrom.inference.view import crop_output, network_input, reduced_luma, view_size
from photochrom.photo.decode import read
from tests.conftest import scene


def lightness(height: int = 64, width: int = 96) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 100, (1, 1, height, width)).astype(np.float32)


def test_embedded_model_gives_quarter_size_and_confidence() -> None:
    chroma = load_model().run(lightness())
    assert chroma.ab.shape == (1, 2, 16, 24)
    assert chroma.confidence is not None
    assert chroma.confidence.shape == (1, 1, 16, 24)
    assert 0 < chroma.confidence.min() <= chroma.confidence.max() <= 1
    assert np.abs(chroma.ab).max() < 110


def test_confidence_does_not_depend_on_the_dial() -> None:
    session = load_model()
    # Fields as photographs have them: in noise the most probable color may well be gray.
    luma = np.asarray(Image.fromarray(scene(64, 96)).convert("L"), dtype=np.float32) / 255
    seen = luma_to_lightness(luma)[None, None]
    calm = session.run(seen, rebalance=0.0, temperature=1.0)
    vivid = session.run(seen, rebalance=0.6, temperature=0.4)
    assert np.allclose(calm.confidence, vivid.confidence, atol=1e-6)
    assert np.hypot(*vivid.ab[0]).mean() > np.hypot(*calm.ab[0]).mean()


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_every_step_of_the_dial_is_more_colorful(seed: int) -> None:
    session = load_model()
    luma = np.asarray(Image.fromarray(scene(64, 96, seed=seed)).convert("L"), np.float32) / 255
    seen = luma_to_lightness(luma)[None, None]
    found = [
        np.hypot(*session.run(seen, rebalance=rebalance, temperature=temperature).ab[0]).mean()
        for _, rebalance, temperature in session.card.dial
    ]
    assert found == sorted(found)


def test_card_is_complete() -> None:
    card = list_models()["photochrom"]
    assert card.license
    assert "research" in card.training_data
    assert card.limits
    assert card.metrics
    assert len(card.sha256) == 64
    assert card.dial[0][0] == 0
    assert card.dial[-1][0] == 1


def test_size_on_disk() -> None:
    from photochrom.weights.models import MODELS

    assert MODELS["photochrom"].stat().st_size <= 12e6


def test_hints_are_refused_where_unknown(small_models: dict[str, Path]) -> None:
    session = load_model(small_models["bins"])
    with pytest.raises(WrongInput, match="the model bins takes no hints"):
        session.run(lightness(), hints=np.zeros((1, 3, 64, 96), np.float32))


@pytest.mark.parametrize("settings", [(0.0, 1.0), (0.6, 0.4)])
def test_the_distribution_gives_the_colors(
    small_models: dict[str, Path], settings: tuple[float, float]
) -> None:
    session = load_model(small_models["bins2"])
    rebalance, temperature = settings
    found = session.distribution(lightness())
    assert np.allclose(found.probabilities.sum(1), 1, atol=1e-5)
    assert found.prior.sum() == pytest.approx(1)
    chroma = session.run(lightness(), rebalance=rebalance, temperature=temperature)
    ab = found.ab(rebalance=rebalance, temperature=temperature)
    assert np.abs(ab - chroma.ab).max() < 1e-3
    assert chroma.confidence is not None
    sure = found.probabilities.max(1, keepdims=True)
    assert np.abs(sure - chroma.confidence).max() < 1e-5


def test_models_of_plain_colors_have_no_distribution(small_models: dict[str, Path]) -> None:
    with pytest.raises(ModelError, match="the model fine does not say how probable"):
        load_model(small_models["fine"]).distribution(lightness())


def test_onnx_file_of_others(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    value = [helper.make_tensor_value_info(n, kind, [1]) for n in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", value[:1], value[1:])
    path = tmp_path / "other.onnx"
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)
    with pytest.raises(ModelError, match="without the card"):
        OnnxSession(path)


@pytest.mark.usefixtures("traced_once")
def test_run_folder_in_torch_equals_its_export(checkpoint: Path, tmp_path: Path) -> None:
    from photochrom.weights.export import export

    done = export(checkpoint / "checkpoint.safetensors", tmp_path / "m.onnx", storage="fp32")
    torch_session, onnx_session = load_model(checkpoint), load_model(done.path)
    for settings in ({}, {"rebalance": 0.4, "temperature": 0.5}):
        ours = torch_session.run(lightness(), **settings)
        theirs = onnx_session.run(lightness(), **settings)
        assert np.abs(ours.ab - theirs.ab).max() < 0.01
        assert np.allclose(ours.confidence, theirs.confidence, atol=1e-4)
    ours, theirs = (s.distribution(lightness()) for s in (torch_session, onnx_session))
    assert np.abs(ours.logits - theirs.logits).max() < 1e-2
    assert np.array_equal(ours.centers, theirs.centers)
    assert np.array_equal(ours.prior, theirs.prior)


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [(512, 512, (256, 256)), (512, 1024, (256, 512)), (1, 5000, (2, 10240)), (1, 1, (256, 256))],
)
def test_view_keeps_the_aspect_and_is_bounded(
    height: int, width: int, expected: tuple[int, int]
) -> None:
    assert view_size(height, width, 256) == expected


def test_view_is_padded_by_repetition_and_cut_again() -> None:
    luma = np.full((50, 70), 0.5, np.float32)
    padded = network_input(luma, 32)
    assert padded.shape == (1, 1, 64, 96)
    assert np.ptp(padded) == 0
    assert crop_output(np.zeros((2, 16, 24)), (50, 70), (64, 96)).shape == (2, 12, 18)


def test_a_ribbon_is_shown_with_sides_that_networks_can_take() -> None:
    luma = np.linspace(0, 1, 7 * 900, dtype=np.float32).reshape(7, 900)
    padded = network_input(luma, 16, least=100)
    assert padded.shape == (1, 1, 112, 912)
    assert np.array_equal(padded[..., 6:, :], np.repeat(padded[..., 6:7, :], 106, 2))
    assert crop_output(np.zeros((2, 28, 228)), (7, 900), (112, 912)).shape == (2, 2, 225)
    colorizer = Colorizer()
    ribbon = read(np.zeros((12, 900), np.uint8))
    assert min(colorizer._view(ribbon, ())[1].shape[2:]) >= colorizer.session.card.working_size / 2
    assert colorizer(np.zeros((3, 900), np.uint8)).shape == (3, 900, 3)


@pytest.mark.parametrize("kind", ["onnx", "torch"])
def test_what_a_network_cannot_take_is_one_line(
    kind: str, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = open_session(checkpoint if kind == "torch" else "photochrom")

    def fail(*_args: object) -> None:
        message = "Kernel size can't be greater\nat some line"
        raise RuntimeError(message)

    if kind == "torch":
        monkeypatch.setattr(session, "_graph", Broken(session._graph, fail))
    else:
        monkeypatch.setattr(session, "_session", Broken(session._session, fail))
    with pytest.raises(ModelError, match=r"96 x 64 pixels; .* \(Kernel size can't be greater\)$"):
        session.run(lightness())


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((1, 64, 64), np.float32),
        np.zeros((1, 2, 64, 64), np.float32),
        np.zeros((0, 1, 64, 64), np.float32),
        np.full((1, 1, 64, 64), "x"),
        np.full((1, 1, 64, 64), np.nan, np.float32),
        np.full((1, 1, 64, 64), -np.inf),
        [[[[50.0]]]],
        None,
    ],
)
def test_what_is_no_lightness(wrong: np.ndarray) -> None:
    session = load_model()
    for ask in (session.run, session.distribution):
        with pytest.raises(WrongInput, match="lightness must be"):
            ask(wrong)


def test_planes_of_hints_have_the_size_of_the_lightness() -> None:
    session = load_model()
    for wrong in (np.zeros((1, 3, 64, 64), np.float32), [1], np.zeros((3, 64, 96))):
        with pytest.raises(WrongInput, match=r"hints must be .* \(1, 3, 64, 96\)"):
            session.run(lightness(), hints=wrong)  # type: ignore[arg-type]


class Broken:
    """A graph or session that has its facts and cannot run."""

    def __init__(self, whole: object, fail: Callable[..., None]) -> None:
        self._whole, self.run = whole, fail

    def __call__(self, *args: object) -> None:
        self.run(*args)

    def __getattr__(self, name: str) -> object:
        return getattr(self._whole, name)


def test_reduced_luma_of_16_bits_is_that_of_8() -> None:
    luma = np.random.default_rng(0).integers(0, 256, (60, 80), dtype=np.uint8)
    wide = luma.astype(np.uint16) * 257
    assert np.array_equal(reduced_luma(luma, (30, 40)), reduced_luma(wide, (30, 40)))
