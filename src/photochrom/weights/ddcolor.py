"""DDColor (Kang et al. 2023) from its authors' files, through the library spandrel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.nn.utils import remove_spectral_norm

from photochrom.architectures.cards import NetworkCard
from photochrom.architectures.prediction import Prediction
from photochrom.backbones.torchvision_operators import declare_torchvision_operators
from photochrom.color.scale import CENTERED
from photochrom.color.spaces import lightness_to_luma
from photochrom.errors import MissingExtra, ModelError

CARD = NetworkCard(
    name="ddcolor",
    summary="ConvNeXt encoder, pixel decoder, color queries, regression of ab",
    source="Kang et al. 2023, DDColor: Towards Photo-Realistic Image Colorization",
    module="spandrel_extra_arches",
    head="ab",
    scale=CENTERED,
    stride=1,
    multiple_of=32,
    parameters=0,
    working_size=512,
)
"""Not one of our networks: it cannot be trained here, so it is in no registry."""


class DDColorNetwork(nn.Module):
    """spandrel's module under our contract."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, lightness: Tensor) -> Prediction:
        """``(B, 1, H, W)`` in 0..100, multiples of 32, to ab of the same size."""
        gray = lightness_to_luma(lightness)
        return Prediction(ab=self.module(gray.expand(-1, 3, -1, -1)))


def load_ddcolor(file: Path, state: dict[str, Tensor]) -> DDColorNetwork:
    """Build the size of DDColor that ``state`` fits; raises :class:`ModelError` if none does."""
    declare_torchvision_operators()
    try:
        from spandrel_extra_arches.architectures.DDColor import DDColorArch
    except ImportError:
        raise MissingExtra("peers", "reading weights of DDColor") from None
    architecture: Any = DDColorArch()
    try:
        module: nn.Module = architecture.load(dict(state)).model
    except Exception as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:200]
        message = f"{file} does not hold the weights of ddcolor: {reason}"
        raise ModelError(message) from error
    for layer in module.modules():
        # A norm that is computed at every run cannot be narrowed; folded in, it is a weight.
        if any(type(h).__name__ == "SpectralNorm" for h in layer._forward_pre_hooks.values()):
            remove_spectral_norm(layer)
    return DDColorNetwork(module.eval())
