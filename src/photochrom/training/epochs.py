"""Weights kept beside the last checkpoint: those of the best epoch, or of every one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from photochrom.training.config import BETTER, Recipe
from photochrom.weights.checkpoints import save_weights


class KeptEpochs:
    """Writes averaged weights at the end of epochs, as ``training.keep`` says."""

    def __init__(self, folder: Path, recipe: Recipe, best: dict[str, Any] | None) -> None:
        """``best`` is what was the best up to now, from the checkpoint."""
        self.folder, self.recipe = folder, recipe
        self.best = best

    def add(
        self, images: int, values: dict[str, float], *, task: nn.Module, ema: dict[str, Tensor]
    ) -> None:
        """Take the end of an epoch with its validation ``values``; earlier wins among equals."""
        settings = self.recipe.training
        value = values.get(settings.best_by)
        better = value is not None and self._beats(value)
        if better:
            self.best = {"by": settings.best_by, "value": value, "images": images}
        facts = {"images": images, "recipe": self.recipe.to_dict(), "metrics": values}
        if settings.keep == "every":
            save_weights(epoch_path(self.folder, images), task=task, ema=ema, facts=facts)
        elif settings.keep == "best" and better:
            save_weights(self.folder / "best.safetensors", task=task, ema=ema, facts=facts)

    def _beats(self, value: float) -> bool:
        by = self.recipe.training.best_by
        if self.best is None or self.best["by"] != by:
            return True
        old: float = self.best["value"]
        return value < old if BETTER[by] == "lower" else value > old


def epoch_path(folder: Path, images: int) -> Path:
    """File of the epoch that ended after so many images."""
    return folder / f"epoch-{images:09d}.safetensors"


def kept_epochs(folder: Path) -> list[Path]:
    """The files of a run's epochs, in their order."""
    return sorted(folder.glob("epoch-*.safetensors"))
