"""Encoders from timm: what stays frozen, what is refused, and that the network exports."""

from __future__ import annotations

import importlib.machinery
import sys
import types
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import save_file

from photochrom.architectures.cards import build_network
from photochrom.architectures.encoders import Encoder
from photochrom.backbones.torchvision_operators import declare_torchvision_operators
from photochrom.errors import ModelError, NotDownloaded, UnknownName, WrongInput


def frozen_parts(encoder: Encoder) -> set[str]:
    names = [n for n, p in encoder.backbone.named_parameters() if not p.requires_grad]
    return {
        ".".join(n.split(".")[:2]) if n.startswith("blocks") else n.split(".")[0] for n in names
    }


@pytest.mark.parametrize(
    ("name", "frozen", "parts"),
    [
        ("mobilenetv2_050", 0, set()),
        ("mobilenetv2_050", 2, {"conv_stem", "bn1", "blocks.0"}),
        ("mobilenetv2_050", 4, {"conv_stem", "bn1", "blocks.0", "blocks.1"}),
        ("resnet18", 2, {"conv1", "bn1"}),
        ("resnet18", 4, {"conv1", "bn1", "layer1"}),
    ],
)
def test_frozen_is_exactly_the_layers_up_to_a_stride(
    name: str, frozen: int, parts: set[str]
) -> None:
    encoder = Encoder(name, pretrained="none", frozen=frozen).train()
    assert frozen_parts(encoder) == parts
    for part in parts:
        module = encoder.backbone.get_submodule(part)
        assert not any(p.requires_grad for p in module.parameters())
        leaves = [m for m in module.modules() if list(m.parameters(recurse=False))]
        assert not any(m.training for m in leaves)


def test_frozen_layers_stand_still_in_a_training_step() -> None:
    torch.manual_seed(0)
    network = build_network(
        "photochrom", bins=5, widths=(8, 8, 8, 8), encoder="mobilenetv2_050", pretrained="none",
        frozen=4,
    ).train()  # fmt: skip
    before = {k: v.clone() for k, v in network.encoder.backbone.state_dict().items()}
    trained = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=0.1)
    network(torch.rand(4, 1, 64, 64) * 100).logits.square().mean().backward()
    optimizer.step()
    after = network.encoder.backbone.state_dict()
    still = {k for k in before if torch.equal(before[k], after[k])}
    first = ("conv_stem.", "bn1.", "blocks.0.", "blocks.1.")
    assert {k for k in before if k.startswith(first)} <= still
    others = {k for k in before if not k.startswith(first)}
    kernels = {k for k in others if before[k].ndim == 4}
    assert not still & (kernels | {k for k in others if "running" in k})


def check_one_line(error: pytest.ExceptionInfo[Exception]) -> None:
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 600


def test_weights_of_another_width_do_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "half.safetensors"
    save_file(timm.create_model("mobilenetv2_050", num_classes=0).state_dict(), path)
    with pytest.raises(ModelError, match=r"half\.safetensors does not fit") as error:
        Encoder("mobilenetv2_100", pretrained=str(path))
    check_one_line(error)


def test_a_file_that_lacks_a_layer_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "part.safetensors"
    state = timm.create_model("mobilenetv2_050", num_classes=0).state_dict()
    state.pop("conv_head.weight")
    save_file(state, path)
    with pytest.raises(ModelError, match=r"conv_head\.weight") as error:
        Encoder("mobilenetv2_050", pretrained=str(path))
    check_one_line(error)


def test_not_safetensors(tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(b"weights")
    with pytest.raises(ModelError, match=r"x\.safetensors") as error:
        Encoder("mobilenetv2_050", pretrained=str(tmp_path / "x.safetensors"))
    check_one_line(error)


def test_download_that_fails_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*args: object, **options: object) -> None:
        raise OSError("many\nlines")

    monkeypatch.setattr(timm, "create_model", offline)
    with pytest.raises(NotDownloaded, match="mobilenetv2_050 cannot be downloaded") as error:
        Encoder("mobilenetv2_050", pretrained="timm")
    check_one_line(error)


def test_encoder_without_maps_of_many_sizes() -> None:
    with pytest.raises(WrongInput, match="vit_tiny_patch16_224 gives no maps") as error:
        Encoder("vit_tiny_patch16_224", pretrained="none")
    check_one_line(error)


def test_encoder_weights_from_a_file_of_an_rgb_network(tmp_path: Path) -> None:
    state = timm.create_model("mobilenetv2_050", num_classes=10).state_dict()
    path = tmp_path / "encoder.safetensors"
    save_file({k: v.half() if v.is_floating_point() else v for k, v in state.items()}, path)
    encoder = Encoder("mobilenetv2_050", pretrained=str(path))
    stem = encoder.backbone.conv_stem.weight
    assert torch.allclose(stem, state["conv_stem.weight"].half().float().sum(1, keepdim=True))


@pytest.mark.parametrize(
    "name", ["mobilenetv2_100", "resnet18", "vgg16", "alexnet", "convnext_atto"]
)
def test_encoder_contract(name: str) -> None:
    encoder = Encoder(name, pretrained="none").eval()
    with torch.no_grad():
        maps = encoder(torch.zeros(1, 1, 64, 64))
    # AlexNet does not pad its pooling.
    sides = [15, 7, 3, 1] if name == "alexnet" else [16, 8, 4, 2]
    assert [m.shape[-1] for m in maps] == sides
    assert tuple(m.shape[1] for m in maps) == encoder.channels


@pytest.mark.parametrize("name", ["vgg11", "resnet18", "resnetv2_18", "alexnet"])
def test_layers_behind_the_last_map_are_left_out(name: str) -> None:
    torch.manual_seed(0)
    whole = Encoder(name, pretrained="none").eval()
    cut = Encoder(name, strides=(4, 8), deepest=False, pretrained="none").eval()
    state = whole.backbone.state_dict()
    assert set(cut.backbone.state_dict()) < set(state)
    cut.backbone.load_state_dict({k: state[k] for k in cut.backbone.state_dict()})
    picture = torch.rand(1, 1, 64, 64) * 100
    with torch.no_grad():
        for a, b in zip(cut(picture), whole(picture), strict=False):
            assert torch.equal(a, b)
    assert cut.channels == whole.channels[:2]


def test_normalization_is_that_of_the_backbone() -> None:
    scales = [Encoder(n, pretrained="none").scale for n in ("mobilenetv2_050", "resnetv2_18")]
    assert scales[0].lightness_center == pytest.approx(44.9, abs=0.05)
    assert scales[1].lightness_center == scales[1].lightness_span == 50.0


def test_errors(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="mobilenet"):
        Encoder("mobilenet_v9", pretrained="none")
    with pytest.raises(ModelError, match=r"none\.safetensors"):
        Encoder("mobilenetv2_050", pretrained=str(tmp_path / "none.safetensors"))
    save_file({"x": torch.zeros(1)}, tmp_path / "x.safetensors")
    with pytest.raises(ModelError, match="does not fit"):
        Encoder("mobilenetv2_050", pretrained=str(tmp_path / "x.safetensors"))


def test_network_exports() -> None:
    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = build_network(
                "photochrom", bins=5, widths=(8, 8, 8, 8), encoder="mobilenetv2_050",
                pretrained="none",
            )  # fmt: skip

        def forward(self, lightness: torch.Tensor) -> torch.Tensor:
            return self.network(lightness).logits

    torch.manual_seed(0)
    plain = Logits().eval()
    exported = torch.export.export(plain, (torch.rand(1, 1, 64, 96) * 100,))
    picture = torch.rand(1, 1, 64, 96) * 100
    assert torch.allclose(exported.module()(picture), plain(picture), atol=1e-5)


def test_torchvision_imports_beside_this_torch() -> None:
    declare_torchvision_operators()
    from torchvision.transforms import v2

    assert v2.CenterCrop(4)(torch.zeros(1, 8, 8)).shape == (1, 4, 4)


def test_a_torchvision_that_loads_keeps_its_own_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    # As everywhere but on Linux with a CPU torch: declaring a name twice stops the process there.
    declare_torchvision_operators()
    working = types.ModuleType("torchvision")
    working.__spec__ = importlib.machinery.ModuleSpec("torchvision", None)
    monkeypatch.setitem(sys.modules, "torchvision", working)
    assert declare_torchvision_operators.__wrapped__() is None
