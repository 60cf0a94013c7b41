"""The optimizer of a recipe, and the rates and frozen parts that stages change."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from photochrom.training.config import TrainingConfig

_PRETRAINED = "network.encoder."


def build_optimizer(task: nn.Module, settings: TrainingConfig) -> torch.optim.Optimizer:
    """Optimizer over what learns, in groups that :func:`set_rates` knows.

    Only matrices and kernels are decayed; pretrained parts are groups of their own.
    """
    groups: dict[tuple[bool, bool], list[Tensor]] = {}
    for name, parameter in task.named_parameters():
        if parameter.requires_grad:
            key = name.startswith(_PRETRAINED), parameter.ndim > 1
            groups.setdefault(key, []).append(parameter)
    described = [
        {"params": p, "pretrained": pretrained, "decays": decays}
        for (pretrained, decays), p in groups.items()
    ]
    rate = settings.learning_rate
    if settings.optimizer == "sgd":
        nesterov = settings.momentum > 0
        return torch.optim.SGD(described, rate, momentum=settings.momentum, nesterov=nesterov)
    kind = torch.optim.AdamW if settings.optimizer == "adamw" else torch.optim.Adam
    return kind(described, rate, betas=(settings.momentum, settings.beta2))


def set_rates(optimizer: torch.optim.Optimizer, settings: TrainingConfig, *, factor: float) -> None:
    """Set the learning rate of every group to the recipe's, times ``factor``."""
    for group in optimizer.param_groups:
        encoder = settings.encoder_rate if group["pretrained"] else 1.0
        group["lr"] = settings.learning_rate * encoder * factor


def enter_stage(
    optimizer: torch.optim.Optimizer, task: nn.Module, settings: TrainingConfig
) -> None:
    """Take over a stage's decay and momenta; learn the pretrained parts, or freeze them."""
    learning = settings.encoder_rate > 0
    for group in optimizer.param_groups:
        group["weight_decay"] = settings.weight_decay if group["decays"] else 0.0
        if "betas" in group:
            group["betas"] = (settings.momentum, settings.beta2)
        else:
            group["momentum"], group["nesterov"] = settings.momentum, settings.momentum > 0
        if group["pretrained"]:
            for parameter in group["params"]:
                parameter.requires_grad_(learning)
    to_training_mode(task, settings)


def to_training_mode(task: nn.Module, settings: TrainingConfig) -> None:
    """Training mode, but for what is frozen: its statistics must stay."""
    task.train()
    for name, module in task.named_modules():
        frozen = settings.frozen_statistics and isinstance(module, _BatchNorm)
        if frozen or (settings.encoder_rate == 0 and f"{name}.".startswith(_PRETRAINED)):
            module.eval()
