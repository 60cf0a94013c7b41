"""``cnn``: the plain network of Bolker and Prochowski (NYU), layer for layer as printed.

The table is that of the "100-line" colorizer; what it does not print is taken from there: ReLU,
tanh at the end, nearest-neighbor upsampling, the stride in every second layer, ab / 128. The first
attempt, "less deep", has no table: it is that colorizer's first version. "We standardize the train
data" comes without figures: L is brought to 0..1.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from photochrom.architectures.cards import NETWORKS
from photochrom.architectures.prediction import Prediction
from photochrom.errors import WrongInput

UP = 0
"""In a plan: double the size."""

# (channels, stride) of each convolution.
PLANS: dict[str, tuple[tuple[int, int], ...]] = {
    "second": (
        (64, 1), (64, 2), (128, 1), (128, 2), (256, 1), (256, 2), (512, 1), (256, 1), (128, 1),
        (UP, 2), (64, 1), (UP, 2), (32, 1), (2, 1), (UP, 2),
    ),
    "first": (
        (8, 2), (8, 1), (16, 1), (16, 2), (32, 1), (32, 2),
        (UP, 2), (32, 1), (UP, 2), (16, 1), (UP, 2), (2, 1),
    ),
}  # fmt: skip


class CNN(nn.Module):
    """Gray ``(B, 1, H, W)``, L in 0..100, to ab ``(B, 2, H, W)``."""

    def __init__(self, *, attempt: str = "second") -> None:
        """``attempt`` is the document's "first", shallower network or the "second"."""
        super().__init__()
        if attempt not in PLANS:
            message = f"attempt must be one of {', '.join(PLANS)}, not {attempt!r}"
            raise WrongInput(message)
        self.scale = NETWORKS["cnn"].scale
        self.plan = PLANS[attempt]
        self.convolutions = nn.ModuleList()
        width = 1
        for channels, stride in self.plan:
            if channels != UP:
                self.convolutions.append(nn.Conv2d(width, channels, 3, stride, padding=1))
                width = channels

    def forward(self, lightness: Tensor) -> Prediction:
        """``(B, 1, H, W)`` in 0..100 to ab of the same size."""
        x = self.scale.lightness_in(lightness)
        layers = iter(self.convolutions)
        for channels, _ in self.plan:
            if channels == UP:
                x = functional.interpolate(x, scale_factor=2, mode="nearest")
            else:
                x = next(layers)(x)
                x = x.tanh() if channels == 2 else x.relu()
        return Prediction(ab=self.scale.ab_out(x))


def build(**options: object) -> CNN:
    """Build the network."""
    return CNN(**options)  # type: ignore[arg-type]
