"""The losses by name; no torch here."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from photochrom.registry import Registry, check_options

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class LossCard:
    """Facts about a loss.

    ``compares`` is what its ``forward(predicted, true)`` takes: "bins" (logits, and ab at their
    size, with ``centers`` and ``prior``), "uv-bins" (likewise for U and V), or, for networks with
    any head, "ab" (Lab units), "uv" (BT.601), both at the network's output size, or "rgb" (0..1,
    at the full size of the picture). ``forward`` returns the loss by the name of each part.
    """

    name: str
    summary: str
    source: str
    module: str
    compares: str

    def trains(self, head: str) -> bool:
        """Whether a network with this head can be trained with it."""
        return self.compares not in ("bins", "uv-bins") or self.compares == head


LOSSES: Registry[LossCard] = Registry("loss")


def _add(name: str, compares: str, summary: str, source: str) -> None:
    module = f"photochrom.losses.{name.replace('-', '_')}"
    LOSSES.add(name, LossCard(name, summary, source, module, compares))


_add(
    "cross-entropy",
    "bins",
    "cross-entropy over color bins, soft or hard targets, rare colors reweighted",
    "Zhang et al. 2016, section 2.2",
)
_add(
    "uv-cross-entropy",
    "uv-bins",
    "cross-entropy over equi-width bins of U and of V, hard or soft targets",
    "Hsu and Shiau, section 2.6, after Hwang and Zhou 2016",
)
_add(
    "mean-squared-error",
    "ab",
    "squared ab error, in units of (ab / 110)",
    "the regression that every later paper compares with",
)
_add(
    "mean-absolute-error",
    "ab",
    "absolute ab error, in units of (ab / 110)",
    "Kang et al. 2023 (DDColor), section 3.4",
)
_add(
    "huber",
    "ab",
    "squared below `delta` Lab units, absolute above, in units of (ab / 110)",
    "Zhang et al. 2017, section 3.1",
)
_add(
    "squared-uv",
    "uv",
    "squared error of U and V",
    "Hsu and Shiau, section 2.7, after Dahl 2016",
)
_add(
    "ab-gradient",
    "ab",
    "absolute error of the steps of ab between neighbors, against color that bleeds",
    "gradient difference loss of Mathieu et al. 2016, section 3.2, on ab",
)
_add(
    "perceptual",
    "rgb",
    "absolute difference of a pretrained encoder's features, VGG16's by default",
    "Johnson et al. 2016; layers and weights of Kang et al. 2023 (DDColor)",
)
_add(
    "colorfulness",
    "rgb",
    "1 - colorfulness / 100 of the predicted picture, against dull color",
    "Kang et al. 2023 (DDColor), section 3.4; Hasler and Suesstrunk 2003",
)


def build_loss(name: str, **options: Any) -> nn.Module:
    """Build the loss ``name`` with its module's ``build(**options)``; imports torch."""
    build = importlib.import_module(LOSSES[name].module).build
    check_options(build, options)
    loss: nn.Module = build(**options)
    return loss
