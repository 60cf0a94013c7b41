from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom import Colorizer
from photochrom.color.distribution import Distribution
from photochrom.color.encoding import encode_soft
from photochrom.errors import ModelError, UnreadablePhoto, WrongInput
from photochrom.inference.reference import reference_colors
from photochrom.inference.steering import SPREAD, Steering, steering_by
from tests.conftest import scene

CENTERS = np.array([[0, 0], [40, 0], [-40, 0], [0, 40], [0, -40]], np.float32)


def wavering(seed: int = 0) -> Distribution:
    logits = np.random.default_rng(seed).normal(0, 2, (1, 5, 12, 16)).astype(np.float32)
    return Distribution(logits, CENTERS, np.full(5, 0.2, np.float32))


def steered(steering: Steering, found: Distribution) -> np.ndarray:
    """How often each bin is chosen."""
    ab = steering.colors(found, temperature=0.05)
    code = encode_soft(ab, CENTERS, neighbors=1)
    return code.mean((0, 2, 3))


def test_no_influence_changes_nothing() -> None:
    found = wavering()
    for steering in (
        steering_by(reference=scene(60, 80), influence=0),
        steering_by(palette="red", influence=0),
    ):
        expected = found.ab(rebalance=0, temperature=0.7)
        assert np.allclose(steering.colors(found, temperature=0.7), expected, atol=1e-3)


def test_shares_are_met_by_the_probabilities() -> None:
    """At full influence the mean probability of each bin is the share wanted, but for what is
    kept of the network's own."""
    found = wavering()
    ab = CENTERS[[1, 4]]
    steering = Steering(ab, np.array([0.75, 0.25]), 1.0)
    factors = steering._fitted(found.probabilities[0], CENTERS)
    shifted = Distribution(found.logits + factors[:, None, None], CENTERS, found.prior)
    wanted = encode_soft(ab.T[None, :, :, None], CENTERS, sigma=SPREAD, neighbors=None)
    target = 0.98 * wanted[0, :, :, 0] @ [0.75, 0.25] + 0.02 * found.probabilities.mean((0, 2, 3))
    assert np.allclose(shifted.probabilities.mean((0, 2, 3)), target, atol=0.01)


def test_more_influence_comes_nearer_to_the_reference() -> None:
    found = wavering()
    shares = [
        steered(Steering(CENTERS[[2]], np.ones(1), influence), found)[2]
        for influence in (0.0, 0.5, 1.0)
    ]
    assert shares == sorted(shares)
    assert shares[0] < 0.5 < 0.8 < shares[2]


def test_places_that_fit_best_get_the_rare_color() -> None:
    found = wavering()
    ab = Steering(CENTERS[[1, 2]], np.array([0.9, 0.1]), 1.0).colors(found, temperature=0.05)
    rare = encode_soft(ab, CENTERS, neighbors=1)[0, 2] > 0.5
    odds = found.logits[0, 2] - found.logits[0, 1]
    assert 0.02 < rare.mean() < 0.3
    assert odds[rare].min() > odds[~rare].mean()


def test_a_palette_without_weights_takes_whatever_fits() -> None:
    found = wavering()
    chosen = steered(Steering(CENTERS[[1, 3]], None, 1.0), found)
    assert chosen[[1, 3]].sum() > 0.97
    ab = Steering(CENTERS[[1, 3]], None, 1.0).colors(found, temperature=0.05)
    first = encode_soft(ab, CENTERS, neighbors=1)[0, 1] > 0.5
    assert np.array_equal(first, found.logits[0, 1] > found.logits[0, 3])


def test_a_reference_of_any_kind_is_the_same(tmp_path: Path) -> None:
    picture = scene(60, 80)
    Image.fromarray(picture).save(tmp_path / "r.png")
    data = (tmp_path / "r.png").read_bytes()
    kinds = [picture, Image.fromarray(picture), tmp_path / "r.png", str(tmp_path / "r.png"), data]
    colors = [reference_colors(kind) for kind in kinds]
    assert all(np.array_equal(colors[0], other) for other in colors[1:])
    deep = reference_colors(picture.astype(np.uint16) * 257)
    assert np.allclose(deep, colors[0], atol=1e-3)
    assert np.allclose(reference_colors(picture / 255.0), colors[0], atol=1e-3)


def test_bad_references_are_refused_in_one_line(tmp_path: Path) -> None:
    gray = tmp_path / "gray.png"
    Image.fromarray(scene(40, 40)).convert("L").convert("RGB").save(gray)
    with pytest.raises(WrongInput, match=r"gray\.png is gray"):
        reference_colors(gray)
    with pytest.raises(WrongInput, match="picture is gray"):
        reference_colors(np.full((20, 20), 90, np.uint8))
    (tmp_path / "text.jpg").write_text("Dear grandma")
    with pytest.raises(UnreadablePhoto, match=r"text\.jpg"):
        reference_colors(tmp_path / "text.jpg")
    with pytest.raises(UnreadablePhoto, match=r"no\.jpg"):
        reference_colors(tmp_path / "no.jpg")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"palette": "red", "reference": "x.jpg"}, "not by both"),
        ({"influence": 0.5}, "give one"),
        ({"palette": "red", "influence": 2}, "between 0 and 1"),
        ({"palette": "red", "rebalance": 0.5}, "leave out rebalance"),
    ],
)
def test_nonsense_is_refused(settings: dict[str, object], said: str, hinting: Path) -> None:
    with pytest.raises(WrongInput, match=said):
        Colorizer(hinting, **settings)


def test_a_model_that_does_not_say_is_refused_at_once(small_models: dict[str, Path]) -> None:
    with pytest.raises(ModelError, match="how probable"):
        Colorizer(small_models["fine"], palette="red")


def test_photographs_take_the_reference_colors(hinting: Path, tmp_path: Path) -> None:
    gray = Image.fromarray(scene(90, 120)).convert("L")
    blue = np.zeros((30, 30, 3), np.uint8) + np.array([60, 70, 160], np.uint8)
    plain = np.asarray(Colorizer(hinting)(gray)).astype(int)
    for settings in ({"reference": blue}, {"palette": "#3c46a0"}):
        colorizer = Colorizer(hinting, influence=1, **settings)
        found = np.asarray(colorizer(gray)).astype(int)
        assert (found[..., 2] - found[..., 0]).mean() > (plain[..., 2] - plain[..., 0]).mean() + 20
        again = np.asarray(Image.fromarray(found.astype(np.uint8)).convert("L")).astype(int)
        assert np.abs(again - np.asarray(gray)).max() <= 1
    file = io.BytesIO()
    gray.save(file, "PNG")
    data = Colorizer(hinting, palette="#3c46a0")(file.getvalue())
    assert b"palette=#3c46a0 influence=0.7" in data
