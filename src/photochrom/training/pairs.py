"""Prediction and truth side by side, in every form that a loss compares."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional

from photochrom.architectures.prediction import Prediction
from photochrom.color.scale import CENTERED
from photochrom.color.spaces import lab_to_rgb, rgb_to_yuv


@dataclass(frozen=True)
class Pairs:
    """What was predicted beside what is true, in the form that each kind of loss compares.

    ``lightness`` ``(B, 1, H, W)`` is what the network saw, ``lab`` ``(B, 3, H, W)`` the truth.
    """

    prediction: Prediction
    lightness: Tensor
    lab: Tensor
    centers: Tensor
    prior: Tensor

    def of(self, kind: str) -> tuple[Tensor, Tensor]:
        """(predicted, true) as the loss card's ``compares`` says."""
        found = self.prediction
        if kind == "rgb":
            return self._rgb
        if kind == "uv-bins":
            assert found.uv_logits is not None
            return found.uv_logits, self._true_uv
        if kind == "uv":
            return self._uv(), self._true_uv
        if kind == "bins":
            assert found.logits is not None
            return found.logits, self._true_ab
        return self._ab, self._true_ab

    def extra(self, kind: str) -> dict[str, Tensor]:
        """What losses over bins also need."""
        return {"centers": self.centers, "prior": self.prior} if "bins" in kind else {}

    def beside_lightness(self, *, chroma: float = 1.0) -> tuple[Tensor, Tensor]:
        """(predicted, true) as ``(B, 3, H, W)``: the true L and ab, both scaled to about -1..1.

        The true ab is multiplied by ``chroma``, and made as small and enlarged as the predicted: a
        critic would else look at sharpness, not at color.
        """
        lightness = CENTERED.lightness_in(self.lab[:, :1])
        predicted, true = (
            torch.cat([lightness, CENTERED.ab_in(enlarge(ab, self.lab))], 1)
            for ab in (self._ab, chroma * self._true_ab)
        )
        return predicted, true

    @cached_property
    def _true_ab(self) -> Tensor:
        return functional.adaptive_avg_pool2d(self.lab[:, 1:], self.prediction.size)

    @cached_property
    def _true_uv(self) -> Tensor:
        uv = rgb_to_yuv(lab_to_rgb(self.lab))[:, 1:]
        return functional.adaptive_avg_pool2d(uv, self.prediction.size)

    @cached_property
    def _ab(self) -> Tensor:
        return self.prediction.to_ab(self.lightness, self.centers).float()

    @cached_property
    def _rgb(self) -> tuple[Tensor, Tensor]:
        ab = enlarge(self._ab, self.lab)
        # Beside the true lightness: a loss on RGB is to judge colors alone.
        predicted = lab_to_rgb(torch.cat([self.lab[:, :1], ab], 1)).clamp(0, 1)
        return predicted, lab_to_rgb(self.lab).clamp(0, 1)

    def _uv(self) -> Tensor:
        if self.prediction.uv is not None or self.prediction.uv_logits is not None:
            return self.prediction.to_uv(self.centers).float()
        lightness = functional.adaptive_avg_pool2d(self.lightness, self.prediction.size)
        yuv: Tensor = rgb_to_yuv(lab_to_rgb(torch.cat([lightness, self._ab], 1)))
        return yuv[:, 1:]


def enlarge(ab: Tensor, like: Tensor) -> Tensor:
    """``(B, 2, h, w)`` to the height and width of ``like``."""
    return functional.interpolate(ab, size=like.shape[-2:], mode="bilinear", align_corners=False)
