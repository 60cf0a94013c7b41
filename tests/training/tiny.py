"""The smallest network that a run can train, without BatchNorm: parts of a batch stay apart."""

from __future__ import annotations

from torch import Tensor, nn

from photochrom.architectures.cards import NetworkCard
from photochrom.architectures.encoders import Encoder
from photochrom.architectures.prediction import Prediction
from photochrom.color.scale import CENTERED

CARD = NetworkCard(
    name="tiny",
    summary="two convolutions",
    source="these tests",
    module="tests.training.tiny",
    head="bins",
    scale=CENTERED,
    stride=4,
    multiple_of=4,
    parameters=0,
)
RECIPE = """
name = "tiny"
[network]
name = "tiny"
[bins]
system = "chosen"
count = 8
[loss.cross-entropy]
[data]
size = 16
validation = 2
workers = 0
noise = 5.0
tone = 0.3
[training]
images = 32
batch_size = 4
epoch_images = 16
precision = "fp32"
"""


class Front(Encoder):
    """Layers that stand for a pretrained encoder's, without a backbone of timm."""

    def __init__(self, *layers: nn.Module) -> None:
        nn.Module.__init__(self)
        self.layers = nn.Sequential(*layers)
        self.frozen = []

    def __getitem__(self, index: int) -> nn.Module:
        return self.layers[index]

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class Tiny(nn.Module):
    """``(B, 1, H, W)`` to logits ``(B, bins, H/4, W/4)``; ``norm`` adds BatchNorm."""

    def __init__(self, *, bins: int, norm: bool = False) -> None:
        super().__init__()
        layers = [nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8) if norm else nn.Identity()]
        self.encoder = Front(*layers)
        self.head = nn.Conv2d(8, bins, 4, stride=4)

    def forward(self, lightness: Tensor) -> Prediction:
        return Prediction(logits=self.head(self.encoder(lightness / 50 - 1).relu()))


def build(**options: object) -> Tiny:
    return Tiny(**options)
