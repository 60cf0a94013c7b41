"""What is known of each network without building it: no torch here."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from photochrom.color.scale import BYTES, CENTERED, UNIT, ZHANG, Scale
from photochrom.registry import Registry, check_options

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
    ``scale`` is that of the network itself, encoders know their own; ``described`` is what the
    source says of it and of how it was trained.
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
    described: str = ""

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
    summary="MobileNetV2 encoder, global context, decoder with hints to 1/4 size, bins head",
    source="this project",
    head="bins",
    scale=CENTERED,
    stride=4,
    multiple_of=32,
    working_size=192,
    parameters=5_994_145,
    encoder="mobilenetv2_100",
    hints=True,
    described=(
        "Made for the embedded model: the best picture for each millisecond on a CPU. A "
        "pretrained encoder, pooled features that tell every place what the whole is, a decoder "
        "with skips to a quarter of the input's size, and a distribution over some 200 bins "
        "that the training pictures support. Trained calibrated; vividness is chosen "
        "afterwards."
    ),
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
    described=(
        "Two encoders pretrained on ImageNet, VGG16 and ResNet50v2, give one rich tensor; a "
        "decoder of deconvolutions takes VGG16's convolutions of the fitting size as skips. "
        "Trained on MIT Places2 with progressive resizing. Good at landscapes, homes, sky and "
        "greenery, bad at patterns and objects. Its authors wished for more weight on rare "
        "colors, against sepia, and for an adversarial loss."
    ),
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
    described=(
        "A table of twelve convolutions, 3,892,194 parameters, trained on 6,000 pictures of MIT "
        "Places with squared error of ab. The first attempt was shallower, at a learning rate "
        'of 0.01, and brown; the second, at 0.001, had the lowest error of all, "yet is not the '
        'most subjectively realistic". Memory (51 GB) was the limit.'
    ),
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
    described=(
        "Printed as code: the first six children of a ResNet-18, its first convolution summed "
        "over RGB, and an upsampling half. 41,000 pictures of MIT Places, 9 hours; the result "
        "of epoch 10 was chosen by eye among all checkpoints, over epochs of lower loss. Its "
        "authors wished for adversarial training, a U-Net, ensembles, more data, and video."
    ),
)
_add(
    "fusion",
    summary="encoder and decoder, class scores of Inception-ResNet-v2 between, 112 bins",
    source="a project poster on digital recoloring, after Zhang et al. and Iizuka et al. 2016",
    head="bins",
    scale=UNIT,
    stride=1,
    multiple_of=8,
    parameters=62_819_320,
    working_size=224,
    encoder="inception_resnet_v2",
    described=(
        "An encoder of 8 convolutions and 4 norms, the 1000 class scores of Inception-ResNet-v2 "
        "joined to it or not, a decoder of 12 convolutions and 3 norms, a softmax over 112 bins "
        "of ab for every pixel. 10,000 pictures of 224 pixels, 12 hours. It could overfit a "
        "tiny set; fusion slowed learning; most colors came out brown. Its authors wished for "
        "color weights and for stacks of consecutive frames."
    ),
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
    described=(
        "Colorization as classification over 32 selected bins: weights that favor rare colors, "
        "an annealed mean whose temperature trades vivid against conservative, a U-Net for the "
        "flow of gradients. 13,469 pictures of nature from SUN and ImageNet, made sevenfold by "
        "flips, noise and crops; batches of 64, 10 hours on K80s."
    ),
)
_add(
    "vgg-residual",
    summary="VGG16 encoder, its maps summed on the way up, regression of U and V",
    source="Hsu and Shiau, Image Colorization with Deep Learning (ASU), after Dahl 2016",
    head="uv",
    scale=CENTERED,
    stride=1,
    multiple_of=8,
    parameters=8_192_674,
    working_size=224,
    encoder="vgg16",
    described=(
        "VGG16 encodes; each layer's output is upscaled and merged with an intermediate output "
        "of VGG16 by elementwise sum, then convolved. BatchNorm before every non-linearity "
        "except the last few layers. U and V of YUV by the squared norms of their differences. "
        'First on "open country" of MIT\'s urban and natural scenes, then on ImageNet; VGG19 and '
        "AlexNet as other backbones."
    ),
)
_add(
    "vgg-bins",
    summary="VGG16 encoder, its maps summed on the way up, equally wide bins of U and of V",
    source="Hsu and Shiau (ASU), after Hwang and Zhou 2016",
    head="uv-bins",
    scale=CENTERED,
    stride=1,
    multiple_of=8,
    parameters=8_180_132,
    working_size=224,
    encoder="vgg16",
    described=(
        "The same trunk, but the space of colors is cut into equally wide bins and the network "
        "names the most probable bin of U and of V for each pixel. Judged by the share of "
        "pixels in the right bin of each channel, and by the difference of saturation."
    ),
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
    described=(
        "Eight stages of convolutions, dilated in the middle, over 313 bins at a quarter of the "
        "size; soft targets, weights that favor rare colors, an annealed mean at temperature "
        "0.38. Trained on ImageNet for some 450,000 steps of 40 crops of 176 pixels. The "
        "baseline of nearly every later paper."
    ),
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
    described=(
        "The stages of eccv16 with skips to full size and three more inputs: hinted a and b, "
        "and where they are. First trained to classify, then by Huber loss on ab with random "
        "hints: a geometric number of points of 1 to 9 pixels around the middle."
    ),
)


def build_network(name: str, *, frames: int = 1, **options: Any) -> nn.Module:
    """Build the network ``name`` with its module's ``build(**options)``; imports torch.

    It takes ``frames`` consecutive frames, see :mod:`photochrom.architectures.frame_stack`.
    """
    from photochrom.architectures.frame_stack import widen

    build = importlib.import_module(NETWORKS[name].module).build
    check_options(build, options)
    network: nn.Module = build(**options)
    return widen(network, frames)
