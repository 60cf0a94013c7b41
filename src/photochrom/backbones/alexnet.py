"""AlexNet as an encoder: torchvision has it, timm does not."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from photochrom.backbones.torchvision_operators import declare_torchvision_operators


def alexnet_url() -> str:
    """Where torchvision has its weights."""
    declare_torchvision_operators()
    from torchvision.models import AlexNet_Weights

    return str(AlexNet_Weights.DEFAULT.url)


class AlexNet(nn.Module):
    """torchvision's AlexNet, for RGB or gray, with what timm's backbones say of themselves."""

    num_features = 256
    default_cfg = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}  # noqa: RUF012
    feature_info = [  # noqa: RUF012
        {"num_chs": 64, "reduction": 4, "module": "features.1"},
        {"num_chs": 192, "reduction": 8, "module": "features.4"},
        {"num_chs": 256, "reduction": 16, "module": "features.11"},
        {"num_chs": 256, "reduction": 32, "module": "features.12"},
    ]

    def __init__(self, *, pretrained: bool, channels: int = 1, classes: int = 0) -> None:
        """``classes`` 0 leaves the dense layers out; else there must be 1000."""
        super().__init__()
        declare_torchvision_operators()
        from torchvision.models import AlexNet_Weights, alexnet

        network = alexnet(weights=AlexNet_Weights.DEFAULT if pretrained else None)
        if channels == 1:
            first = network.features[0]
            gray = nn.Conv2d(1, first.out_channels, 11, stride=4, padding=2)
            gray.weight.data = first.weight.data.sum(1, keepdim=True)
            gray.bias = first.bias
            network.features[0] = gray
        self.features: Any = network.features
        self.classifier = None
        if classes:
            self.pool, self.classifier = network.avgpool, network.classifier

    def prune_intermediate_layers(self, indices: list[int]) -> None:
        """Leave out the layers after the last of these maps."""
        last = int(self.feature_info[max(indices)]["module"].split(".")[1])  # type: ignore[attr-defined]
        self.features = self.features[: last + 1]

    def forward_intermediates(
        self,
        x: Tensor,
        *,
        indices: list[int],
        intermediates_only: bool = False,
        stop_early: bool = False,
    ) -> Any:
        """Final features and the maps at ``indices`` of ``feature_info``, or the maps alone."""
        wanted = {self.feature_info[i]["module"] for i in indices}
        maps = []
        for number, layer in enumerate(self.features):
            x = layer(x)
            if f"features.{number}" in wanted:
                maps.append(x)
        return maps if intermediates_only else (x, maps)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, 1, H, W)`` to ``(B, 1000)`` scores."""
        assert self.classifier is not None
        scores: Tensor = self.classifier(self.pool(self.features(x)).flatten(1))
        return scores
