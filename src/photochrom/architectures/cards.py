"""What is known of each network without building it: no torch here."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from photochrom.color.scale import BYTES, CENTERED, UNIT, ZHANG, Scale
from photochrom.registry import Registry

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class NetworkCard:
    """Facts about an architecture.

    Attributes: ``head`` is "ab" or "uv" (color itself), "bins" (logits over bins of ab) or
    "uv-bins" (over bins of U and of V); ``stride`` is input size over output size; height and
    width must be multiples of ``multiple_of``; ``working_size`` is the shorter side, in pixels,
    at which its source shows it pictures; ``parameters`` counts them at the default options;
    ``source`` says who described it; ``encoder`` is the backbone that it is built on, if any, in
    whose place a recipe may put another; ``hints`` says whether it takes hinted colors;
    ``scale`` is that of the network itself, encoders know their own.
    """

    name: str
    summary: str
    source: str
    module: str
    head: str
    scale: Scale
    stride: int
    multiple_of: int
    parameters: int
    working_size: int = 256
    encoder: str = ""
    hints: bool = False

    @property
    def has_bins(self) -> bool:
        """Whether it is built for a bin system."""
        return self.head in ("bins", "uv-bins")


NETWORKS: Registry[NetworkCard] = Registry("network")


def _add(name: str, **facts: Any) -> None:
    """A network's module is its name."""
    module = f"photochrom.architectures.{name.replace('-', '_')}"
    NETWORKS.add(name, NetworkCard(name=name, module=module, **facts))


_add(
    "photochrom",
    summary="MobileNetV2 encoder, global context, residual decoder to 1/4 size, bins head",
    source="this project",
    head="bins",
    scale=CENTERED,
    stride=4,
    multiple_of=32,
    parameters=5_964_065,
    encoder="mobilenetv2_100",
)
_add(
    "hybrid-unet",
    summary="VGG16 and ResNet50v2 side by side, U-Net decoder with VGG16's skips",
    source="Chen, Li, Rajesh and Vong, Restoring B+W Photos (Brown University)",
    head="ab",
    scale=CENTERED,
    stride=1,
    multiple_of=32,
    parameters=51_219_042,
    working_size=224,
    encoder="vgg16",
)
_add(
    "cnn",
    summary="plain convolutions down to 1/8 and up again, regression of ab",
    source="Bolker and Prochowski, Colorizing Old Black & White Photos with CNNs (NYU)",
    head="ab",
    scale=UNIT,
    stride=1,
    multiple_of=8,
    parameters=3_892_194,
)
_add(
    "resnet18-half",
    summary="first half of a ResNet-18, upsampling convolutions, regression of ab",
    source="Bolker and Prochowski (NYU), after Melas-Kyriazi",
    head="ab",
    scale=BYTES,
    stride=1,
    multiple_of=8,
    parameters=954_722,
    encoder="resnet18",
)
_add(
    "fusion",
    summary="encoder and decoder, class scores of Inception-ResNet-v2 between, 112 bins",
    source="a project poster on digital recoloring, after Zhang et al. and Baldassarre et al. 2017",
    head="bins",
    scale=UNIT,
    stride=1,
    multiple_of=8,
    parameters=62_819_320,
    working_size=224,
    encoder="inception_resnet_v2",
)
_add(
    "colorunet",
    summary="U-Net that classifies each pixel into one of 32 bins",
    source="Billaut, de Rochemonteix and Thibault 2018, ColorUNet",
    head="bins",
    scale=UNIT,
    stride=1,
    multiple_of=16,
    parameters=7_763_488,
)
_add(
    "vgg-residual",
    summary="VGG16 encoder, its maps summed on the way up, regression of U and V",
    source="Hsu and Shiao, Image Colorization with Deep Learning (ASU), after Dahl 2016",
    head="uv",
    scale=CENTERED,
    stride=1,
    multiple_of=8,
    parameters=8_192_674,
    working_size=224,
    encoder="vgg16",
)
_add(
    "vgg-bins",
    summary="VGG16 encoder, its maps summed on the way up, equally wide bins of U and of V",
    source="Hsu and Shiao (ASU), after Hwang and Zhou 2016",
    head="uv-bins",
    scale=CENTERED,
    stride=1,
    multiple_of=8,
    parameters=8_180_132,
    working_size=224,
    encoder="vgg16",
)
_add(
    "eccv16",
    summary="eight stages of dilated convolutions to 1/4 size, 313 bins",
    source="Zhang, Isola and Efros 2016, Colorful Image Colorization",
    head="bins",
    scale=ZHANG,
    stride=4,
    multiple_of=8,
    parameters=32_236_011,
)
_add(
    "siggraph17",
    summary="the same stages with skips, hinted colors beside the lightness, regression of ab",
    source="Zhang et al. 2017, Real-Time User-Guided Image Colorization",
    head="ab",
    scale=ZHANG,
    stride=1,
    multiple_of=8,
    parameters=34_187_027,
    hints=True,
)


def build_network(name: str, **options: Any) -> nn.Module:
    """Build the network ``name`` with its module's ``build(**options)``; imports torch."""
    card = NETWORKS[name]
    network: nn.Module = importlib.import_module(card.module).build(**options)
    return network
