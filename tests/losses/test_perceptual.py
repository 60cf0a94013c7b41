"""Features that compare and stay hidden: nothing of the encoder is trained or saved."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

from photochrom.errors import ModelError, UnknownName, WrongInput
from photochrom.losses import perceptual
from photochrom.losses.perceptual import Perceptual

SMALL = {"encoder": "resnet10t", "pretrained": "none"}


def pictures(seed: int = 0) -> torch.Tensor:
    return torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(seed))


def small(*layers: str, **options: object) -> Perceptual:
    return Perceptual(layers=layers or ("conv1.0", "layer1"), **(SMALL | options))


def value(loss: Perceptual, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return loss(one, other)["perceptual"]


class Vgg(nn.Module):
    """Like timm's: two blocks whose non-linearities overwrite what the convolutions gave."""

    default_cfg = {"mean": (0.5, 0.25, 0.0), "std": (0.5, 1.0, 2.0)}  # noqa: RUF012

    def __init__(self, norm: bool) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs, ends in ((3, 4, False), (4, 4, True), (4, 8, False), (8, 8, True)):
            layers.append(nn.Conv2d(inputs, outputs, 3, padding=1))
            layers += [nn.BatchNorm2d(outputs)] if norm else []
            layers.append(nn.ReLU(inplace=True))
            layers += [nn.MaxPool2d(2)] if ends else []
        self.features = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.features(x)


@pytest.fixture
def vgg(monkeypatch: pytest.MonkeyPatch) -> Vgg:
    torch.manual_seed(1)
    made = Vgg(norm=False)
    monkeypatch.setattr(perceptual, "create_backbone", lambda *_, **__: made)
    return made


def test_is_the_weighted_l1_of_features_of_normalized_pictures(vgg: Vgg) -> None:
    weights = {"conv1_2": 0.5, "relu2_1": 2.0, "conv2_1": 1.0}
    loss = Perceptual(layers=list(weights), layer_weights=list(weights.values()))
    one, other = pictures(0), pictures(1)
    layers = vgg.features

    def by_hand(rgb: torch.Tensor) -> dict[str, torch.Tensor]:
        mean, std = (torch.tensor(vgg.default_cfg[k]).view(3, 1, 1) for k in ("mean", "std"))
        first = layers[2](layers[0]((rgb - mean) / std).relu())
        second = layers[5](functional.max_pool2d(first.relu(), 2))
        return {"conv1_2": first, "conv2_1": second, "relu2_1": second.relu()}

    ours, theirs = by_hand(one), by_hand(other)
    expected = sum(w * (ours[k] - theirs[k]).abs().mean() for k, w in weights.items())
    assert value(loss, one, other).item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("norm", [False, True])
def test_names_of_the_vgg_paper(norm: bool) -> None:
    network = Vgg(norm)
    for layer, kind in (("conv2_2", nn.Conv2d), ("relu2_2", nn.ReLU)):
        found = network.get_submodule(perceptual._module_name(network, layer))
        assert isinstance(found, kind)
    last = perceptual._module_name(network, "relu2_2")
    assert int(last.rpartition(".")[2]) == len(network.features) - 2
    with torch.device("meta"):
        sixteen = timm.create_model("vgg16_bn", pretrained=False)
    ends = [info["module"] for info in sixteen.feature_info]
    layers = ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3")
    assert [perceptual._module_name(sixteen, layer) for layer in layers] == ends[:5]


def test_nothing_after_the_deepest_layer_is_computed(vgg: Vgg) -> None:
    loss = Perceptual(layers=["conv1_1"])
    vgg.features[2].register_forward_hook(lambda *_: pytest.fail("computed"))
    assert value(loss, pictures(0), pictures(1)) > 0


def test_the_encoder_is_hidden_frozen_and_stays_in_evaluation() -> None:
    loss = small().train()
    encoder = loss._features[0]
    before = copy.deepcopy(encoder.state_dict())
    assert list(loss.parameters()) == []
    assert loss.state_dict() == {}
    one = pictures(0).requires_grad_()
    value(loss, one, pictures(1)).backward()
    assert one.grad is not None
    assert not any(m.training for m in encoder.modules())
    assert all(p.grad is None for p in encoder.parameters())
    assert all(torch.equal(before[k], v) for k, v in encoder.state_dict().items())


def test_the_encoder_moves_along() -> None:
    moved = nn.ModuleDict({"perceptual": small()}).to(torch.float64)["perceptual"]
    assert all(p.dtype == torch.float64 for p in moved._features[0].parameters())
    assert value(moved, pictures(0).double(), pictures(1).double()).dtype == torch.float32


def test_copies_and_repeats() -> None:
    torch.manual_seed(5)
    one = small()
    drawn = torch.rand(1)
    torch.manual_seed(5)
    assert torch.equal(drawn, torch.rand(1)), "building it draws from nobody's generator"
    expected = value(one, pictures(0), pictures(1))
    for other in (copy.deepcopy(one), small()):
        assert torch.equal(value(other, pictures(0), pictures(1)), expected)


def test_weights_of_a_file(tmp_path: Path) -> None:
    torch.manual_seed(3)
    network = timm.create_model("resnet10t", pretrained=False)
    save_file(network.state_dict(), tmp_path / "r.safetensors")
    loss = small(pretrained=str(tmp_path / "r.safetensors"))
    assert loss.caution is None
    kernel = network.get_submodule("conv1.0").weight
    assert torch.equal(loss._features[0].backbone.get_submodule("conv1.0").weight, kernel)
    with pytest.raises(ModelError, match=r"gone\.safetensors"):
        small(pretrained=str(tmp_path / "gone.safetensors"))


def test_untrained_features_are_warned_of() -> None:
    assert "untrained features of resnet10t" in (small().caution or "")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"layers": ["layer9"]}, "layers must be names of its modules, such as layer"),
        ({"layers": [""]}, "layers"),
        ({"layers": []}, "layers must be a list"),
        ({"layers": "layer1"}, "layers must be a list"),
        ({"layers": ["layer1"], "layer_weights": [1, 2]}, "layer_weights must be 1 numbers"),
        ({"layers": ["layer1"], "layer_weights": [-1]}, "layer_weights"),
        ({"layers": ["conv9_9"]}, "layers"),
    ],
)
def test_impossible_options(options: dict[str, object], said: str) -> None:
    with pytest.raises(WrongInput, match=said):
        Perceptual(**(SMALL | options))


def test_unknown_encoder() -> None:
    with pytest.raises(UnknownName, match="resnet99"):
        small(encoder="resnet99")
