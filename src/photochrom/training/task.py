"""What is learned: a network, a loss, and the bins between them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from photochrom.architectures.cards import NETWORKS, NetworkCard, build_network
from photochrom.architectures.frame_stack import as_stack, middle
from photochrom.color.bins import chosen_bins, equi_width_uv, supported_grid, zhang_313
from photochrom.color.spaces import rgb_to_lab
from photochrom.data.draws import Draws
from photochrom.data.exposure import training_lightness
from photochrom.data.hints import reveal
from photochrom.errors import ModelError, NotDownloaded, RecipeError, WrongInput
from photochrom.losses.cards import LOSSES, build_loss
from photochrom.training.config import BinsConfig, Recipe
from photochrom.training.pairs import Pairs
from photochrom.weights.models import MODELS


def choose_bins(config: BinsConfig, histogram: np.ndarray) -> np.ndarray:
    """Centers ``(Q, 2)`` of the recipe's bin system, for pictures with this ab histogram."""
    if config.system == "supported-grid":
        return supported_grid(histogram, spacing=config.spacing, share=config.share)
    if config.system == "chosen":
        return chosen_bins(histogram, config.count)
    if config.system == "zhang-313":
        return zhang_313()
    if config.system == "equi-width-uv":
        return equi_width_uv(config.count)
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
        card = NETWORKS[recipe.network.name]
        if card.has_bins != bool(len(centers)):
            needs = f"{card.name} gives {card.head}, bins.system = {recipe.bins.system!r} does not"
            message = f"bins.system: {needs} fit it"
            raise RecipeError(message)
        options = recipe.network.options | _encoder_options(recipe, card)
        if card.has_bins:
            options["bins"] = len(centers)
        with _naming("network.options" if not card.encoder else "network.options or encoder"):
            self.network = _build_network(recipe, card, options)
        self.losses, self.weights = _build_losses(recipe, card)
        self.judge: Callable[[Pairs], Tensor] | None = None
        self.judge_weight = recipe.adversarial.weight
        self.card, self.hints, data = card, card.hints, recipe.data
        self.other_encoder = "" if recipe.encoder.name == card.encoder else recipe.encoder.name
        self.frames = recipe.network.frames
        self.hinted = data.hinted
        self.film, self.noise, self.tone = data.film, data.noise, data.tone
        # In the layout in which a checkpoint gives them back: products round as the layout is.
        self.register_buffer("centers", torch.tensor(centers).contiguous())
        self.register_buffer("prior", torch.tensor(prior))

    @property
    def cautions(self) -> list[str]:
        """What a person should know before a long run: one line for each part that has any."""
        found = {n: getattr(part, "caution", None) for n, part in self.losses.items()}
        return [f"loss.{name}: {text}" for name, text in found.items() if text]

    def forward(self, rgb: Tensor, draws: Draws | None = None) -> dict[str, Tensor]:
        """Loss of uint8 crops as for :meth:`pairs`; with draws the lightness is varied."""
        pairs = self.pairs(rgb, draws)
        parts: dict[str, Tensor] = {}
        total = torch.zeros((), device=rgb.device)
        for name, loss in self.losses.items():
            found = loss(*pairs.of(LOSSES[name].compares), **pairs.extra(LOSSES[name].compares))
            parts |= found
            total = total + self.weights[name] * torch.stack(list(found.values())).sum()
        if self.judge is not None and self.training:
            parts["adversarial"] = self.judge(pairs)
            total = total + self.judge_weight * parts["adversarial"]
        return {"loss": total, **parts}

    def pairs(self, rgb: Tensor, draws: Draws | None = None) -> Pairs:
        """What the network makes of ``(B, 3, H, W)`` uint8 crops, beside the truth.

        Or of ``(B, F, 3, H, W)``, F consecutive frames of each. Networks that take hints are given
        random ones, and none without draws.
        """
        rgb = (rgb if rgb.ndim == 5 else rgb[:, None]).float() / 255
        stack = rgb_to_lab(rgb.flatten(0, 1)).unflatten(0, rgb.shape[:2])
        lightness, lab = stack[:, :, 0], stack[:, rgb.shape[1] // 2]
        if draws is not None:
            lightness = training_lightness(
                rgb, lightness, draws, film=self.film, noise=self.noise, tone=self.tone
            )
        seen = as_stack(lightness, self.frames)
        if self.hints and draws is not None:
            seen = torch.cat([seen, reveal(lab[:, 1:], draws, share=self.hinted)], 1)
        return Pairs(self.network(seen), middle(lightness), lab, self.centers, self.prior)

    @torch.no_grad()
    def colorize(self, lightness: Tensor) -> Tensor:
        """``(B, 1, H, W)`` in 0..100 to ab ``(B, 2, H, W)``, at temperature 1, for samples."""
        ab = self.network(as_stack(lightness, self.frames)).to_ab(lightness, self.centers)
        return functional.interpolate(ab, size=lightness.shape[-2:], mode="bicubic")

    @torch.no_grad()
    def check_size(self, size: int) -> None:
        """Raise :class:`RecipeError` if the network cannot take crops of this side.

        What is no multiple of the card's is tried, not refused: some networks round. So are other
        encoders than the card's: some need more.
        """
        multiple = self.card.multiple_of
        if size % multiple == 0 and not self.other_encoder:
            return
        was_training = self.training
        try:
            seen = torch.full((1, self.frames, size, size), 50.0)
            hints = seen.new_zeros(1, 3 if self.hints else 0, size, size)
            self.eval().network(torch.cat([seen, hints], 1))
        except RuntimeError as error:
            message = (
                f"data.size = {size}: {self.card.name} takes multiples of {multiple} pixels, "
                f"such as {-(-size // multiple) * multiple}"
                if size % multiple
                else f"crops of {size} pixels are too small for {self.card.name} on "
                f"{self.other_encoder}: raise data.size or resizing.initial_scale"
            )
            raise RecipeError(message) from error
        finally:
            self.train(was_training)


def _build_network(recipe: Recipe, card: NetworkCard, options: dict[str, Any]) -> nn.Module:
    """The network; what cannot be downloaded is an error that names the options to do without."""
    try:
        return build_network(card.name, frames=recipe.network.frames, **options)
    except NotDownloaded as error:
        first = error.network == (recipe.encoder.name or card.encoder)
        key = "encoder.pretrained" if first else "network.options.second_pretrained"
        ways = [f"--set {key}=FILE.safetensors (from a file)", f"--set {key}=none (from nothing)"]
        if card.name in MODELS:
            ways.insert(0, f"--set training.start_from={card.name} (the model's own)")
        message = f"{error}. Without a network use {', '.join(ways[:-1])} or {ways[-1]}"
        raise ModelError(message) from error


def _encoder_options(recipe: Recipe, card: NetworkCard) -> dict[str, Any]:
    """What the section ``encoder`` says; RecipeError where it would have no effect."""
    chosen = recipe.encoder
    if card.encoder:
        twice = chosen.options().keys() & recipe.network.options.keys()
        if twice:
            key = min(twice)
            said = "name" if key == "encoder" else key
            message = f"network.options.{key}: the section encoder decides; set encoder.{said}"
            raise RecipeError(message)
        return chosen.options()
    # "none" is as true of a network without an encoder as of one whose encoder knows nothing.
    told = {"name": chosen.name, "frozen": chosen.frozen,
            "pretrained": chosen.pretrained not in ("timm", "none")}  # fmt: skip
    for key, value in told.items():
        if value:
            message = f"encoder.{key}: {card.name} is built on no encoder"
            raise RecipeError(message)
    return {}


def _build_losses(recipe: Recipe, card: NetworkCard) -> tuple[nn.ModuleDict, dict[str, float]]:
    """The parts of the recipe's loss by name, and their weights."""
    if not recipe.loss:
        message = f"the recipe has no loss; there are: {', '.join(LOSSES)}"
        raise RecipeError(message)
    built, weights = nn.ModuleDict(), {}
    for name, section in recipe.loss.items():
        if not LOSSES[name].trains(card.head):
            kind = LOSSES[name].compares
            message = f"loss.{name} trains networks of {kind}, {card.name} gives {card.head}"
            raise RecipeError(message)
        options = dict(section)
        weights[name] = options.pop("weight", 1.0)
        number = isinstance(weights[name], int | float) and weights[name] is not True
        if not number or not 0 <= weights[name] < math.inf:
            message = f"loss.{name}.weight must be a number from 0 up, not {weights[name]!r}"
            raise RecipeError(message)
        try:
            with _naming(f"loss.{name}"):
                built[name] = build_loss(name, **options)
        except NotDownloaded as error:
            message = (
                f"{error}. Without a network use --set loss.{name}.pretrained=FILE.safetensors"
            )
            raise ModelError(message) from error
    return built, weights
