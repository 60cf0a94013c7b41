"""What changes over a run by position alone: learning rates and the size of crops."""

from __future__ import annotations

import math

from photochrom.training.config import ResizingConfig, TrainingConfig


def rate_factor(progress: float, settings: TrainingConfig) -> float:
    """Factor on the learning rate after ``progress`` (0..1) of a run or stage.

    "one-cycle" rises linearly over ``warmup`` and falls to 1 % on a cosine; "cosine" falls from
    the start; "step" stays after the warmup but for a factor at every step; "constant" stays.
    """
    if settings.schedule != "cosine" and progress < settings.warmup:
        return max(progress / settings.warmup, 0.01)
    if settings.schedule == "constant":
        return 1.0
    if settings.schedule == "step":
        # A hair more, because 0.3 / 0.1 is a hair less than 3.
        return settings.step_factor ** math.floor(progress / settings.step_every + 1e-9)
    start = settings.warmup if settings.schedule == "one-cycle" else 0.0
    fall = min((progress - start) / max(1 - start, 1e-9), 1.0)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * fall))


def crop_size(
    progress: float, size: int, resizing: ResizingConfig | None, *, multiple_of: int
) -> int:
    """Side of the crops in pixels after ``progress`` (0..1) of the whole run.

    ``size`` is the full one, taken as it is. Smaller ones are multiples of both ``multiple_of``,
    what the network takes, and the recipe's ``size_increment``; at least one, never above ``size``.
    """
    if resizing is None or progress >= 1 - resizing.finetune_fraction:
        return size
    growing = 1 - resizing.delay_fraction - resizing.finetune_fraction
    grown = (progress - resizing.delay_fraction) / growing if growing > 0 else 0.0
    scale = resizing.initial_scale + (1 - resizing.initial_scale) * min(max(grown, 0.0), 1.0)
    step = math.lcm(multiple_of, resizing.size_increment)
    return min(max(math.floor(scale * size / step + 0.5), 1) * step, size)
