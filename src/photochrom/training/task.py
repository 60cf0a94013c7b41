"""What is learned: a network, a loss, and the bins between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from photochrom.architectures.cards import NETWORKS, build_network
from photochrom.color.bins import chosen_bins, supported_grid, zhang_313
from photochrom.color.encoding import annealed_mean
from photochrom.color.spaces import rgb_to_lab
from photochrom.data.draws import Draws
from photochrom.data.exposure import vary_exposure
from photochrom.errors import RecipeError, WrongInput
from photochrom.losses.cards import LOSSES, build_loss
from photochrom.training.config import BinsConfig, Recipe


def choose_bins(config: BinsConfig, histogram: np.ndarray) -> np.ndarray:
    """Centers ``(Q, 2)`` of the recipe's bin system, for pictures with this ab histogram."""
    if config.system == "supported-grid":
        return supported_grid(histogram, spacing=config.spacing, share=config.share)
    if config.system == "chosen":
        return chosen_bins(histogram, config.count)
    if config.system == "zhang-313":
        return zhang_313()
    return np.zeros((0, 2), dtype=np.float32)


@contextmanager
def _naming(section: str) -> Iterator[None]:
    """Turn what a module says of unfit options into an error that names their section."""
    try:
        yield
    except (TypeError, ValueError, RuntimeError, WrongInput) as error:
        message = f"{section}: {' '.join(str(error).split())}"
        raise RecipeError(message) from error


class ColorizationTask(nn.Module):
    """RGB crops in, ``{"loss": ..., part: ...}`` out; the loop knows nothing else."""

    centers: Tensor
    prior: Tensor

    def __init__(self, recipe: Recipe, *, centers: np.ndarray, prior: np.ndarray) -> None:
        """``centers`` ``(Q, 2)`` and ``prior`` ``(Q,)``; both empty for regression."""
        super().__init__()
        card, loss = NETWORKS[recipe.network.name], LOSSES[recipe.loss.name]
        if loss.head not in (card.head, "any"):
            message = f"loss.name: {loss.name} trains {loss.head}, {card.name} gives {card.head}"
            raise RecipeError(message)
        if card.head == "bins" and not len(centers):
            message = f"bins.system must name a bin system, because {card.name} gives bins"
            raise RecipeError(message)
        options = dict(recipe.network.options)
        if card.head == "bins":
            options["bins"] = len(centers)
        with _naming("network.options"):
            self.network = build_network(recipe.network.name, **options)
        with _naming("loss.options"):
            self.loss = build_loss(recipe.loss.name, **recipe.loss.options)
        self.noise, self.tone = recipe.data.noise, recipe.data.tone
        self.register_buffer("centers", torch.as_tensor(centers))
        self.register_buffer("prior", torch.as_tensor(prior))

    def forward(self, rgb: Tensor, draws: Draws | None = None) -> dict[str, Tensor]:
        """Loss of ``(B, 3, H, W)`` uint8 crops; with draws the lightness is varied."""
        lab = rgb_to_lab(rgb.float() / 255)
        lightness = lab[:, :1]
        if draws is not None and (self.noise or self.tone):
            lightness = vary_exposure(lightness, draws, noise=self.noise, tone=self.tone)
        prediction = self.network(lightness)
        if prediction.logits is not None:
            ab = functional.adaptive_avg_pool2d(lab[:, 1:], prediction.logits.shape[-2:])
            parts = self.loss(prediction.logits, ab, centers=self.centers, prior=self.prior)
        else:
            ab = functional.adaptive_avg_pool2d(lab[:, 1:], prediction.ab.shape[-2:])
            parts = self.loss(prediction.ab, ab)
        return {"loss": torch.stack(list(parts.values())).sum(), **parts}

    @torch.no_grad()
    def colorize(self, lightness: Tensor) -> Tensor:
        """``(B, 1, H, W)`` in 0..100 to ab ``(B, 2, H, W)``, at temperature 1, for samples."""
        prediction = self.network(lightness)
        ab = prediction.ab
        if prediction.logits is not None:
            ab = annealed_mean(prediction.logits.float(), self.centers)
        return functional.interpolate(ab, size=lightness.shape[-2:], mode="bicubic")
