from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from photochrom.architectures.cards import NETWORKS, build_network
from photochrom.architectures.encoders import Encoder
from photochrom.errors import ModelError, UnknownName
from photochrom.recipes import find_recipe

SMALL = {"pretrained": "none", "widths": (16, 16, 16, 16), "bins": 7}


@pytest.fixture
def small() -> torch.nn.Module:
    torch.manual_seed(0)
    return build_network("photochrom", **SMALL).eval()


@pytest.fixture(scope="module")
def full() -> torch.nn.Module:
    return build_network("photochrom", pretrained="none").eval()


def test_every_network_has_a_card_a_module_and_a_recipe() -> None:
    package = Path(__file__).parents[2] / "src" / "photochrom" / "architectures"
    shared = {"__init__", "cards", "encoders", "prediction"}
    modules = {p.stem for p in package.glob("*.py")} - shared
    assert modules == {name.replace("-", "_") for name in NETWORKS}
    for name in NETWORKS:
        assert find_recipe(name).is_file()


def test_parameters_are_those_of_the_card(full: torch.nn.Module) -> None:
    count = sum(p.numel() for p in full.parameters())
    assert count == NETWORKS["photochrom"].parameters
    assert count <= 10_000_000


def test_operations(full: torch.nn.Module) -> None:
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


@pytest.mark.parametrize("size", [(32, 32), (64, 96), (112, 112)])
def test_output_is_a_quarter(small: torch.nn.Module, size: tuple[int, int]) -> None:
    logits = small(torch.zeros(2, 1, *size)).logits
    assert logits.shape == (2, 7, size[0] // 4, size[1] // 4)


def test_pictures_do_not_mix_in_evaluation(small: torch.nn.Module) -> None:
    pictures = torch.rand(3, 1, 64, 64) * 100
    together = small(pictures).logits
    assert torch.allclose(together[1:2], small(pictures[1:2]).logits, atol=1e-4)


def test_gradient_reaches_every_parameter(small: torch.nn.Module) -> None:
    small.train()
    small(torch.rand(2, 1, 64, 64) * 100).logits.square().mean().backward()
    without = [k for k, p in small.named_parameters() if p.grad is None]
    assert without == []


def test_save_load_equal(small: torch.nn.Module) -> None:
    other = build_network("photochrom", **SMALL).eval()
    other.load_state_dict(small.state_dict())
    picture = torch.rand(1, 1, 64, 64) * 100
    assert torch.equal(other(picture).logits, small(picture).logits)


def test_frozen_layers_do_not_move() -> None:
    network = build_network("photochrom", **SMALL, frozen=4).train()
    backbone = network.encoder.backbone
    early = [backbone.conv_stem, backbone.bn1, backbone.blocks[0], backbone.blocks[1]]
    assert not any(p.requires_grad for m in early for p in m.parameters())
    assert all(p.requires_grad for p in backbone.blocks[2].parameters())
    before = {k: v.clone() for k, v in network.state_dict().items()}
    network(torch.rand(4, 1, 64, 64) * 100)
    after = network.state_dict()
    moved = {k for k in before if not torch.equal(before[k], after[k])}
    prefix = "encoder.backbone."
    assert not [
        k for k in moved if k.startswith((f"{prefix}bn1", f"{prefix}blocks.0", f"{prefix}blocks.1"))
    ]
    assert [k for k in moved if k.startswith(f"{prefix}blocks.2")]


def test_encoder_weights_from_a_file_of_an_rgb_network(tmp_path: Path) -> None:
    import timm

    state = timm.create_model("mobilenetv2_050", num_classes=10).state_dict()
    path = tmp_path / "encoder.safetensors"
    save_file({k: v.half() if v.is_floating_point() else v for k, v in state.items()}, path)
    encoder = Encoder("mobilenetv2_050", pretrained=str(path))
    stem = encoder.backbone.conv_stem.weight
    assert torch.allclose(stem, state["conv_stem.weight"].half().float().sum(1, keepdim=True))


@pytest.mark.parametrize("name", ["mobilenetv2_100", "resnet18"])
def test_encoder_contract(name: str) -> None:
    encoder = Encoder(name, pretrained="none").eval()
    maps = encoder(torch.zeros(1, 1, 64, 64))
    assert [m.shape[-1] for m in maps] == [16, 8, 4, 2]
    assert tuple(m.shape[1] for m in maps) == encoder.channels


def test_errors(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="mobilenet"):
        Encoder("mobilenet_v9", pretrained="none")
    with pytest.raises(ModelError, match=r"none\.safetensors"):
        Encoder(pretrained=str(tmp_path / "none.safetensors"))
    save_file({"x": torch.zeros(1)}, tmp_path / "x.safetensors")
    with pytest.raises(ModelError, match="does not fit"):
        Encoder(pretrained=str(tmp_path / "x.safetensors"))
    with pytest.raises(UnknownName, match="photochrom"):
        build_network("photocrom")
