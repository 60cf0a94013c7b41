"""Networks from timm for gray and for RGB; what cannot be had is said in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import save_file
from torch import nn

from photochrom.backbones.creation import create_backbone
from photochrom.errors import ModelError


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "resnet.safetensors"
    save_file(timm.create_model("resnet10t", pretrained=False).state_dict(), path)
    return path


def test_a_gray_picture_is_to_the_gray_network_what_it_is_to_the_rgb_one(weights: Path) -> None:
    gray, rgb = (create_backbone("resnet10t", str(weights), channels=c).eval() for c in (1, 3))
    picture = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.allclose(gray(picture), rgb(picture.expand(-1, 3, -1, -1)), atol=1e-4)


def test_classes_come_from_the_file_too(weights: Path) -> None:
    network = create_backbone("resnet10t", str(weights), classes=1000).eval()
    assert network(torch.zeros(1, 1, 32, 32)).shape == (1, 1000)
    with pytest.raises(ModelError, match="another shape"):
        create_backbone("resnet10t", str(weights), classes=10)


def test_without_classes_a_vgg_has_no_dense_layers() -> None:
    with torch.device("meta"):
        network = create_backbone("vgg11", "none")
    assert isinstance(network.pre_logits, nn.Identity)
    assert sum(p.numel() for p in network.parameters()) < 10_000_000


@pytest.mark.parametrize("channels", [1, 3])
def test_weights_that_tensorflow_trained_are_the_same_function(
    monkeypatch: pytest.MonkeyPatch, channels: int
) -> None:
    """Of an even picture: others are seen a pixel aside after every halving."""
    create, twins = timm.create_model, []

    def trained(name: str, *, pretrained: bool = False, **options: int) -> nn.Module:
        network = create(name, pretrained=False, **options)
        if pretrained:
            twins.append(network)
            torch.manual_seed(1)
            for part in network.modules():
                if isinstance(part, nn.BatchNorm2d):
                    part.running_mean.normal_(0, 0.1)
                    part.running_var.uniform_(1e-3, 1)
        return network

    monkeypatch.setattr(timm, "create_model", trained)
    network = create_backbone("efficientnet_lite1", "timm", channels=channels, classes=5).eval()
    (twin,) = (t.eval() for t in twins)
    level = torch.tensor([0.2, 0.5, 0.7])[:channels, None, None]
    seen = {}
    for one in (network, twin):
        mean, std = (torch.tensor(one.default_cfg[key])[:, None, None] for key in ("mean", "std"))
        if channels == 1:
            mean, std = mean.mean(0, keepdim=True), std.mean(0, keepdim=True)
        even = ((level - mean) / std).expand(channels, 512, 512)[None]
        with torch.no_grad():
            maps = one.forward_intermediates(even, indices=[1, 2], intermediates_only=True)
        seen[one] = [m[0, :, m.shape[2] // 2, m.shape[3] // 2] for m in maps]
    for ours, theirs in zip(seen[network], seen[twin], strict=True):
        assert theirs.std() > 0
        assert torch.allclose(ours, theirs, rtol=1e-3, atol=1e-3 * float(theirs.abs().max()))
