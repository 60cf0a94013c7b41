"""Zhang's semantic test: does a classifier see in the result what the picture shows?"""

from __future__ import annotations

import numpy as np
import torch

from photochrom.evaluation.learned import open_network, preparation
from photochrom.evaluation.metric import MeanOverPictures
from photochrom.evaluation.pair import Pair


class Recognition(MeanOverPictures):
    """Share of results whose most probable class is the right one, in percent.

    Zhang et al. 2016, 3.2, with VGG16 as they did unless another network is named. Right is what
    the classifier says of the true picture, which so has 100: sets name what a picture shows in
    words of their own.
    """

    def __init__(
        self,
        backbone: str = "vgg16",
        path: str | None = None,
        *,
        classes: int = 1000,
        device: str = "cpu",
    ) -> None:
        """Open the classifier; arguments and errors as for ``learned.open_network``."""
        self.backbone = backbone
        self._network = open_network(backbone, path, classes=classes, device=device)
        self._prepare = preparation(self._network, device)

    def measure(self, pair: Pair) -> np.ndarray:
        """100 or 0: ``(1,)``."""
        right = pair.of_truth(self, lambda pair: self._answer(pair.true))
        same = pair.predicted is pair.true or self._answer(pair.predicted) == right
        return np.array([100.0 * same])

    @torch.no_grad()
    def _answer(self, rgb: np.ndarray) -> int:
        return int(self._network(self._prepare(rgb)).argmax())


def build(
    _name: str,
    *,
    backbone: str = "vgg16",
    path: str | None = None,
    classes: int = 1000,
    device: str = "cpu",
) -> Recognition:
    """Build the metric."""
    return Recognition(backbone, path, classes=classes, device=device)
