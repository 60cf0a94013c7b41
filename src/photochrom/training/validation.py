"""Judges a network on the pictures that training never sees."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from photochrom.color.colorfulness import colorfulness
from photochrom.color.spaces import lab_to_rgb, rgb_to_lab
from photochrom.data.dataset import Crops
from photochrom.data.pictures import Pictures
from photochrom.data.transforms import NONE
from photochrom.evaluation.auc import AbErrors
from photochrom.training.divergence import check_colors
from photochrom.training.task import ColorizationTask

AT_ONCE = 32
ASTRAY = 2.0
"""So many times the squared error of gray is worth a word: vivid colors alone stay below it."""


class Validation:
    """The pictures to judge by, each as its largest centred square at ``size`` pixels."""

    def __init__(self, pictures: Pictures, *, size: int, seed: int) -> None:
        """``seed`` orders them, once and for all."""
        self._crops = Crops(pictures, size=size, augmentation=NONE, seed=seed)
        self._gray = 0.0

    def __len__(self) -> int:
        return len(self._crops.pictures)

    def first(self, count: int) -> Tensor:
        """The first pictures, ``(count or fewer, 3, size, size)`` uint8."""
        return torch.stack([self._crops[i] for i in range(min(count, len(self)))])

    @torch.no_grad()
    def judge(self, task: ColorizationTask, device: torch.device) -> dict[str, float]:
        """Loss and metrics of a task in evaluation mode; nothing if there are no pictures.

        The mean squared error is that of a and b in Lab units, AuC and rebalanced AuC are in
        percent; the colorfulness difference is the mean of the pictures' absolute differences.
        Raises :class:`TrainingError` for colors that are not finite.
        """
        if not len(self):
            return {}
        errors, differences, loss, squares, gray = AbErrors(), [], 0.0, 0.0, 0.0
        for start in range(0, len(self), AT_ONCE):
            stop = min(start + AT_ONCE, len(self))
            rgb = torch.stack([self._crops[i] for i in range(start, stop)]).to(device)
            loss += len(rgb) * task(rgb)["loss"].item()
            lab = rgb_to_lab(rgb.float() / 255)
            ab = task.colorize(lab[:, :1]).float()
            check_colors(ab)
            predicted = lab_to_rgb(torch.cat([lab[:, :1], ab], 1)).clamp(0, 1) * 255
            squares += (ab - lab[:, 1:]).square().mean((1, 2, 3)).sum().item()
            gray += lab[:, 1:].square().mean((1, 2, 3)).sum().item()
            for pair in zip(_arrays(ab), _arrays(lab[:, 1:]), strict=True):
                errors.add(*pair)
            for one, true in zip(_arrays(predicted), _arrays(rgb), strict=True):
                differences.append(abs(colorfulness(one) - colorfulness(true)))
        self._gray = gray / len(self)
        return {
            "validation/loss": loss / len(self),
            "validation/mse": squares / len(self),
            "validation/auc": errors.auc(),
            "validation/rebalanced_auc": errors.rebalanced_auc(),
            "validation/colorfulness_difference": float(np.mean(differences)),
        }

    def remark(self, values: dict[str, float]) -> str:
        """What to say of figures that :meth:`judge` gave last: "" but for colors far astray."""
        error = values.get("validation/mse", 0.0)
        if error <= ASTRAY * max(self._gray, 1.0):
            return ""
        return (
            f"these colors are further from the truth than gray is (mean squared error "
            f"{error:,.0f}, of gray {self._gray:,.0f}): too few steps as yet, or a "
            "training.learning_rate that is too high"
        )


def _arrays(batch: Tensor) -> np.ndarray:
    array: np.ndarray = batch.cpu().numpy()
    return array
