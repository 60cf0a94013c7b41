"""Every network: its card tells the truth, it learns in all its parts, any fitting size will do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from photochrom.architectures.cards import NETWORKS, build_network
from photochrom.architectures.coherence import Coherence
from photochrom.architectures.hint_pyramid import HintPyramid
from photochrom.architectures.prediction import Prediction
from photochrom.errors import UnknownName, WrongInput
from photochrom.recipes import find_recipe

# What makes a network quick to build and run, with all of its kinds of layers left in.
SMALL: dict[str, dict[str, Any]] = {
    "photochrom": {"encoder": "mobilenetv2_050", "widths": (16, 16, 16, 16)},
    "hybrid-unet": {"second": "resnetv2_18", "widths": (4, 8, 8, 16, 16)},
    "fusion": {"encoder": "mobilenetv2_050"},
    "colorunet": {"widths": (4, 8, 8, 16, 16)},
    "vgg-residual": {"encoder": "vgg11"},
    "vgg-bins": {"encoder": "vgg11"},
}
CHANNELS = {"ab": 2, "uv": 2, "bins": 7, "uv-bins": 7}
PUBLISHED = {"cnn": 3_892_194, "resnet18-half": 954_722, "eccv16": 32_236_011}


def small(name: str, *, seed: int = 0) -> torch.nn.Module:
    torch.manual_seed(seed)
    card = NETWORKS[name]
    options: dict[str, Any] = {"pretrained": "none"} if card.encoder else {}
    options |= {"bins": 7} if card.has_bins else {}
    return build_network(name, **options, **SMALL.get(name, {})).eval()


def tensor(prediction: Prediction) -> torch.Tensor:
    found = [v for v in vars(prediction).values() if v is not None]
    assert len(found) == 1
    return found[0]


def test_every_network_has_a_card_a_module_and_a_recipe() -> None:
    package = Path(__file__).parents[2] / "src" / "photochrom" / "architectures"
    shared = {
        "__init__",
        "blocks",
        "cards",
        "coherence",
        "encoders",
        "frame_stack",
        "hint_pyramid",
        "prediction",
        "residual_trunk",
    }
    modules = {p.stem for p in package.glob("*.py")} - shared
    assert modules == {name.replace("-", "_") for name in NETWORKS}
    for name in NETWORKS:
        assert find_recipe(name).is_file()


@pytest.mark.parametrize("name", NETWORKS)
def test_parameters_are_those_of_the_card(name: str) -> None:
    card = NETWORKS[name]
    with torch.device("meta"):
        network = build_network(name, **({"pretrained": "none"} if card.encoder else {}))
    count = sum(p.numel() for p in network.parameters())
    assert count == card.parameters
    assert PUBLISHED.get(name, count) == count


def test_photochrom_is_small() -> None:
    full = build_network("photochrom", pretrained="none").eval()
    assert NETWORKS["photochrom"].parameters <= 10_000_000
    total = 0

    def count(module: torch.nn.Module, inputs: tuple, output: torch.Tensor) -> None:
        nonlocal total
        if isinstance(module, torch.nn.Conv2d):
            total += output[0].numel() * module.weight[0].numel()
        else:
            total += module.weight.numel()

    for module in full.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
            module.register_forward_hook(count)
    with torch.no_grad():
        full(torch.zeros(1, 1, 256, 256))
    assert 0.5e9 < total <= 3e9


@pytest.mark.parametrize("name", NETWORKS)
def test_shape_and_kind_are_those_of_the_card(name: str) -> None:
    card, network = NETWORKS[name], small(name)
    for rows, columns in ((1, 1), (2, 3)):
        step = max(card.multiple_of, 32)
        size = (rows * step, columns * step)
        with torch.no_grad():
            prediction = network(torch.rand(2, 1, *size) * 100)
        h, w = size[0] // card.stride, size[1] // card.stride
        assert prediction.size == (h, w)
        extra = (2,) if card.head == "uv-bins" else ()
        assert tensor(prediction).shape == (2, *extra, CHANNELS[card.head], h, w)
        kind = {"ab": "ab", "uv": "uv", "bins": "logits", "uv-bins": "uv_logits"}[card.head]
        assert getattr(prediction, kind) is not None


@pytest.mark.parametrize("name", NETWORKS)
def test_pictures_do_not_mix_in_evaluation(name: str) -> None:
    network = small(name)
    pictures = torch.rand(3, 1, 32, 32) * 100
    with torch.no_grad():
        together, alone = tensor(network(pictures))[1:2], tensor(network(pictures[1:2]))
    assert torch.allclose(together, alone, atol=1e-3 * alone.abs().max().item() + 1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_gradient_reaches_all_that_is_trained(name: str) -> None:
    network = small(name).train()
    picture = torch.rand(2, 4 if NETWORKS[name].hints else 1, 64, 64) * 100
    tensor(network(picture)).square().mean().backward()
    trained = {k for k, p in network.named_parameters() if p.requires_grad}
    assert {k for k, p in network.named_parameters() if p.grad is not None} == trained
    kept = {k.split(".")[0] for k, _ in network.named_parameters() if k not in trained}
    assert kept <= {"model_out", "model_class", "embedding"}


@pytest.mark.parametrize("name", NETWORKS)
def test_save_load_equal(name: str) -> None:
    network, other = small(name), small(name, seed=1)
    other.load_state_dict(network.state_dict())
    picture = torch.rand(1, 1, 32, 32) * 100
    with torch.no_grad():
        assert torch.equal(tensor(other(picture)), tensor(network(picture)))


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_full_size_forward_and_backward(name: str) -> None:
    card = NETWORKS[name]
    network = build_network(name, **({"pretrained": "none"} if card.encoder else {}))
    # Evaluation mode: one picture has no statistics of a batch.
    out = tensor(network.eval()(torch.rand(1, 1, card.working_size, card.working_size) * 100))
    assert out.shape[-1] == card.working_size // card.stride
    out.float().square().mean().backward()
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    assert all(torch.isfinite(g).all() for g in gradients)
    assert any(g.abs().max() > 0 for g in gradients)


@pytest.mark.parametrize("name", ["vgg-residual", "vgg-bins", "hybrid-unet", "resnet18-half"])
def test_other_encoders(name: str) -> None:
    chosen: dict[str, dict[str, Any]] = {
        "vgg-residual": {"encoder": "alexnet", "deepest": 16},
        "vgg-bins": {"encoder": "resnet18", "deepest": 16, "bins": 7},
        "hybrid-unet": {"encoder": "vgg13", "second": "convnext_atto", "widths": (4, 4, 4, 4, 4)},
        "resnet18-half": {"encoder": "mobilenetv2_050"},
    }
    network = build_network(name, pretrained="none", **chosen[name]).eval()
    with torch.no_grad():
        assert network(torch.zeros(1, 1, 64, 96)).size == (64, 96)


@pytest.mark.parametrize("encoder", ["alexnet", "resnet18", "mobilenetv2_050"])
def test_hybrid_unet_takes_encoders_without_the_first_maps(encoder: str) -> None:
    options = {"encoder": encoder, "second": "resnet18", "widths": (4, 4, 4, 4, 4)}
    network = build_network("hybrid-unet", pretrained="none", **options).eval()
    with torch.no_grad():
        assert network(torch.zeros(1, 1, 64, 96)).size == (64, 96)


def test_a_part_of_an_encoder_can_be_frozen_whole() -> None:
    network = build_network("vgg-residual", pretrained="none", encoder="vgg11", frozen=16)
    encoder = [p for k, p in network.named_parameters() if "encoder." in k]
    assert encoder
    assert not any(p.requires_grad for p in encoder)


def test_colorunet_goes_no_deeper_than_its_card_says() -> None:
    with pytest.raises(WrongInput, match="1 to 5 numbers"):
        build_network("colorunet", widths=(4, 4, 4, 4, 4, 4))


def test_frozen_reaches_both_encoders() -> None:
    options = SMALL["hybrid-unet"]
    network = build_network("hybrid-unet", pretrained="none", frozen=32, **options)
    names = {k.split(".")[0] for k, p in network.named_parameters() if p.requires_grad}
    assert names == {"up", "merge", "head"}


def test_first_attempt_is_the_shallower() -> None:
    counts = [
        sum(p.numel() for p in build_network("cnn", attempt=a).parameters())
        for a in ("first", "second")
    ]
    assert counts[0] < counts[1] / 50
    with pytest.raises(WrongInput, match="third"):
        build_network("cnn", attempt="third")


@pytest.mark.parametrize("name", NETWORKS)
def test_unknown_options_are_named_before_anything_is_built(name: str) -> None:
    with pytest.raises(WrongInput, match="unknown option 'no_such_thing'"):
        build_network(name, no_such_thing=1)


def test_a_decoder_of_other_depth_is_refused() -> None:
    with pytest.raises(WrongInput, match=r"widths must be 5 numbers, not \(4, 4\)"):
        build_network("hybrid-unet", pretrained="none", widths=(4, 4))


def test_class_scores_change_the_colors() -> None:
    network = small("fusion")
    without = build_network("fusion", bins=7, fuse=False)
    assert not any(k.startswith(("embedding", "join")) for k in without.state_dict())
    picture = torch.rand(1, 1, 32, 32) * 100
    with torch.no_grad():
        before = tensor(network(picture))
        network.embedding.register_forward_hook(lambda *_: torch.full((1, 1000), 3.0))
        assert not torch.equal(tensor(network(picture)), before)


@pytest.mark.parametrize("name", [n for n in NETWORKS if NETWORKS[n].hints])
def test_hints_change_the_colors_and_none_are_none(name: str) -> None:
    network = small(name)
    if name == "photochrom":
        # Its hints begin silent.
        torch.manual_seed(0)
        for layer in network.hinted.out:
            torch.nn.init.normal_(layer.weight)
    picture = torch.rand(1, 1, 64, 64) * 100
    hints = torch.zeros(1, 3, 64, 64)
    with torch.no_grad():
        plain = tensor(network(picture))
        assert torch.equal(tensor(network(torch.cat([picture, hints], 1))), plain)
        hints[:, 0, 8:12, 8:12], hints[:, 2, 8:12, 8:12] = 60, 1
        hinted = tensor(network(torch.cat([picture, hints], 1)))
        assert not torch.allclose(hinted, plain, atol=1e-4)


def test_hints_begin_silent() -> None:
    network = small("photochrom")
    picture = torch.rand(1, 4, 64, 96) * 100
    with torch.no_grad():
        assert torch.equal(tensor(network(picture)), tensor(network(picture[:, :1])))


def test_further_blocks_begin_silent_and_learn() -> None:
    without = small("photochrom")
    options = SMALL["photochrom"] | {"bins": 7, "pretrained": "none", "further": (2, 1)}
    network = build_network("photochrom", **options).eval()
    found = network.load_state_dict(without.state_dict(), strict=False)
    assert not found.unexpected_keys
    assert all(key.startswith(network.silent_at_first) for key in found.missing_keys)
    picture = torch.rand(1, 1, 64, 96) * 100
    assert torch.equal(tensor(network(picture)), tensor(without(picture)))
    tensor(network(picture)).square().sum().backward()
    for block in (*network.further32, *network.further16):
        assert block.second[1].weight.grad.abs().max() > 0


def test_coherence_has_no_weights_and_averages_the_logits() -> None:
    without = small("photochrom")
    options = SMALL["photochrom"] | {"bins": 7, "pretrained": "none", "coherence": 0.5}
    network = build_network("photochrom", **options).eval()
    network.load_state_dict(without.state_dict())
    picture = torch.rand(1, 1, 64, 96) * 100
    with torch.no_grad():
        logits, drawn = tensor(without(picture)), tensor(network(picture))
        torch.testing.assert_close(drawn, Coherence(0.5)(logits, picture), atol=1e-4, rtol=1e-4)
    assert not torch.allclose(drawn, logits, atol=1e-3)


def test_maps_of_hints_fit_an_encoder_and_say_what_is_near() -> None:
    pyramid = HintPyramid((5, 6, 7), first=4)
    assert [m.shape[1:] for m in pyramid(torch.rand(1, 3, 70, 99))] == [
        (5, 18, 25),
        (6, 9, 13),
        (7, 5, 7),
    ]
    torch.nn.init.constant_(pyramid.out[0].weight, 1)
    hints = torch.zeros(1, 3, 64, 64)
    hints[:, 1, 40, 40], hints[:, 2, 40, 40] = 30, 1
    found = pyramid(hints)[0][0, 0]
    assert found[8:13, 8:13].abs().max() > 0
    found[7:14, 7:14] = 0
    assert found.abs().max() == 0


def test_released_colors_of_bins() -> None:
    centers = build_network("eccv16").centers()
    assert centers.shape == (313, 2)
    assert torch.allclose(centers, (centers / 10).round() * 10, atol=1e-4)


def test_unknown_names_have_neighbors() -> None:
    with pytest.raises(UnknownName, match="photochrom"):
        build_network("photocrom")
