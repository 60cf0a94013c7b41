"""One file of several models gives what the models give, blended."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from PIL import Image

from photochrom import load_model
from photochrom.errors import ModelError, UnknownName, WrongInput
from photochrom.weights.cards import Member, ModelCard
from photochrom.weights.ensembles.blends import Blend, mean_of_ab
from photochrom.weights.ensembles.card import shared_dial
from photochrom.weights.ensembles.ensemble import member_shares, write_ensemble
from photochrom.weights.ensembles.joined import Joined
from photochrom.weights.ensembles.members import OpenedMember, open_member
from photochrom.weights.models import MODELS
from photochrom.weights.onnx_file import read_model
from tests.weights.small_models import write_small

pytestmark = pytest.mark.usefixtures("traced_once")

Small = dict[str, Path]
SAME = 1e-4


def lightness(height: int = 24, width: int = 36, count: int = 1) -> np.ndarray:
    shape = (count, 1, height, width)
    return np.random.default_rng(0).uniform(0, 100, shape).astype(np.float32)


def blend(models: list[Path | str], out: Path, **options: Any) -> Any:
    """The session of an ensemble that was just written."""
    done = write_ensemble([open_member(m) for m in models], out, **options)
    assert done.bytes == out.stat().st_size
    session = load_model(out)
    assert session.card == done.card
    return session


def enlarge(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Bilinear, by Pillow: an implementation that is not the graph's."""
    planes = [
        np.asarray(Image.fromarray(p).resize(size[::-1], Image.Resampling.BILINEAR))
        for p in values.reshape(-1, *values.shape[2:])
    ]
    return np.stack(planes).reshape(*values.shape[:2], *size)


def test_all_weight_on_one_gives_that_one(small_models: Small, tmp_path: Path) -> None:
    names = [small_models["bins"], small_models["coarse"]]
    for weights, chosen in (((1, 0), 0), ((0, 1), 1)):
        both = blend(names, tmp_path / "both.onnx", weights=weights)
        expected = load_model(names[chosen]).run(lightness())
        found = both.run(lightness())
        assert np.abs(found.ab - expected.ab).max() < SAME


@pytest.mark.parametrize("count", [1, 3])
def test_the_mean_is_the_mean_by_hand(small_models: Small, tmp_path: Path, count: int) -> None:
    """Of different strides and multiples, at a size that only the ensemble's multiple allows."""
    names = [small_models["fine"], small_models["coarse"]]
    both = blend(names, tmp_path / "both.onnx", weights=[3, 1])
    assert both.card.multiple_of == 12
    seen = lightness(24, 36, count)
    blocks = seen.reshape(count, 1, 6, 4, 9, 4).mean((3, 5))
    fine = np.concatenate([0.4 * seen + 3, -0.2 * seen + 4], 1)
    coarse = np.concatenate([-0.1 * blocks - 5, 0.3 * blocks + 6], 1)
    found = both.run(seen).ab
    assert found.shape == (count, 2, 24, 36)
    assert np.abs(found - (0.75 * fine + 0.25 * enlarge(coarse, (24, 36)))).max() < SAME


def test_pictures_of_a_batch_do_not_touch_each_other(small_models: Small, tmp_path: Path) -> None:
    both = blend([small_models["bins"], small_models["bins2"]], tmp_path / "both.onnx")
    seen = lightness(count=3)
    together = both.run(seen)
    for i in range(3):
        alone = both.run(seen[i : i + 1])
        assert np.abs(together.ab[i] - alone.ab[0]).max() < SAME
        assert np.abs(together.confidence[i] - alone.confidence[0]).max() < SAME


def test_the_order_does_not_matter(small_models: Small, tmp_path: Path) -> None:
    names = [small_models[n] for n in ("fine", "bins", "coarse")]
    found = [blend(m, tmp_path / "e.onnx").run(lightness()) for m in (names, names[::-1])]
    assert np.abs(found[0].ab - found[1].ab).max() < SAME
    assert np.abs(found[0].confidence - found[1].confidence).max() < SAME


def test_confidence_is_the_mean_of_those_that_give_one(small_models: Small, tmp_path: Path) -> None:
    names = [small_models[n] for n in ("fine", "bins", "bins2")]
    found = blend(names, tmp_path / "e.onnx", weights=[2, 1, 3]).run(lightness()).confidence
    one, two = (load_model(n).run(lightness()).confidence for n in names[1:])
    expected = enlarge(one, (24, 36)) / 4 + enlarge(two, (24, 36)) * 3 / 4
    assert np.abs(found - expected).max() < SAME
    two_of_ab = blend([small_models["fine"], small_models["coarse"]], tmp_path / "f.onnx")
    assert two_of_ab.run(lightness()).confidence is None
    unsure = blend(names[:2], tmp_path / "g.onnx", weights=[1, 0]).run(lightness())
    assert unsure.confidence is None


def test_hints_and_dial_reach_the_members_that_take_them(
    small_models: Small, tmp_path: Path
) -> None:
    names = [small_models[n] for n in ("fine", "hinted", "bins")]
    session = blend(names, tmp_path / "e.onnx")
    assert session.card.inputs == ("lightness", "hints", "temperature", "rebalance")
    hints = np.zeros((1, 3, 24, 36), np.float32)
    hints[:, :, 4:8, 6:9] = [[[[30]], [[-20]], [[1]]]]
    plain, hinted = session.run(lightness()).ab, session.run(lightness(), hints=hints).ab
    alone = load_model(small_models["hinted"])
    change = alone.run(lightness(), hints=hints).ab - alone.run(lightness()).ab
    assert np.abs(change).max() > 30
    assert np.abs((hinted - plain) - change / 3).max() < SAME
    settings = {"temperature": 0.5, "rebalance": 0.8}
    bins = load_model(small_models["bins"])
    moved = bins.run(lightness(), **settings).ab - bins.run(lightness()).ab
    found = session.run(lightness(), **settings).ab - plain
    assert np.abs(moved).max() > 1
    assert np.abs(found - enlarge(moved, (24, 36)) / 3).max() < SAME


def test_models_of_several_frames(small_models: Small, tmp_path: Path) -> None:
    slopes = [[[0.1, 0.2, 0.3], [0, 0.1, 0]], [[0.3, 0, 0], [0.2, 0.2, 0.2]]]
    names = [write_small(tmp_path / f"{i}.onnx", slopes[i], [1.0, 2.0], frames=3) for i in range(2)]
    both = blend(names, tmp_path / "both.onnx")
    assert both.card.frames == 3
    for seen in (lightness(), np.concatenate([lightness(), lightness()[..., ::-1]] * 2, 1)[:, :3]):
        one, two = (load_model(name).run(seen).ab for name in names)
        assert np.abs(both.run(seen).ab - (one + two) / 2).max() < SAME
    with pytest.raises(ModelError, match=r"fine\.onnx takes 1 planes of lightness"):
        blend([names[0], small_models["fine"]], tmp_path / "e.onnx")


def test_an_ensemble_of_ensembles(small_models: Small, tmp_path: Path) -> None:
    fine, coarse, hinted = (small_models[n] for n in ("fine", "coarse", "hinted"))
    inner = tmp_path / "inner.onnx"
    blend([fine, coarse], inner)
    outer = blend([inner, hinted], tmp_path / "outer.onnx").run(lightness()).ab
    flat = blend([fine, coarse, hinted], tmp_path / "flat.onnx", weights=[1, 1, 2])
    assert np.abs(outer - flat.run(lightness()).ab).max() < SAME


def test_operators_of_different_versions(small_models: Small, tmp_path: Path) -> None:
    proto, card = read_model(small_models["fine"])
    now = next(o.version for o in proto.opset_import if not o.domain)
    newer = onnx.version_converter.convert_version(proto, now + 1)
    onnx.helper.set_model_props(newer, {"photochrom": card.to_json()})
    onnx.save(newer, tmp_path / "newer.onnx")
    both = blend([tmp_path / "newer.onnx", small_models["fine"]], tmp_path / "both.onnx")
    expected = load_model(small_models["fine"]).run(lightness()).ab
    assert np.abs(both.run(lightness()).ab - expected).max() < SAME


def test_the_card(small_models: Small, tmp_path: Path) -> None:
    names = [small_models[n] for n in ("fine", "bins")]
    card = blend(names, tmp_path / "two.onnx", weights=[1, 3]).card
    own = [load_model(n).card for n in names]
    assert (card.name, card.architecture, card.parameters) == ("two", "ensemble", 8)
    assert card.members == (
        Member("fine", "1", own[0].sha256, 0.25),
        Member("bins", "1", own[1].sha256, 0.75),
    )
    assert card.dial == own[1].dial
    assert card.working_size == 64
    assert card.license == "fine: MIT; bins: not stated"
    assert len(card.sha256) == 64
    other = blend(names, tmp_path / "two.onnx", weights=[1, 2], size=128, name="duet").card
    assert (other.name, other.working_size) == ("duet", 128)
    assert other.version != card.version
    again = blend(names, tmp_path / "two.onnx", weights=[1, 3]).card
    assert again == card


def test_cards_with_and_without_members_come_back() -> None:
    card = ModelCard("n", "1", "a", 1, 256, 32, ("lightness",))
    joined = dataclasses.replace(card, members=(Member("n", "1", "0" * 64, 0.5),))
    for one in (card, joined):
        assert ModelCard.from_json(one.to_json(), "x") == one


def test_a_dial_for_members_with_different_ones() -> None:
    both, one = ("lightness", "temperature", "rebalance"), ("lightness", "temperature")
    plain = ModelCard("n", "1", "a", 1, 256, 32, ("lightness",))
    first = dataclasses.replace(plain, inputs=both, dial=((0, 0, 1), (1, 0.6, 1)), vividness=0.2)
    second = dataclasses.replace(
        plain, inputs=one, dial=((0, 0, 1), (0.5, 0, 0.25), (1, 0, 0.01)), vividness=0.6
    )
    half = np.array([0.5, 0.5])
    assert shared_dial([plain, plain], half) == ((), 0.5)
    assert shared_dial([plain, first], half) == (first.dial, 0.2)
    dial, vividness = shared_dial([first, second], half)
    assert vividness == pytest.approx(0.4)
    # Only the first is rebalanced; temperatures meet halfway, as factors.
    assert np.allclose(dial, [(0, 0, 1), (0.5, 0.3, 0.5), (1, 0.6, 0.1)])
    alone = shared_dial([first, second], np.array([1.0, 0.0]))
    assert alone == (first.dial, 0.2)


@pytest.mark.parametrize("storage", ["fp16", "int8"])
def test_narrow_weights_stay_narrow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, storage: str
) -> None:
    monkeypatch.setattr("photochrom.weights.storage.SMALLEST", 1)
    names = [
        write_small(tmp_path / f"{i}.onnx", [[0.31], [i / 7]], [1.0, i], storage=storage)
        for i in range(2)
    ]
    both = blend(names, tmp_path / "both.onnx", weights=[0, 1])
    stored = {t.data_type for t in read_model(tmp_path / "both.onnx")[0].graph.initializer}
    narrow = onnx.TensorProto.FLOAT16 if storage == "fp16" else onnx.TensorProto.INT8
    assert narrow in stored
    expected = load_model(names[1]).run(lightness()).ab
    assert np.abs(both.run(lightness()).ab - expected).max() < SAME


def test_the_file_is_as_large_as_its_members(tmp_path: Path) -> None:
    card = blend(["photochrom", "photochrom"], tmp_path / "two.onnx").card
    assert (tmp_path / "two.onnx").stat().st_size < 1.05 * 2 * MODELS["photochrom"].stat().st_size
    # Members that agree are quoted once.
    own = load_model().card
    assert (card.license, card.dial, card.vividness) == (own.license, own.dial, own.vividness)


def test_run_folders_are_members(
    checkpoint: Path, run_member: OpenedMember, tmp_path: Path
) -> None:
    write_ensemble([run_member, open_member("photochrom")], tmp_path / "e.onnx", weights=[1, 0])
    both = load_model(tmp_path / "e.onnx")
    seen = lightness(64, 96)
    settings = {"temperature": 0.8, "rebalance": 0.2}
    found = both.run(seen, **settings).ab
    # Stored as fp16: near the checkpoint itself, far from the other member.
    assert np.abs(found - load_model(checkpoint).run(seen, **settings).ab).mean() < 0.05
    assert np.abs(found - load_model().run(seen, **settings).ab).mean() > 1


@pytest.mark.parametrize("weights", [[1], [1, 2, 3], [1, -1], [0, 0], [1, np.nan], [1, np.inf]])
def test_weights_that_do_not_fit(weights: list[float]) -> None:
    with pytest.raises(WrongInput, match="weights") as error:
        member_shares(weights, 2)
    assert "\n" not in str(error.value)


def test_what_cannot_be_a_member(small_models: Small, tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"bad\.onnx"):
        open_member(tmp_path / "bad.onnx")
    with pytest.raises(UnknownName, match="photochrom"):
        open_member("photocrom")
    with pytest.raises(WrongInput, match="not 1"):
        write_ensemble([open_member("photochrom")], tmp_path / "e.onnx")
    proto, card = read_model(small_models["fine"])
    onnx.helper.set_model_props(proto, {})
    onnx.save(proto, tmp_path / "foreign.onnx")
    with pytest.raises(ModelError, match=r"foreign\.onnx .*without the card"):
        open_member(tmp_path / "foreign.onnx")
    proto.graph.input[0].name = "picture"
    proto.graph.node[0].input[0] = "picture"
    onnx.helper.set_model_props(proto, {"photochrom": card.to_json()})
    onnx.save(proto, tmp_path / "other.onnx")
    with pytest.raises(ModelError, match=r"other\.onnx takes picture"):
        open_member(tmp_path / "other.onnx")


def test_hints_of_another_kind(small_models: Small, tmp_path: Path) -> None:
    hinted = open_member(small_models["hinted"])
    other = dataclasses.replace(hinted, label="other", planes=hinted.planes | {"hints": 4})
    with pytest.raises(ModelError, match="other takes 4 planes of hints"):
        write_ensemble([hinted, other], tmp_path / "e.onnx")


def test_a_member_is_not_overwritten(small_models: Small, tmp_path: Path) -> None:
    path = tmp_path / "fine.onnx"
    path.write_bytes(small_models["fine"].read_bytes())
    with pytest.raises(WrongInput, match="is a member itself"):
        blend([path, small_models["coarse"]], path)
    assert path.read_bytes() == small_models["fine"].read_bytes()


def test_a_graph_that_differs_from_its_members_is_not_written(
    small_models: Small, tmp_path: Path
) -> None:
    def wrong(joined: Joined, shares: np.ndarray) -> Blend:
        return dataclasses.replace(mean_of_ab(joined, shares), expected=joined.outputs[0])

    with pytest.raises(ModelError, match="nothing written"):
        blend([small_models["fine"], small_models["coarse"]], tmp_path / "e.onnx", blending=wrong)
    assert not list(tmp_path.iterdir())
