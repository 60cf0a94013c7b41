"""Weights kept beside the last checkpoint: those of the best epoch, or of every one."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from photochrom.errors import RecipeError
from photochrom.training.config import BETTER, Recipe
from photochrom.weights.checkpoints import save_weights


class KeptEpochs:
    """Writes averaged weights at the end of epochs, as ``training.keep`` says."""

    def __init__(
        self,
        folder: Path,
        recipe: Recipe,
        best: dict[str, Any] | None,
        *,
        judged: int,
        about: dict[str, Any],
    ) -> None:
        """``best`` is what was the best up to now, from the checkpoint; ``about`` its other facts.

        Raises:
            RecipeError: the best is to be kept, but no pictures are there to judge by.
        """
        if recipe.training.keep == "best" and not judged:
            message = (
                "training.keep = 'best' needs pictures to judge by: at least five in all, and "
                "data.validation above 0"
            )
            raise RecipeError(message)
        self.folder, self.recipe = folder, recipe
        self.best, self.about = best, about

    def add(
        self, images: int, values: dict[str, float], *, task: nn.Module, ema: dict[str, Tensor]
    ) -> None:
        """Take the end of an epoch with its validation ``values``; earlier wins among equals."""
        settings = self.recipe.training
        value = values.get(settings.best_by)
        better = value is not None and math.isfinite(value) and self._beats(value)
        if better:
            self.best = {"by": settings.best_by, "value": value, "images": images}
        facts = self.about | {"images": images, "recipe": self.recipe.to_dict(), "metrics": values}
        if settings.keep == "every" or (settings.keep == "best" and better):
            save_weights(self._file(images), task=task, ema=ema, facts=facts)

    def best_file(self) -> Path | None:
        """The best epoch's weights, if they were kept."""
        if self.best is None or self.recipe.training.keep == "last":
            return None
        file = self._file(self.best["images"])
        return file if file.is_file() else None

    def _file(self, images: int) -> Path:
        every = self.recipe.training.keep == "every"
        return self.folder / (f"epoch-{images:09d}.safetensors" if every else "best.safetensors")

    def _beats(self, value: float) -> bool:
        by = self.recipe.training.best_by
        if self.best is None or self.best["by"] != by:
            return True
        if self.recipe.training.keep == "best" and self.best_file() is None:
            # The run has kept none until now: the best of what is still to come is kept.
            return True
        old: float = self.best["value"]
        return value < old if BETTER[by] == "lower" else value > old


def kept_epochs(folder: Path) -> list[Path]:
    """The files of a run's epochs, in their order."""
    return sorted(folder.glob("epoch-*.safetensors"))
