from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from photochrom import load_model
from photochrom.errors import ModelError, RecipeError, WrongInput
from photochrom.weights.cards import METADATA_KEY, ModelCard
from photochrom.weights.export import PARITY, Exported, export
from photochrom.weights.models import MODELS, find_model

pytestmark = pytest.mark.usefixtures("traced_once")


@pytest.fixture(scope="module")
def exported(
    checkpoint: Path, traced_once: None, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Exported]:
    """The checkpoint in each storage."""
    out = tmp_path_factory.mktemp("exported")
    return {
        kind: export(checkpoint / "checkpoint.safetensors", out / f"{kind}.onnx", storage=kind)
        for kind in ("fp32", "fp16", "int8")
    }


def test_graph_equals_torch(exported: dict) -> None:
    assert all(done.parity < PARITY for done in exported.values())
    assert exported["fp32"].narrowing[1] < PARITY


def test_narrow_storage_is_smaller_and_close(exported: dict) -> None:
    sizes = [exported[k].bytes for k in ("fp32", "fp16", "int8")]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[1] < 0.65 * sizes[0]
    assert exported["fp16"].narrowing[0] < 0.05
    assert exported["int8"].narrowing[0] < 1.0


def test_any_size_that_is_a_multiple(exported: dict) -> None:
    session = load_model(exported["fp32"].path)
    for shape in ((1, 1, 32, 64), (3, 1, 96, 32)):
        ab = session.run(np.full(shape, 50, np.float32)).ab
        assert ab.shape == (shape[0], 2, shape[2] // 4, shape[3] // 4)


def test_card_travels_in_the_file(exported: dict) -> None:
    card = load_model(exported["fp16"].path).card
    assert card == exported["fp16"].card
    assert card.architecture == "photochrom"
    assert card.recipe["seed"] == 1880
    assert card.sha256 != exported["int8"].card.sha256


def test_card_file_fills_the_card(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "card.toml").write_text('name = "mine"\ndial = [[0, 0, 1], [1, 0.5, 0.7]]\n')
    path = checkpoint / "checkpoint.safetensors"
    done = export(path, tmp_path / "m.onnx", card_file=tmp_path / "card.toml")
    assert load_model(done.path).card.name == "mine"
    (tmp_path / "card.toml").write_text('color = "red"\n')
    with pytest.raises(RecipeError, match="color"):
        export(path, tmp_path / "n.onnx", card_file=tmp_path / "card.toml")
    assert not (tmp_path / "n.onnx").exists()


def test_an_option_without_weights_may_change(checkpoint: Path, tmp_path: Path) -> None:
    path = checkpoint / "checkpoint.safetensors"
    done = export(path, tmp_path / "m.onnx", changes=["coherence=0.5"])
    assert done.parity < PARITY
    session, without = load_model(done.path), load_model(path)
    assert session.card.recipe["network"]["options"]["coherence"] == 0.5
    lightness = 50 + 10 * np.random.default_rng(0).standard_normal((2, 1, 96, 32), np.float32)
    ab = session.run(lightness).ab
    assert ab.shape == (2, 2, 24, 8)
    assert np.abs(ab - without.run(lightness).ab).max() > 0.01
    for changes, said in (
        (["coherence=2"], "between 0 and 1"),
        (["widths=[8, 8, 8, 8]"], "does not fit"),
        (["fog=1"], "fog"),
    ):
        with pytest.raises(ModelError, match=said):
            export(path, tmp_path / "n.onnx", changes=changes)
    assert not (tmp_path / "n.onnx").exists()


def test_a_run_from_before_hints_takes_none(checkpoint: Path, tmp_path: Path) -> None:
    file = checkpoint / "checkpoint.safetensors"
    with safe_open(file, "pt") as opened:
        header = opened.metadata()
    older = {k: v for k, v in load_file(file).items() if ".hinted." not in k}
    save_file(older, tmp_path / "older.safetensors", metadata=header)
    old, new = load_model(tmp_path / "older.safetensors"), load_model(file)
    assert "hints" in new.card.inputs
    assert "hints" not in old.card.inputs
    lightness = np.full((1, 1, 32, 32), 50, np.float32)
    assert old.run(lightness).ab == pytest.approx(new.run(lightness).ab, abs=1e-4)
    with pytest.raises(WrongInput, match="takes no hints"):
        old.run(lightness, hints=np.zeros((1, 3, 32, 32), np.float32))


def test_unknown_storage(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongInput, match="storage"):
        export(checkpoint / "checkpoint.safetensors", tmp_path / "m.onnx", storage="int4")


def test_no_trace_of_the_machine_in_the_embedded_file() -> None:
    data = MODELS["photochrom"].read_bytes()
    assert b"/site-packages/" not in data
    assert b".py" not in data
    assert b"/mobilenet" not in data
    props = {p.key: p.value for p in onnx.load_from_string(data).metadata_props}
    assert ModelCard.from_json(props[METADATA_KEY], "embedded").name == "photochrom"


def test_find_model(tmp_path: Path) -> None:
    assert find_model("photochrom") == MODELS["photochrom"]
    with pytest.raises(ModelError, match=r"no checkpoint at .*checkpoint\.safetensors"):
        find_model(tmp_path)
    (tmp_path / "checkpoint.safetensors").touch()
    assert find_model(tmp_path) == tmp_path / "checkpoint.safetensors"
    with pytest.raises(ModelError, match=r"no\.onnx"):
        find_model(tmp_path / "no.onnx")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other"}'])
def test_foreign_card(text: str) -> None:
    with pytest.raises(ModelError, match="no card"):
        ModelCard.from_json(text, "x.onnx")


def test_dial_goes_between_its_points() -> None:
    dial = ((0.0, 0.0, 1.0), (0.5, 0.2, 1.0), (1.0, 0.6, 0.6))
    card = ModelCard("n", "1", "a", 1, 256, 32, ("lightness",), dial=dial)
    assert card.settings(0.0) == (0.0, 1.0)
    assert card.settings(0.25) == pytest.approx((0.1, 1.0))
    assert card.settings(0.75) == pytest.approx((0.4, 0.8))
    assert card.settings(1.0) == pytest.approx((0.6, 0.6))
